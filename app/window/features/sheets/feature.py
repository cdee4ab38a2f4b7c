"""The features of a topic: map sheets, their editor, printing and atlases."""

from __future__ import annotations

from app.window.feature import Feature

FEATURES: tuple[type[Feature], ...] = ()

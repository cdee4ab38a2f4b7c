"""The features of a topic: the report, its blocks and the deck."""

from __future__ import annotations

from app.window.feature import Feature

FEATURES: tuple[type[Feature], ...] = ()

"""Features of a topic: timeline."""

from __future__ import annotations

from app.window.feature import Feature

FEATURES: tuple[type[Feature], ...] = ()

"""Features of a topic: trends."""

from __future__ import annotations

from app.window.feature import Feature

FEATURES: tuple[type[Feature], ...] = ()

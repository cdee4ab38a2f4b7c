"""Features of a topic: alarms."""

from __future__ import annotations

from app.window.feature import Feature

FEATURES: tuple[type[Feature], ...] = ()

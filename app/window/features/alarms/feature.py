"""Features of a topic: alarms."""

from __future__ import annotations

from app.window.feature import Feature
from app.window.features.alarms.alarms import AlarmList

FEATURES: tuple[type[Feature], ...] = (AlarmList,)

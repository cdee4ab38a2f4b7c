"""Features of a topic: timeline."""

from __future__ import annotations

from app.window.feature import Feature
from app.window.features.timeline.sensor_charts import SensorCharts
from app.window.features.timeline.time_line import TimeLine

FEATURES: tuple[type[Feature], ...] = (TimeLine, SensorCharts)

"""Features of a topic: readings."""

from __future__ import annotations

from app.window.feature import Feature
from app.window.features.readings.importing import ReadingImport
from app.window.features.readings.readings_list import ReadingsList
from app.window.features.readings.sources import Sources

FEATURES: tuple[type[Feature], ...] = (ReadingImport, ReadingsList, Sources)

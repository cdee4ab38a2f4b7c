"""The features of a topic: map sheets, their editor, printing and atlases."""

from __future__ import annotations

from app.window.feature import Feature
from app.window.features.sheets.atlas import AtlasMaker
from app.window.features.sheets.sheets import Sheets

FEATURES: tuple[type[Feature], ...] = (Sheets, AtlasMaker)

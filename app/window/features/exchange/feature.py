"""Features of a topic: exchange."""

from __future__ import annotations

from app.window.feature import Feature
from app.window.features.exchange.three_levels import ThreeLevels

FEATURES: tuple[type[Feature], ...] = (ThreeLevels,)

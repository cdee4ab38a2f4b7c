"""Features of a topic: cases."""

from __future__ import annotations

from app.window.feature import Feature
from app.window.features.cases.command import Command

FEATURES: tuple[type[Feature], ...] = (Command,)

"""The features of scene presets."""

from app.window.feature import Feature

FEATURES: tuple[type[Feature], ...] = ()

"""The features of pipe networks."""

from app.window.feature import Feature

FEATURES: tuple[type[Feature], ...] = ()

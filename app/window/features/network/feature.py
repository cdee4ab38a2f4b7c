"""The features of pipe networks."""

from app.window.feature import Feature
from app.window.features.network.pipe_view import PipeViewing

FEATURES: tuple[type[Feature], ...] = (PipeViewing,)

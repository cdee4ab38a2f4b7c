"""The features of pipe networks."""

from app.window.feature import Feature
from app.window.features.network.pipe_view import PipeViewing
from app.window.features.network.profile import Profile

FEATURES: tuple[type[Feature], ...] = (PipeViewing, Profile)

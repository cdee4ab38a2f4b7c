"""The features of pipe networks."""

from app.window.feature import Feature
from app.window.features.network.pipe_view import PipeViewing
from app.window.features.network.profile import Profile
from app.window.features.network.simulation import Simulation
from app.window.features.network.tracing import Networks

FEATURES: tuple[type[Feature], ...] = (PipeViewing, Networks, Profile, Simulation)

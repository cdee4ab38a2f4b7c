"""The feature of this topic."""

from app.window.features.checks.checks import Checks

FEATURES = (Checks,)

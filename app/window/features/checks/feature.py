"""The feature of model checks."""

from app.window.features.checks.checks import Checks

FEATURES = (Checks,)

"""The feature of this topic."""

from app.window.features.style.styles import Styles

FEATURES = (Styles,)

"""The feature of layer styles."""

from app.window.features.style.styles import Styles

FEATURES = (Styles,)

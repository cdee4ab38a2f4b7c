"""The feature of this topic."""

from app.window.features.review.topics import Topics

FEATURES = (Topics,)

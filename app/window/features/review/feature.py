"""The feature of review topics."""

from app.window.features.review.topics import Topics

FEATURES = (Topics,)

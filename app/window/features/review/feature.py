"""The features of a review: its topics, its agenda."""

from app.window.features.review.agenda import Agenda
from app.window.features.review.topics import Topics

FEATURES = (Topics, Agenda)

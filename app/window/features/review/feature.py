"""The features of a review: its topics, its agenda, and presenting it."""

from app.window.features.review.agenda import Agenda
from app.window.features.review.presenter.presenter import Presenter
from app.window.features.review.topics import Topics

FEATURES = (Topics, Agenda, Presenter)

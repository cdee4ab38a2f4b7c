"""The features of a review: its topics and opinions, its agenda, and presenting it."""

from app.window.features.review.agenda import Agenda
from app.window.features.review.opinions import Opinions
from app.window.features.review.presenter.presenter import Presenter

FEATURES = (Opinions, Agenda, Presenter)

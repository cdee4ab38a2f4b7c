"""The features of a review: its topics and opinions, its agenda, presenting it, and videos."""

from app.window.features.review.agenda import Agenda
from app.window.features.review.opinions import Opinions
from app.window.features.review.presenter.presenter import Presenter
from app.window.features.review.video import Videos

FEATURES = (Opinions, Agenda, Presenter, Videos)

"""The features of a topic: review packages, hand-over folders and the paper set."""

from __future__ import annotations

from app.window.feature import Feature
from app.window.features.delivery.handing_over import HandingOver
from app.window.features.delivery.packages import Packages
from app.window.features.delivery.paper_sets import PaperSets

FEATURES: tuple[type[Feature], ...] = (HandingOver, Packages, PaperSets)

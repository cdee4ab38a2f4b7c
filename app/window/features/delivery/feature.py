"""The features of a topic: review packages, hand-over folders and the paper set."""

from __future__ import annotations

from app.window.feature import Feature
from app.window.features.delivery.handing_over import HandingOver

FEATURES: tuple[type[Feature], ...] = (HandingOver,)

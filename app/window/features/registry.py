"""The topics of which the window is made: a topic is added or taken away with its folder and its line here.

A topic's folder holds ``actions.py`` (rows of the action table, panels, menus; no Qt) and ``feature.py``, whose
``FEATURES`` are made in their order with the window. Both are imported by name, so that the action table does not bring
Qt along and a topic that is not listed is not imported.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

#: Made in this order, which is also that of their entries in the menu of an object.
TOPICS = (
    "project",
    "bim",
    "crs",
    "checks",
    "review",
    "sheets",
    "report",
    "delivery",
    "style",
    "query",
    "layers",
    "views",
    "facilities",
    "network",
    "scenes",
    "readings",
    "alarms",
    "timeline",
    "cases",
    "exchange",
    "trends",
    "health",
)


def modules(name: str) -> list[ModuleType]:
    """Return one module of each topic: ``"actions"`` or ``"feature"``."""
    return [import_module(f"{__package__}.{topic}.{name}") for topic in TOPICS]

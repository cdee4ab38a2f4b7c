"""Actions and panels of a topic: topics of a review."""

from __future__ import annotations

from app.actions.action import Action, Panel, Submenu
from app.actions.conditions import has_city, has_topics

ACTIONS: tuple[Action, ...] = (
    Action("topics.new", "topics:new", "chats", "model.topics/7", "Ctrl+Shift+N", enabled=has_city, order=3),
    Action("topics.import", "topics:import_bcf", "download-simple", "model.topics/7", order=3),
    Action("topics.export", "topics:export_bcf", "export", "model.topics/7", enabled=has_topics, order=3),
)  # fmt: skip
PANELS: tuple[Panel, ...] = (Panel("topics", "chats", "right", "Ctrl+0", order=10, tab=5),)
SUBMENUS: tuple[Submenu, ...] = (Submenu("model.topics", "chats"),)

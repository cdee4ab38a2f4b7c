"""Actions and panels of a topic: agenda and topics of a review."""

from __future__ import annotations

from app.actions.action import Action, Panel, Submenu
from app.actions.conditions import has_agenda, has_city, has_opinions, has_topics

ACTIONS: tuple[Action, ...] = (
    Action("review.present", "presenter:toggle", "presentation-chart", "review/1", "F11", enabled=has_city),
    Action("agenda.open", "agenda:open", "list-numbers", "review/1", enabled=has_city),
    Action("agenda.add", "agenda:add", "plus", "review/1", "Ctrl+Shift+B", enabled=has_city),
    Action("agenda.export", "agenda:export", "export", "review/1", enabled=has_agenda),
    Action("opinions.capture", "topics:capture", "note-pencil", "review/2", "O", enabled=has_city),
    Action("opinions.open", "topics:open", "chats", "review/2"),
    Action("opinions.table", "topics:export_table", "table", "review/2", enabled=has_opinions),
    Action("opinions.minutes", "topics:export_minutes", "file-text", "review/2", enabled=has_opinions),
    Action("opinions.import", "topics:import_table", "download-simple", "review/2", enabled=has_opinions),
    Action("video.make", "video:make", "film-strip", "review/6", enabled=has_city),
    Action("topics.new", "topics:new", "chats", "model.topics/7", "Ctrl+Shift+N", enabled=has_city, order=3),
    Action("topics.import", "topics:import_bcf", "download-simple", "model.topics/7", order=3),
    Action("topics.export", "topics:export_bcf", "export", "model.topics/7", enabled=has_topics, order=3),
)  # fmt: skip
PANELS: tuple[Panel, ...] = (
    Panel("topics", "chats", "right", "Ctrl+0", order=10, tab=5),
    Panel("agenda", "list-numbers", "right", "", order=50, tab=50, at_first=False),
)
SUBMENUS: tuple[Submenu, ...] = (Submenu("model.topics", "chats"),)

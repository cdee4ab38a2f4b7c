"""The parts of the View menu that belong to the window itself, and its panel of messages."""

from __future__ import annotations

from app.actions.action import Action, Panel, Submenu
from app.actions.conditions import lang_is, look_is

ACTIONS: tuple[Action, ...] = (
    Action("view.full_screen", "display:toggle_full_screen", "arrows-out", "view/6", "Shift+F11"),
    Action("view.theme.light", "display:set_theme", "sun", "view.theme/7", checked=look_is("light"),
           argument="light", exclusive="theme"),
    Action("view.theme.dark", "display:set_theme", "moon", "view.theme/7", checked=look_is("dark"),
           argument="dark", exclusive="theme"),
    Action("view.theme.system", "display:set_theme", "desktop", "view.theme/7", checked=look_is("system"),
           argument="system", exclusive="theme"),
    Action("view.lang.zh", "display:set_lang", "", "view.lang/8", checked=lang_is("zh"), argument="zh",
           exclusive="language"),
    Action("view.lang.en", "display:set_lang", "", "view.lang/8", checked=lang_is("en"), argument="en",
           exclusive="language"),
)  # fmt: skip
MESSAGES = Panel("messages", "chat-text", "bottom", "Ctrl+7", order=7, tab=3)
SUBMENUS = (
    Submenu("view.panels", "layout", before="view.full_screen"),
    Submenu("view.theme", "palette", before="view.full_screen"),
    Submenu("view.lang", "translate", before="view.full_screen"),
)

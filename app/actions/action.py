"""The rows of the action table: an action, the panel of a feature, a menu within a menu. No Qt here."""

from __future__ import annotations

from dataclasses import dataclass

from app.actions.conditions import Condition, always


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a person can do.

    Parameters
    ----------
    id : str
        ``"file.open"``; its word is ``action.file.open``.
    run : str
        ``"feature:method"``: the name of a feature and the method that is called, with ``argument`` where there is one.
    icon : str
        Name in the icon family, empty for none.
    menu : str
        Menu and group in it: ``"file/1"``; of a submenu ``"model.check/7"``, the group being its own in the menu above;
        empty for the command palette alone.
    shortcut : str
        Portable keys, several apart by ``"; "``.
    tools : int
        Group in the tool bar, 0 for none.
    enabled : callable
        Whether it can be done now.
    checked : callable or None
        Whether it is on, for those that are switched.
    argument : str
    order : int
        Place in its group, where the order of the features is not the one wanted.
    exclusive : str
        Name of a set of switched actions of which one is on at a time; those of ``"colours"`` also stand in the tool
        bar's menu of what the city is coloured by.
    """

    id: str
    run: str
    icon: str = ""
    menu: str = ""
    shortcut: str = ""
    tools: int = 0
    enabled: Condition = always
    checked: Condition | None = None
    argument: str = ""
    order: int = 0
    exclusive: str = ""

    @property
    def word(self) -> str:
        """Return the word key of its name."""
        return f"action.{self.id}"

    @property
    def tip(self) -> str:
        """Return the word key of the sentence that explains it; indicators, which editions name, share one."""
        return "action.health.show.tip" if self.id.startswith("health.show.") else f"action.{self.id}.tip"


@dataclass(frozen=True, slots=True)
class Panel:
    """A dockable panel; ``panel.<name>`` is its word.

    Parameters
    ----------
    name : str
    icon : str
    area : str
        ``"left"``, ``"right"`` or ``"bottom"``.
    shortcut : str
    order : int
        Place in the menu of panels.
    tab : int
        Place among the tabs of its area.
    at_first : bool
        Whether a panel at the side stands there before anybody asks for it; one for a task comes with its task, so that
        the tabs of the others stay whole words.
    """

    name: str
    icon: str
    area: str
    shortcut: str
    order: int
    tab: int
    at_first: bool = True


@dataclass(frozen=True, slots=True)
class Submenu:
    """A menu within a menu; ``menu.<path>`` is its word.

    Parameters
    ----------
    path : str
        ``"model.check"``: the menu above and its own name.
    icon : str
    after : str
        Id of the action after which it stands; empty where its first action says so.
    before : str
        Id of the action before which it stands, with the others of the same.
    """

    path: str
    icon: str
    after: str = ""
    before: str = ""

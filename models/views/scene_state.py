"""What of the city is shown and how: which layers, in which styles, coloured by what."""

from __future__ import annotations

from dataclasses import dataclass, field

from models.layers.layer import Style


@dataclass(frozen=True, slots=True)
class Theme:
    """What colours the city: nothing, the state of the facilities, what is known of the pipes, or one indicator.

    Parameters
    ----------
    kind : str
        ``"plain"``, ``"facilities"``, ``"pipes"`` or ``"indicator"``.
    indicator : str
        Indicator code such as ``"HC25-25"`` when kind is ``"indicator"``; when it is ``"pipes"`` the id of a row of
        ``pipe_themes.toml`` such as ``"material"``.
    focus : str
        Of an indicator: empty for its values by district, ``"estates"`` for those by estate, ``"problems"`` for what
        fails it, with the rest stepped back, ``"before"`` for its values in the year that is compared with,
        ``"change"`` for what became of them since.
    """

    kind: str = "plain"
    indicator: str = ""
    focus: str = ""


@dataclass(frozen=True, slots=True)
class SceneState:
    """Which layers are shown, in which styles, and what colours the city.

    Parameters
    ----------
    shown, hidden : tuple of str
        Ids of the layers that were on and off. A layer that came into the project later is in neither and is left as
        it is, so that an old theme does not hide new data.
    theme : Theme
    styles : tuple of (layer id, Style)
    """

    shown: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    theme: Theme = field(default_factory=Theme)
    styles: tuple[tuple[str, Style], ...] = ()

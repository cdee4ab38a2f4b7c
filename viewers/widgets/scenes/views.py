"""What the widgets of scenes are given: words and shares, ready to be shown. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from models.project.selection import ObjectKey


@dataclass(frozen=True, slots=True)
class SceneEntry:
    """One scene in the gallery.

    Parameters
    ----------
    id : str
    name, purpose : str
    state : str
        ``"ready"``, ``"partly"`` or ``"missing"``.
    state_text, detail : str
        The state in words, and what is missing or how much is there.
    marks : tuple of (form, colour)
        What its small picture is drawn from: ``"line"``, ``"dot"``, ``"disc"`` or ``"area"``.
    is_underground : bool
        Whether its small picture looks below the ground.
    is_on : bool
    """

    id: str
    name: str
    purpose: str
    state: str
    state_text: str
    detail: str
    marks: tuple[tuple[str, str], ...] = ()
    is_underground: bool = False
    is_on: bool = False


@dataclass(frozen=True, slots=True)
class BarView:
    """One bar: its name, what stands at its end, its share of the longest (0…1), its colour (empty: the accent)."""

    name: str
    text: str
    share: float
    colour: str


@dataclass(frozen=True, slots=True)
class RowView:
    """One row of a list: its cells, and the object to which a click flies."""

    cells: tuple[str, ...]
    key: ObjectKey


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureView:
    """One card.

    Parameters
    ----------
    kind : str
        ``"number"``, ``"share"``, ``"bars"`` or ``"list"``.
    title : str
    number, unit : str
        Empty where there is no figure; ``note`` says why.
    note : str
        Coverage, count over total, or why there is no figure.
    share : float or None
        0…1, of a share.
    is_alarm : bool
        Whether it counts what somebody must see to.
    bars : tuple of BarView
    heads : tuple of str
    is_number : tuple of bool
        Which columns of a list hold numbers.
    rows : tuple of RowView
    tip : str
        Source and certainty of its rule.
    """

    kind: str
    title: str
    number: str = ""
    unit: str = ""
    note: str = ""
    share: float | None = None
    is_alarm: bool = False
    bars: tuple[BarView, ...] = ()
    heads: tuple[str, ...] = ()
    is_number: tuple[bool, ...] = ()
    rows: tuple[RowView, ...] = ()
    tip: str = ""


@dataclass(frozen=True, slots=True)
class MissingView:
    """Data that a scene lacks: what, whether it needs it, why it is missing, how it is brought in."""

    name: str
    need: str
    why: str
    how_to: str


@dataclass(frozen=True, slots=True)
class ScenePage:
    """The scene that was chosen.

    Parameters
    ----------
    id, name, purpose : str
    is_on : bool
        Whether it is shown; else the page says what is missing.
    is_synthetic : bool
    figures : tuple of FigureView
    missing : tuple of MissingView
    remarks : tuple of (text, source)
    """

    id: str
    name: str
    purpose: str
    is_on: bool = False
    is_synthetic: bool = False
    figures: tuple[FigureView, ...] = ()
    missing: tuple[MissingView, ...] = ()
    remarks: tuple[tuple[str, str], ...] = ()

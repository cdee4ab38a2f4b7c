"""The legend as plain data, drawn both by the printed sheet and by the window."""

from __future__ import annotations

from dataclasses import dataclass

from viewers.facility_icons import Icon


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """One line of a legend.

    Parameters
    ----------
    text : str
        In the reader's language.
    colour : str
        ``"#rrggbb"``.
    pattern : str
        ``"hatch"`` for what has no data, ``"dash"`` for a broken line, else empty.
    symbol : str
        ``""`` a patch of colour, ``"line"``, ``"dot"``, ``"arrow"`` a direction; ``"head"`` the name of what follows,
        ``"none"`` words alone, ``"ramp"`` a bar of ``colours`` with ``ends`` below, ``"size"`` a ring of ``share``
        times the largest.
    count : int or None
        How many objects it stands for; None where counting says nothing.
    colours : tuple of str
        Of a ramp, from its low end, equally far apart.
    ends : tuple of str
        What is written below a ramp, from left to right.
    share : float
        Of a ring, its diameter against the largest.
    icon : Icon or None
        What stands before the words in the place of a symbol: the sign of a class of components.
    """

    text: str
    colour: str
    pattern: str = ""
    symbol: str = ""
    count: int | None = None
    colours: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    share: float = 1.0
    icon: Icon | None = None


@dataclass(frozen=True, slots=True)
class Legend:
    """A title and its lines.

    Parameters
    ----------
    title : str
    entries : tuple of LegendEntry
        Top to bottom.
    note : str
        A line below: the benchmark of an indicator, the number of components whose state nobody recorded.
    """

    title: str = ""
    entries: tuple[LegendEntry, ...] = ()
    note: str = ""

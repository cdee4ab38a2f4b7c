"""What the colours of a picture mean: plain data that the printed sheet and the window both draw."""

from __future__ import annotations

from dataclasses import dataclass


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
        ``""`` a patch of colour, ``"line"``, or ``"dot"``.
    count : int or None
        How many objects it stands for; None where counting says nothing.
    """

    text: str
    colour: str
    pattern: str = ""
    symbol: str = ""
    count: int | None = None


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

"""The index of an atlas, before anything is drawn: its lines in columns, and the map that says where each page is.

No Qt. Places on the map are shares of its width and height, from the upper left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

#: Millimetres on A3: height of a line, width of a column at least, room of the heading and of the map.
LINE_MM, COLUMN_MM, HEAD_MM, MAP_SHARE = 6.4, 118.0, 24.0, 0.42

Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class IndexLine:
    """A line of the index.

    Parameters
    ----------
    number : str
        Of the page; empty for the heading of a chapter.
    name, value : str
    place : str
        On which page of the file it is.
    """

    number: str
    name: str
    value: str = ""
    place: str = ""

    @property
    def is_chapter(self) -> bool:
        """Whether this heads a chapter."""
        return not self.number


@dataclass(frozen=True, slots=True)
class Mark:
    """Something on the key map.

    Parameters
    ----------
    rings : tuple of rings
        Outlines; empty for a dot.
    at : (x, y)
        Where its number stands.
    text : str
    """

    rings: tuple[Ring, ...]
    at: tuple[float, float]
    text: str


@dataclass(frozen=True, slots=True)
class KeyMap:
    """Where the pages are.

    Parameters
    ----------
    aspect : float
        Width over height.
    marks : tuple of Mark
    """

    aspect: float
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class IndexPage:
    """One page of the index.

    Parameters
    ----------
    title, subtitle, badge, foot : str
        ``badge`` says that the data is synthetic.
    size_mm : (width, height)
    letters : float
    columns : tuple of tuples of IndexLine
    key_map : KeyMap or None
        On the first page.
    lang : str
    dark : bool
    """

    title: str
    subtitle: str
    badge: str
    foot: str
    size_mm: tuple[float, float]
    letters: float
    columns: tuple[tuple[IndexLine, ...], ...]
    key_map: KeyMap | None = field(default=None, repr=False)
    lang: str = "zh"
    dark: bool = False


def columns_of(
    lines: Sequence[IndexLine], size_mm: tuple[float, float], letters: float, margin_mm: float, *, has_map: bool
) -> list[tuple[tuple[IndexLine, ...], ...]]:
    """Return the lines of each page in columns.

    No heading of a chapter stands alone at the foot of a column.

    Parameters
    ----------
    lines : sequence of IndexLine
    size_mm : (width, height)
    letters, margin_mm : float
        As the sheets of this paper have them.
    has_map : bool
        Whether the first page gives room to a map.
    """
    wide, tall = size_mm[0] - 2 * margin_mm - 8 * letters, size_mm[1] - 2 * margin_mm - (HEAD_MM + 14) * letters
    rows = max(int(tall / (LINE_MM * letters)), 2)
    pages: list[tuple[tuple[IndexLine, ...], ...]] = []
    left = list(lines)
    while left or not pages:
        share = 1 - MAP_SHARE if has_map and not pages else 1.0
        columns = []
        for _ in range(max(int(wide * share / (COLUMN_MM * letters)), 1)):
            take = min(rows, len(left))
            if 0 < take < len(left) and left[take - 1].is_chapter:
                take -= 1
            columns.append(tuple(left[:take]))
            left = left[take:]
        pages.append(tuple(columns))
    return pages

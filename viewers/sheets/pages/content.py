"""A page with all its words, figures and pictures, before anything is drawn. No Qt.

Invariants
----------
1. A page is made anew from its subject each time; no part of it outlives the drawing. So a legend, a value or a badge
   cannot belong to another page.
2. Places are millimetres from the upper left corner of the page; in a picture they are shares of its width and height.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass

import numpy as np
from numpy.typing import NDArray

from viewers.legend import Legend

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Heading:
    """Title of the page.

    Parameters
    ----------
    title, subtitle : str
    badge : str
        That the data is synthetic, empty for real data.
    """

    title: str
    subtitle: str = ""
    badge: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A numbered object in a picture.

    Parameters
    ----------
    number : str
    x, y : float
        Where its upper middle is, shares of the picture's width and height.
    box : (left, top, width, height)
        What it covers, shares; words keep clear of it.
    text : str
        Name and value, beside its number; empty where a list on the page has them.
    """

    number: str
    x: float
    y: float
    box: Box
    text: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A view of the city.

    Parameters
    ----------
    pixels : ndarray (h, w, 3) uint8
    caption : str
    marks : tuple of Mark
        What is pointed at.
    keep_out : tuple of (left, top, width, height)
        What lies over the picture, in its shares: no number and no name is written there.
    """

    pixels: NDArray[np.uint8]
    caption: str = ""
    marks: tuple[Mark, ...] = ()
    keep_out: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Needle:
    """North arrow: where north points on the picture, degrees clockwise from up."""

    north_deg: float


@dataclass(frozen=True, slots=True)
class Bar:
    """Scale bar.

    Parameters
    ----------
    length_mm : float
        On the page.
    text : str
        What it is on the ground.
    note : str
        Where it holds, and the scale as a ratio where there is one.
    """

    length_mm: float
    text: str
    note: str


@dataclass(frozen=True, slots=True)
class Value:
    """The value of the subject of the page.

    Parameters
    ----------
    name : str
        Of what it is the value.
    value : str
        As it is written, without its unit where that is long.
    verdict, verdict_colour : str
        Met, not met, no data … and the colour of that; empty for none.
    lines : tuple of str
        Benchmark, coverage, formula.
    """

    name: str
    value: str
    verdict: str = ""
    verdict_colour: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """One value of a chart.

    Parameters
    ----------
    name : str
    value : float or None
        None is no data and is shown as that.
    text : str
        As it is written.
    colour : str
        As in the picture; the chart's own where it is empty.
    is_subject : bool
        Whether it is what the page is about.
    """

    name: str
    value: float | None
    text: str
    colour: str = ""
    is_subject: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars, one below the other with their names, or columns side by side.

    Parameters
    ----------
    heading : str
    columns : tuple of Column
        In the order in which they are drawn. Bars of which there are too many become columns without names.
    is_upright : bool
        Columns: a few of them (years), each with its name.
    is_ranking : bool
        The first are worth most: bars for which there is no room are left out.
    limit : float or None
        A line across: the benchmark.
    limit_text : str
    note : str
    """

    heading: str
    columns: tuple[Column, ...]
    is_upright: bool = False
    limit: float | None = None
    limit_text: str = ""
    note: str = ""
    is_ranking: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts below a head.

    Parameters
    ----------
    heading : str
    heads : tuple of str
        Empty for a table of names and values.
    rows : tuple of tuple of str
    is_right : tuple of bool
        Which columns are figures and stand at the right.
    marked : int
        The row that is what the page is about; -1 for none.
    more : str
        With ``{count}``: what is said of the rows for which there is no room.
    note : str
    """

    heading: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    is_right: tuple[bool, ...]
    marked: int = -1
    more: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class KeyMap:
    """Outlines of units seen from above, one of them marked.

    Parameters
    ----------
    heading : str
    rings : tuple of ndarray (n, 2)
        Outlines, metres east and north.
    marked : tuple of ndarray (n, 2)
    colours : tuple of str
        Of the rings, empty for none; as many as rings.
    point : (east, north) or None
        Where the subject stands if it is no unit.
    name : str
        Of what is marked.
    """

    heading: str
    rings: tuple[NDArray[np.float64], ...]
    marked: tuple[NDArray[np.float64], ...] = ()
    colours: tuple[str, ...] = ()
    point: tuple[float, float] | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Photo:
    """A photograph: its file's bytes, and what is said below it; without bytes, why there is none."""

    content: bytes = field(repr=False)
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """The block of title, unit and approval.

    Parameters
    ----------
    cells : tuple of (label, value)
        In the order in which they are read; a cell without a value stays free, to be signed by hand.
    """

    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture file of the organisation."""

    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Words:
    """Free text; ``heading`` stands over it in small bold letters."""

    text: str
    heading: str = ""


Content = Heading | Picture | Needle | Bar | Value | Legend | Chart | Table | KeyMap | Photo | Block | Logo | Words


@dataclass(frozen=True, slots=True)
class Piece:
    """Something on a page and where it stands, millimetres."""

    content: Content
    box: Box
    id: str = ""


@dataclass(frozen=True, slots=True)
class PageContent:
    """A page, ready to be drawn.

    Parameters
    ----------
    size_mm : (width, height)
    letters : float
        How large letters are against those on A3 (:func:`models.sheets.templates.letters`).
    margin_mm : float
        From the edge of the paper to the frame.
    pieces : tuple of Piece
        Lowest first.
    lang : str
    dark : bool
    watermark : str
        Written across the page, empty for none.
    title : str
        Of the file.
    """

    size_mm: tuple[float, float]
    letters: float
    margin_mm: float
    pieces: tuple[Piece, ...]
    lang: str = "zh"
    dark: bool = False
    watermark: str = ""
    title: str = ""


def texts_of(page: PageContent) -> list[str]:
    """Return every text on a page, those in pictures left out."""
    found: list[str] = []

    def look(value: object) -> None:
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, tuple):
            for one in value:
                look(one)
        elif is_dataclass(value):
            for one in fields(value):
                look(getattr(value, one.name))

    look((page.title, page.watermark, *(piece.content for piece in page.pieces)))
    return found

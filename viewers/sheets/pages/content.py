"""A page with all its words, figures and pictures, before anything is drawn. No Qt.

Invariants
----------
1. A page is made anew from its subject each time; no part of it outlives the drawing. So a legend, a value or a badge
   cannot belong to another page.
2. Places are millimetres from the upper left corner of the page; in a picture they are shares of its width and height.
"""

from __future__ import annotations

from dataclasses import dataclass, field

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
class Picture:
    """A view of the city.

    Parameters
    ----------
    pixels : ndarray (h, w, 3) uint8
    caption : str
    """

    pixels: NDArray[np.uint8]
    caption: str = ""


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


Content = Heading | Picture | Needle | Bar | Value | Legend | Block | Logo | Words


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

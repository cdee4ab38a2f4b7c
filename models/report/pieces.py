"""What a report consists of, whatever file it becomes: headings, paragraphs, tables, pictures, in their order.

Texts are marked (:mod:`models.report.text.marked`): every number in them keeps the id of its figure.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

#: How a paragraph is set: as text, as a grey remark of what is missing, as a note under a table, as a source line.
Look = Literal["text", "missing", "note", "item"]
Align = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading.

    Parameters
    ----------
    text : str
    level : int
        1 of a chapter … 4; 0 of an annex, which has no number.
    id : str
        Where contents and cross-references lead.
    """

    text: str
    level: int
    id: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph.

    Parameters
    ----------
    text : str
        Marked.
    block : str
        Id of the block that it is of; empty for none: nobody edits it.
    look : str
    """

    text: str
    block: str = ""
    look: Look = "text"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    head : str
    share : float
        Of the width of the table.
    align : str
    """

    head: str
    share: float = 1.0
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a caption above it.

    Parameters
    ----------
    id : str
    caption : str
    columns : tuple of Column
    rows : tuple of tuple of str
        Marked.
    strong : tuple of int
        Rows that stand out (totals).
    """

    id: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    strong: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with a caption below it.

    Parameters
    ----------
    id : str
    caption : str
    image : bytes
        PNG or JPEG.
    width_mm : float
    alt : str
        What is to be seen, for who cannot see it.
    """

    id: str
    caption: str
    image: bytes = field(repr=False)
    width_mm: float = 150.0
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """From here on pages stand (or lie); a new page begins."""

    landscape: bool = False


Piece = Heading | Paragraph | Table | Picture | Turn


@dataclass(frozen=True, slots=True)
class Report:
    """A report.

    Parameters
    ----------
    title, subtitle : str
    facts : tuple of (str, str)
        Lines of the cover: who made it, of when.
    marks : tuple of str
        What has to be said on the cover and on every page: synthetic, draft, internal.
    pieces : tuple of Piece
    lang : str
    date : str
        ISO date.
    """

    title: str
    subtitle: str
    facts: tuple[tuple[str, str], ...]
    marks: tuple[str, ...]
    pieces: tuple[Piece, ...]
    lang: str
    date: str

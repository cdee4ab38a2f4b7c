"""What is printed how: which pages, on what paper, how large. Plain values and functions; no printer is known here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from models.core.errors import UserError
from models.sheets.layout import Box, is_outside

Duplex = Literal["none", "long", "short"]
Fit = Literal["paper", "true"]
_RANGE = re.compile(r"(\d+)?\s*([-–—~～])?\s*(\d+)?")


@dataclass(frozen=True, slots=True)
class PrintOrder:
    """How sheets are printed.

    Parameters
    ----------
    printer : str
        Its name in the system.
    paper : str
        Of the printer (:data:`models.sheets.spec.PAPERS`); empty for each sheet's own.
    duplex : str
        One side, or both: turned over the long or the short edge.
    pages : tuple of int
        Which sheets, from 0.
    copies : int
    collate : bool
        One whole set after the other.
    fit : str
        ``"paper"`` as large as it goes on, ``"true"`` at its size in millimetres.
    grey : bool
    """

    printer: str
    paper: str = ""
    duplex: Duplex = "none"
    pages: tuple[int, ...] = ()
    copies: int = 1
    collate: bool = True
    fit: Fit = "paper"
    grey: bool = False


def pages_of(text: str, count: int) -> tuple[int, ...]:
    """Return the pages, from 0, that a text names: ``"1-3, 5"``, ``"4-"``; empty for all.

    Raises
    ------
    UserError
        ``print.bad_pages`` for what names no page, or one that is not there.
    """
    said = [part.strip() for part in re.split(r"[,，、;；]", text) if part.strip()]
    if not said:
        return tuple(range(count))
    found: list[int] = []
    for part in said:
        match = _RANGE.fullmatch(part)
        if match is None or not (match[1] or match[3]):
            raise UserError("print.bad_pages", text=text, count=count)
        first = int(match[1] or 1)
        last = int(match[3] or count) if match[2] else first
        if not 1 <= first <= last <= count:
            raise UserError("print.bad_pages", text=text, count=count)
        found += range(first - 1, last)
    return tuple(dict.fromkeys(found))


def placed(page_mm: tuple[float, float], paper_mm: tuple[float, float], room_mm: Box, fit: Fit) -> Box:
    """Return where a page comes to lie on paper, millimetres from its upper left corner.

    A page with the proportions of the paper fills all of it: its own margin is wider than what printers leave white.
    Another one is made as large as what the printer reaches; at its true size a page lies in the middle.

    Parameters
    ----------
    page_mm, paper_mm : (width, height)
        Both the same way round.
    room_mm : (left, top, width, height)
        What the printer reaches.
    fit : str
    """
    width, height = page_mm
    if fit == "true":
        return (paper_mm[0] - width) / 2, (paper_mm[1] - height) / 2, width, height
    if abs(width / height / (paper_mm[0] / paper_mm[1]) - 1) < 0.01:
        return 0.0, 0.0, *paper_mm
    left, top, wide, high = room_mm
    scale = min(wide / width, high / height)
    return left + (wide - width * scale) / 2, top + (high - height * scale) / 2, width * scale, height * scale


def is_cut(placed_mm: Box, paper_mm: tuple[float, float], slack_mm: float = 0.5) -> bool:
    """Whether a part of a page lies beside the paper."""
    return is_outside(placed_mm, paper_mm, slack_mm)

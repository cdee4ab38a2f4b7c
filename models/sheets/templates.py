"""Templates of sheets as data, and the boxes that their items get on a paper.

A template divides a page into rows and columns, again and again; a part has a size on A3 or a share of what is left.
One division serves all papers: sizes follow the letters (:func:`letters`), which grow more slowly than the paper, so
that a larger sheet holds more and is still read from where people stand before it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, get_args

from models.core.errors import UserError
from models.sheets.spec import PAPERS, Item, ItemKind, SubjectKind
from resources import HERE

#: Millimetres on A3: from the edge of the paper to the frame, from the frame to what is in it, between two parts.
MARGIN_MM, PADDING_MM, GAP_MM = 10.0, 3.5, 3.5
#: In this order they are offered.
ORDER = ("health_map", "facilities_map", "building", "problem_card", "comparison")
CORNERS = ("upper left", "upper right", "lower left", "lower right")

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a page: an item, or rows or columns of parts.

    Parameters
    ----------
    item : str
        Id of an item, empty for a part that is divided.
    mm : float
        Size on A3 along the division that it is part of; 0 for a share.
    share : float
    parts : tuple of Part
    is_rows : bool
        Whether the parts lie below one another.
    """

    item: str = ""
    mm: float = 0.0
    share: float = 1.0
    parts: tuple[Part, ...] = ()
    is_rows: bool = True


@dataclass(frozen=True, slots=True)
class Corner:
    """What lies over another item.

    Parameters
    ----------
    item, of : str
    at : str
        One of :data:`CORNERS`.
    mm : (width, height)
        On A3.
    """

    item: str
    of: str
    at: str
    mm: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of sheet.

    Parameters
    ----------
    id, name, name_en : str
    subjects : tuple of str
        What a sheet of this kind can be about; the first is meant where nobody says.
    paper : str
    is_landscape : bool
        How it is meant; it can be laid on every paper in both ways.
    theme : str
        What colours its views: ``"indicator"``, ``"problems"``, ``"facilities"``, ``"plain"``, or ``""`` for what
        colours the project.
    items : tuple of Item
        Without boxes.
    landscape, portrait : Part
    corners : tuple of Corner
    """

    id: str
    name: str
    name_en: str
    subjects: tuple[SubjectKind, ...]
    paper: str
    is_landscape: bool
    theme: str
    items: tuple[Item, ...]
    landscape: Part
    portrait: Part
    corners: tuple[Corner, ...]

    def title(self, lang: str) -> str:
        """Return its name in a language."""
        return self.name_en if lang == "en" else self.name


def letters(paper: str) -> float:
    """Return how large letters, lines and gaps are on a paper against A3: A4 0.80, A2 1.27, A1 1.62, A0 2.06."""
    return float((PAPERS[paper][0] / PAPERS["A3"][0]) ** (0.65 if PAPERS[paper][0] < PAPERS["A3"][0] else 0.69))


def template(name: str) -> Template:
    """Return a template by its id.

    Raises
    ------
    UserError
        ``sheets.no_template``.
    """
    if name not in ORDER:
        raise UserError("sheets.no_template", name=name, known=", ".join(ORDER))
    return _read(name)


def templates() -> tuple[Template, ...]:
    """Return all templates in the order in which they are offered."""
    return tuple(_read(name) for name in ORDER)


def items_on(chosen: Template, paper: str, is_landscape: bool, without: Collection[str] = ()) -> tuple[Item, ...]:
    """Return the items of a template with their boxes on a paper, in the order in which they are drawn.

    Parameters
    ----------
    chosen : Template
    paper : str
    is_landscape : bool
    without : collection of str
        Ids of items of which this page has nothing to say: their room goes to their neighbours.

    Raises
    ------
    UserError
        ``sheets.no_paper``.
    """
    if paper not in PAPERS:
        raise UserError("sheets.no_paper", name=paper, known=", ".join(PAPERS))
    size = letters(paper)
    short, long = PAPERS[paper]
    width, height = (long, short) if is_landscape else (short, long)
    edge = (MARGIN_MM + PADDING_MM) * size
    page = (edge, edge, width - 2 * edge, height - 2 * edge)
    whole = _without(chosen.landscape if is_landscape else chosen.portrait, without)
    boxes = dict(_boxes(whole, page, size)) if whole is not None else {}
    for corner in chosen.corners:
        if corner.of in boxes and corner.item not in without:
            boxes[corner.item] = _in_corner(boxes[corner.of], corner, size)
    return tuple(replace(item, box=boxes[item.id]) for item in chosen.items if item.id in boxes)


def _without(part: Part, without: Collection[str]) -> Part | None:
    """Return a part without some items, None where nothing is left of it."""
    if part.item:
        return None if part.item in without else part
    left = tuple(one for inner in part.parts if (one := _without(inner, without)) is not None)
    return replace(part, parts=left) if left else None


def _boxes(part: Part, box: Box, size: float) -> Iterator[tuple[str, Box]]:
    """Yield the items of a part with the boxes in which they stand."""
    if part.item:
        yield part.item, tuple(round(side, 2) for side in box)  # type: ignore[misc]  # four stay four
        return
    along = box[3] if part.is_rows else box[2]
    gap = GAP_MM * size
    left = along - gap * (len(part.parts) - 1) - sum(one.mm for one in part.parts) * size
    shares = sum(one.share for one in part.parts if not one.mm) or 1.0
    at = box[1] if part.is_rows else box[0]
    for one in part.parts:
        long = one.mm * size if one.mm else left * one.share / shares
        inner = (box[0], at, box[2], long) if part.is_rows else (at, box[1], long, box[3])
        yield from _boxes(one, inner, size)
        at += long + gap


def _in_corner(box: Box, corner: Corner, size: float) -> Box:
    inset, (width, height) = 3.0 * size, (side * size for side in corner.mm)
    low, right = corner.at.split()
    x = box[0] + box[2] - inset - width if right == "right" else box[0] + inset
    y = box[1] + box[3] - inset - height if low == "lower" else box[1] + inset
    return round(x, 2), round(y, 2), round(width, 2), round(height, 2)


@lru_cache(maxsize=len(ORDER))
def _read(name: str) -> Template:
    stored = tomllib.loads((HERE / "sheets" / f"{name}.toml").read_text(encoding="utf-8"))
    items = tuple(_item(row) for row in stored["item"])
    known = {item.id for item in items}
    parts = {way: _part(stored[way], known) for way in ("landscape", "portrait")}
    corners = tuple(_corner(row, known) for row in stored.get("corner", ()))
    if not set(stored["subjects"]) <= set(get_args(SubjectKind)) or stored["paper"] not in PAPERS:
        raise ValueError(f"{name}: {stored['subjects']}, {stored['paper']}")
    return Template(
        name, stored["name"], stored["name_en"], tuple(stored["subjects"]), stored["paper"], stored["is_landscape"],
        stored["theme"], items, parts["landscape"], parts["portrait"], corners,
    )  # fmt: skip


def _item(row: Mapping[str, Any]) -> Item:
    if row["kind"] not in get_args(ItemKind):
        raise ValueError(row["kind"])
    return Item(row["id"], row["kind"], (0.0, 0.0, 0.0, 0.0), of=row.get("of", ""), source=row.get("source", ""),
                text=row.get("text", ""))  # fmt: skip


def _part(row: Mapping[str, Any], known: set[str]) -> Part:
    if "item" in row and row["item"] not in known:
        raise ValueError(row["item"])
    inner: Sequence[Mapping[str, Any]] = row.get("rows") or row.get("columns") or ()
    return Part(row.get("item", ""), float(row.get("mm", 0.0)), float(row.get("share", 1.0)),
                tuple(_part(one, known) for one in inner), "rows" in row)  # fmt: skip


def _corner(row: Mapping[str, Any], known: set[str]) -> Corner:
    if not {row["item"], row["of"]} <= known or row["at"] not in CORNERS:
        raise ValueError(row)
    return Corner(row["item"], row["of"], row["at"], (float(row["mm"][0]), float(row["mm"][1])))

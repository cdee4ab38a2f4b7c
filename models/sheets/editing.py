"""Change a page and the list of pages: every function returns a new value, none knows the session."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Literal

from models.sheets.layout import Box, rounded
from models.sheets.spec import PAPERS, Item, ItemKind, SheetSpec

#: Sizes that new items have, millimetres of an A3; smaller paper makes them smaller.
NEW_SIZES_MM: dict[str, tuple[float, float]] = {
    "view": (160, 110), "keymap": (60, 60), "title": (200, 18), "legend": (60, 70), "north": (14, 14),
    "scale": (60, 12), "values": (70, 60), "chart": (80, 60), "table": (110, 60), "photo": (70, 50),
    "text": (80, 12), "block": (160, 24), "logo": (24, 24),
}  # fmt: skip
#: What items can show, by kind; the first is meant for a new one.
SOURCES: dict[str, tuple[str, ...]] = {
    "view": ("oblique", "opposite", "closer", "plan", "around", "before", "after", "curtain", "change"),
    "chart": ("units", "years", "classes"), "table": ("units", "problems", "attributes", "objects", "classes", "years"),
}  # fmt: skip
#: A copy lies so far down and to the right of what it was made from, millimetres.
COPY_SHIFT_MM = 6.0
Rank = Literal["front", "forward", "backward", "back"]


def free_id(stem: str, taken: Collection[str]) -> str:
    """Return ``stem`` with the first number that nobody has: ``"view1"``; the same every time."""
    number = 1
    while f"{stem}{number}" in taken:
        number += 1
    return f"{stem}{number}"


def new_item(spec: SheetSpec, kind: ItemKind, at_mm: tuple[float, float] | None = None) -> Item:
    """Return an item of a kind, in the middle of the page or around a place of it; it is not on the page yet."""
    width, height = spec.size_mm
    scale = min(width, height) / PAPERS["A3"][0]
    wide, high = (min(side * scale, room) for side, room in zip(NEW_SIZES_MM[kind], (width, height), strict=True))
    x, y = (width / 2, height / 2) if at_mm is None else at_mm
    left, top = min(max(x - wide / 2, 0), width - wide), min(max(y - high / 2, 0), height - high)
    return Item(free_id(kind, [item.id for item in spec.items]), kind, rounded((left, top, wide, high)))


def added(spec: SheetSpec, items: Iterable[Item]) -> SheetSpec:
    """Return a page with more items, over those that are there."""
    return replace(spec, items=(*spec.items, *items))


def removed(spec: SheetSpec, ids: Collection[str]) -> SheetSpec:
    """Return a page without some items; what spoke of a removed picture speaks of the first."""
    kept = tuple(item for item in spec.items if item.id not in ids)
    return replace(spec, items=tuple(replace(item, of="") if item.of in ids else item for item in kept))


def with_item(spec: SheetSpec, item: Item) -> SheetSpec:
    """Return a page on which an item took the place of the one with its id."""
    return replace(spec, items=tuple(item if one.id == item.id else one for one in spec.items))


def with_boxes(spec: SheetSpec, boxes: Mapping[str, Box]) -> SheetSpec:
    """Return a page with some items elsewhere."""
    return replace(
        spec,
        items=tuple(
            replace(item, box=rounded(boxes[item.id])) if item.id in boxes else item for item in spec.items
        ),
    )  # fmt: skip


def copied(spec: SheetSpec, ids: Collection[str]) -> tuple[SheetSpec, tuple[str, ...]]:
    """Return a page with copies of some items a little beside them, and the ids of the copies."""
    taken = [item.id for item in spec.items]
    copies: list[Item] = []
    for item in spec.items:
        if item.id in ids:
            left, top, width, height = item.box
            name = free_id(item.kind, taken)
            taken.append(name)
            copies.append(
                replace(item, id=name, box=rounded((left + COPY_SHIFT_MM, top + COPY_SHIFT_MM, width, height)))
            )
    return added(spec, copies), tuple(item.id for item in copies)


def ranked(spec: SheetSpec, ids: Collection[str], how: Rank) -> SheetSpec:
    """Return a page with some items farther in front or behind; among themselves they keep their order."""
    items = list(spec.items)
    chosen = [item for item in items if item.id in ids]
    rest = [item for item in items if item.id not in ids]
    if how == "front":
        return replace(spec, items=(*rest, *chosen))
    if how == "back":
        return replace(spec, items=(*chosen, *rest))
    if how == "forward":
        items.reverse()
    for at in range(1, len(items)):
        if items[at].id in ids and items[at - 1].id not in ids:
            items[at - 1], items[at] = items[at], items[at - 1]
    if how == "forward":
        items.reverse()
    return replace(spec, items=tuple(items))


def on_paper(spec: SheetSpec, paper: str, landscape: bool) -> SheetSpec:
    """Return a page on other paper: its items keep their share of the width and the height."""
    result = replace(spec, paper=paper, landscape=landscape)
    across, down = (new / old for new, old in zip(result.size_mm, spec.size_mm, strict=True))
    boxes = {
        item.id: (item.box[0] * across, item.box[1] * down, item.box[2] * across, item.box[3] * down)
        for item in spec.items
    }  # fmt: skip
    return with_boxes(result, boxes)


def moved_to(sheets: tuple[SheetSpec, ...], sheet_id: str, position: int) -> tuple[SheetSpec, ...]:
    """Return the sheets with one at another place of the list."""
    one = next(sheet for sheet in sheets if sheet.id == sheet_id)
    rest = [sheet for sheet in sheets if sheet.id != sheet_id]
    rest.insert(min(max(position, 0), len(rest)), one)
    return tuple(rest)


def names_like(name: str, taken: Collection[str]) -> str:
    """Return a name that no other has: the name itself, else with a number behind it."""
    if name not in taken:
        return name
    number = 2
    while f"{name} ({number})" in taken:
        number += 1
    return f"{name} ({number})"

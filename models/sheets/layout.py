"""Where boxes come to lie on a page: snapping, resizing, aligning and distributing, as plain functions of millimetres.

Invariants
----------
1. A box is (left, top, width, height) in millimetres from the upper left corner of the page.
2. Nothing here makes a box smaller than :data:`LEAST_MM`, and nothing but resizing changes its size.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

Box = tuple[float, float, float, float]
#: Which edges a handle holds: ``""`` is the whole box.
Handle = Literal["", "w", "e", "n", "s", "nw", "ne", "sw", "se"]
Alignment = Literal["left", "centre", "right", "top", "middle", "bottom"]
Axis = Literal["across", "down"]

HANDLES: tuple[Handle, ...] = ("nw", "n", "ne", "e", "se", "s", "sw", "w")
#: No box is narrower or lower.
LEAST_MM = 2.0
#: Places are kept to a hundredth of a millimetre, which no printer shows.
DIGITS = 2


@dataclass(frozen=True, slots=True)
class Guide:
    """A line at which something snapped.

    Parameters
    ----------
    axis : str
        ``"x"`` for an upright line at ``at_mm`` from the left, ``"y"`` for a level one from the top.
    at_mm : float
    from_mm, to_mm : float
        Where it begins and ends along itself: it joins what lies in one line.
    """

    axis: Literal["x", "y"]
    at_mm: float
    from_mm: float
    to_mm: float


@dataclass(frozen=True, slots=True)
class Lines:
    """What boxes snap to.

    Parameters
    ----------
    across, down : tuple of (place, from, to)
        Upright and level lines: where they stand, and from where to where they reach, millimetres.
    grid_mm : float
        Distance of the lines of the grid, 0 for none; a line of another box or of the page goes before it.
    """

    across: tuple[tuple[float, float, float], ...] = ()
    down: tuple[tuple[float, float, float], ...] = ()
    grid_mm: float = 0.0


def lines_of(size_mm: tuple[float, float], others: Iterable[Box], margin_mm: float, grid_mm: float = 0.0) -> Lines:
    """Return edges, margins and middle of a page, and edges and middles of the boxes on it."""
    width, height = size_mm
    across = [(at, 0.0, height) for at in (0.0, margin_mm, width / 2, width - margin_mm, width)]
    down = [(at, 0.0, width) for at in (0.0, margin_mm, height / 2, height - margin_mm, height)]
    for left, top, wide, high in others:
        across += [(at, top, top + high) for at in (left, left + wide / 2, left + wide)]
        down += [(at, left, left + wide) for at in (top, top + high / 2, top + high)]
    return Lines(tuple(across), tuple(down), grid_mm)


def snapped(box: Box, handle: Handle, lines: Lines, reach_mm: float) -> tuple[Box, tuple[Guide, ...]]:
    """Return a box led to the nearest lines, and the lines to which it was led.

    Parameters
    ----------
    box : tuple
        Where the hand has it.
    handle : str
        What the hand holds: only edges that move snap; of a box that moves as a whole also its middle.
    lines : Lines
    reach_mm : float
        No edge goes farther than this.
    """
    left, top, width, height = box
    x = _ends(left, width, handle, "w", "e")
    y = _ends(top, height, handle, "n", "s")
    shift_x = _shift(x, [line[0] for line in lines.across], lines.grid_mm, reach_mm)
    shift_y = _shift(y, [line[0] for line in lines.down], lines.grid_mm, reach_mm)
    result = dragged(box, handle, shift_x, shift_y)
    return result, _guides(result, handle, lines)


def _ends(start: float, length: float, handle: Handle, first: str, last: str) -> tuple[float, ...]:
    """Return the places of a box along one axis that move with a handle."""
    if not handle:
        return start, start + length / 2, start + length
    return tuple(at for at, name in ((start, first), (start + length, last)) if name in handle)


def _shift(ends: Sequence[float], targets: Sequence[float], grid_mm: float, reach_mm: float) -> float:
    """Return by how much a box moves so that one of its ends meets a line: the smallest move that does it."""
    moves = [target - end for end in ends for target in targets if abs(target - end) <= reach_mm]
    if not moves and grid_mm > 0 and ends:
        moves = [round(ends[0] / grid_mm) * grid_mm - ends[0]]
    return min(moves, key=abs, default=0.0)


def _guides(box: Box, handle: Handle, lines: Lines) -> tuple[Guide, ...]:
    left, top, width, height = box
    found: dict[tuple[str, float], Guide] = {}
    for axis, ends, targets, low, high in (
        ("x", _ends(left, width, handle, "w", "e"), lines.across, top, top + height),
        ("y", _ends(top, height, handle, "n", "s"), lines.down, left, left + width),
    ):
        for at, start, end in targets:
            if any(abs(at - one) < 10**-DIGITS for one in ends):
                known = found.get((axis, round(at, DIGITS)))
                first, last = (known.from_mm, known.to_mm) if known is not None else (low, high)
                guide = Guide("x" if axis == "x" else "y", at, min(first, start), max(last, end))
                found[axis, round(at, DIGITS)] = guide
    return tuple(found.values())


def dragged(box: Box, handle: Handle, dx_mm: float, dy_mm: float, *, keep_shape: bool = False) -> Box:
    """Return a box whose handle was dragged: moved as a whole, or with some of its edges; never turned inside out.

    Parameters
    ----------
    box : tuple
    handle : str
    dx_mm, dy_mm : float
    keep_shape : bool
        Whether width and height keep their proportion; only at corners.
    """
    left, top, width, height = box
    if not handle:
        return left + dx_mm, top + dy_mm, width, height
    wide = max(width + (dx_mm if "e" in handle else -dx_mm if "w" in handle else 0.0), min(LEAST_MM, width))
    high = max(height + (dy_mm if "s" in handle else -dy_mm if "n" in handle else 0.0), min(LEAST_MM, height))
    if keep_shape and len(handle) == 2 and width > 0 and height > 0:
        scale = max(wide / width, high / height)
        wide, high = width * scale, height * scale
    return (
        left + width - wide if "w" in handle else left,
        top + height - high if "n" in handle else top,
        wide,
        high,
    )


def bounds(boxes: Iterable[Box]) -> Box:
    """Return the box around boxes; an empty one at the corner around none."""
    held = list(boxes)
    if not held:
        return 0.0, 0.0, 0.0, 0.0
    left, top = min(box[0] for box in held), min(box[1] for box in held)
    return left, top, max(box[0] + box[2] for box in held) - left, max(box[1] + box[3] for box in held) - top


def aligned(boxes: Mapping[str, Box], how: Alignment, page_mm: tuple[float, float]) -> dict[str, Box]:
    """Return boxes in one line: several with the edge or middle of what they lie in together, one with the page's."""
    left, top, width, height = bounds(boxes.values()) if len(boxes) > 1 else (0.0, 0.0, *page_mm)
    result = {}
    for name, (x, y, wide, high) in boxes.items():
        across = {"left": left, "centre": left + (width - wide) / 2, "right": left + width - wide}
        down = {"top": top, "middle": top + (height - high) / 2, "bottom": top + height - high}
        result[name] = (across.get(how, x), down.get(how, y), wide, high)
    return result


def distributed(boxes: Mapping[str, Box], axis: Axis) -> dict[str, Box]:
    """Return boxes with equal gaps between them; the outermost two stay, fewer than three stay as they are."""
    at = 0 if axis == "across" else 1
    order = sorted(boxes, key=lambda name: (boxes[name][at] + boxes[name][at + 2] / 2, name))
    if len(order) < 3:
        return dict(boxes)
    first, last = boxes[order[0]], boxes[order[-1]]
    room = last[at] - (first[at] + first[at + 2]) - sum(boxes[name][at + 2] for name in order[1:-1])
    gap = room / (len(order) - 1)
    result = dict(boxes)
    for before, name in pairwise(order[:-1]):
        start = result[before][at] + result[before][at + 2] + gap
        box = boxes[name]
        result[name] = (start, *box[1:]) if at == 0 else (box[0], start, *box[2:])
    return result


def rounded(box: Box) -> Box:
    """Return a box to a hundredth of a millimetre, as it is kept."""
    left, top, width, height = (round(float(value), DIGITS) + 0.0 for value in box)
    return left, top, width, height


def is_outside(box: Box, page_mm: tuple[float, float], slack_mm: float = 0.05) -> bool:
    """Whether a part of a box lies beside the page and would not be printed."""
    left, top, width, height = box
    return (
        left < -slack_mm
        or top < -slack_mm
        or left + width > page_mm[0] + slack_mm
        or top + height > page_mm[1] + slack_mm
    )

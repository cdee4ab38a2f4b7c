"""The rows of a model tree as flat arrays, so that 100,000 of them can be filtered and counted at once. No Qt.

Invariants
----------
1. Rows stand breadth first: the children of a row are neighbours, and parents stand in the order of their children.
   Leaving rows out keeps both, so a filtered tree is the same arrays with fewer rows.
2. A row's ``oid`` is -1 for a heading (a class, a material); what a heading counts are the elements below it.
3. No row has more than :data:`MOST_SIBLINGS` children: Qt asks for each of them, one by one, when a row is opened, so
   that 25,000 siblings would hold the window for a second. More are put under headings of their own, in their order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

#: So many rows stand side by side; more are put under headings such as ``1 – 1,000``.
MOST_SIBLINGS = 1000
#: Kind of such a heading.
RANGE = "range"

Ints = NDArray[np.int32]
Mask = NDArray[np.bool_]


class NodeLike(Protocol):
    """One node of a tree (``models.bim.tree.Node``)."""

    @property
    def label(self) -> str:
        """Return its words."""

    @property
    def kind(self) -> str:
        """Return what it is: an IFC class, or the name of a grouping."""

    @property
    def oid(self) -> int | None:
        """Return the element it stands for, None or -1 for a heading."""

    @property
    def children(self) -> Sequence[NodeLike]:
        """Return what stands below it."""


@dataclass(frozen=True, slots=True)
class Branch:
    """The tree of one model.

    Parameters
    ----------
    layer : str
    roots : sequence of NodeLike
    drawn : ndarray of bool
        By oid: whether there is something to be seen.
    classes : sequence of str
        By oid: IFC class.
    texts : sequence of str
        By oid: what a search looks through, case folded.
    """

    layer: str
    roots: Sequence[NodeLike]
    drawn: Mask
    classes: Sequence[str]
    texts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Heading:
    """A node of our own: a whole model above its tree."""

    label: str
    kind: str
    children: Sequence[NodeLike]
    oid: int | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """Which rows of a tree stand where.

    Parameters
    ----------
    order : ndarray of int32
        The rows that are shown, breadth first.
    first, count : ndarray of int32
        By row: where its children begin in ``order``, and how many there are.
    place : ndarray of int32
        By row: its place among its siblings, -1 if it is left out.
    roots : int
    """

    order: Ints
    first: Ints
    count: Ints
    place: Ints
    roots: int


class TreeRows:
    """All rows of the trees of some models.

    Parameters
    ----------
    branches : sequence of Branch
    """

    def __init__(self, branches: Sequence[Branch]) -> None:
        self.branches = tuple(branches)
        self.labels: list[str] = []
        self.kinds: list[str] = []
        parents: list[int] = []
        oids: list[int] = []
        layers: list[int] = []
        level: list[tuple[NodeLike, int, int]] = [
            (node, -1, at) for at, branch in enumerate(self.branches) for node in in_ranges(branch.roots)
        ]
        self._levels: list[int] = [0]
        while level:
            below: list[tuple[NodeLike, int, int]] = []
            for node, parent, layer in level:
                row = len(parents)
                self.labels.append(node.label)
                self.kinds.append(node.kind)
                parents.append(parent)
                oids.append(-1 if node.oid is None else node.oid)
                layers.append(layer)
                below += [(child, row, layer) for child in in_ranges(node.children)]
            self._levels.append(len(parents))
            level = below
        self.parent: Ints = np.asarray(parents, dtype=np.int32)
        self.oid: Ints = np.asarray(oids, dtype=np.int32)
        self.layer: Ints = np.asarray(layers, dtype=np.int32)
        self.drawn: Mask = self.by_element([branch.drawn for branch in self.branches])
        #: How many elements that can be seen stand in and below each row, and how many elements at all.
        self.drawn_below: Ints = self.below(self.drawn)
        self.elements_below: Ints = self.below(self.oid >= 0)
        self.all = self.narrowed(None)
        self._rows: dict[tuple[str, int], int] = {}
        for row in range(len(oids) - 1, -1, -1):  # an element that stands in two systems is found in the first
            if oids[row] >= 0:
                self._rows[self.branches[layers[row]].layer, oids[row]] = row

    def __len__(self) -> int:
        return len(self.parent)

    def layer_of(self, row: int) -> str:
        """Return the layer of a row."""
        return self.branches[int(self.layer[row])].layer

    def row_of(self, layer: str, oid: int) -> int:
        """Return the first row of an element, -1 if it has none."""
        return self._rows.get((layer, oid), -1)

    def class_of(self, row: int) -> str:
        """Return the IFC class of a row: of its element, or the one a heading names."""
        oid = int(self.oid[row])
        if oid >= 0:
            return self.branches[int(self.layer[row])].classes[oid]
        return self.labels[row] if self.kinds[row] == "class" else ""

    def by_element(self, values: Sequence[Mask]) -> Mask:
        """Return by row what is given by branch and oid; False for headings."""
        result = np.zeros(len(self.oid), dtype=bool)
        for at, own in enumerate(values):
            mine = np.flatnonzero((self.layer == at) & (self.oid >= 0) & (self.oid < len(own)))
            result[mine] = own[self.oid[mine]]
        return result

    def below(self, mask: Mask) -> Ints:
        """Count marked rows in and below each row."""
        total = mask.astype(np.int32)
        for start, stop in reversed(list(zip(self._levels[1:-1], self._levels[2:], strict=False))):
            np.add.at(total, self.parent[start:stop], total[start:stop])
        return total

    def reaching(self, mask: Mask) -> Mask:
        """Return the marked rows with all that stand above or below one of them."""
        down = mask.copy()
        for start, stop in zip(self._levels[1:-1], self._levels[2:], strict=False):
            down[start:stop] |= down[self.parent[start:stop]]
        return down | (self.below(mask) > 0)

    def matching(self, text: str) -> Mask:
        """Return the rows whose element or heading contains every word of a text."""
        words = text.casefold().split()
        own = []
        for branch in self.branches:
            mask = np.ones(len(branch.texts), dtype=bool)
            for word in words:
                mask &= np.array([word in line for line in branch.texts], dtype=bool)
            own.append(mask)
        result = self.by_element(own)
        for row in np.flatnonzero(self.oid < 0):
            line = self.labels[row].casefold()
            result[row] = self.kinds[row] != RANGE and all(word in line for word in words)
        return result

    def narrowed(self, kept: Mask | None) -> Shown:
        """Return the tree with only the kept rows (which must include their parents)."""
        size = len(self.parent)
        order = np.arange(size, dtype=np.int32) if kept is None else np.flatnonzero(kept).astype(np.int32)
        above = self.parent[order]
        roots = int((above < 0).sum())
        count = np.bincount(above[roots:], minlength=size).astype(np.int32)
        first = (roots + np.cumsum(count) - count).astype(np.int32)
        place = np.full(size, -1, dtype=np.int32)
        at = np.arange(len(order), dtype=np.int32)
        place[order[:roots]] = at[:roots]
        place[order[roots:]] = at[roots:] - first[above[roots:]]
        return Shown(order, first, count, place, roots)

    def elements_of(self, row: int, *, drawn: bool = True) -> list[int]:
        """Return the oids in and below a row: those that can be seen, or all."""
        rows = np.asarray([row], dtype=np.int32)
        found = [rows]
        while len(rows):
            counts = self.all.count[rows]
            starts = np.repeat(self.all.first[rows] - np.cumsum(counts) + counts, counts)
            rows = (starts + np.arange(int(counts.sum()), dtype=np.int32)).astype(np.int32)
            found.append(rows)
        every = np.concatenate(found)
        every = every[self.drawn[every]] if drawn else every[self.oid[every] >= 0]
        return [int(oid) for oid in np.unique(self.oid[every]).tolist()]

    def states(self, hidden: Mapping[str, frozenset[int]], ghost: Mapping[str, frozenset[int]]) -> NDArray[np.int8]:
        """Return what is seen of each row: 0 all, 1 some of it, 2 nothing, 3 it is faded, -1 nothing to see."""
        gone, pale = (self.below(self.drawn & self.by_element([
            _mask(len(branch.drawn), by_layer.get(branch.layer, frozenset())) for branch in self.branches
        ])) for by_layer in (hidden, ghost))  # fmt: skip
        total = self.drawn_below
        result = np.zeros(len(self.oid), dtype=np.int8)
        result[(gone > 0) | (pale > 0)] = 1
        result[(gone + pale >= total) & (pale > 0)] = 3
        result[gone >= total] = 2
        result[total == 0] = -1
        return result


def in_ranges(nodes: Sequence[NodeLike]) -> Sequence[NodeLike]:
    """Return siblings as they are, or under headings if they are too many to be opened at once."""
    if len(nodes) <= MOST_SIBLINGS:
        return nodes
    pieces = [(at, nodes[at : at + MOST_SIBLINGS]) for at in range(0, len(nodes), MOST_SIBLINGS)]
    return [Heading(f"{at + 1:,} – {at + len(piece):,}", RANGE, piece) for at, piece in pieces]


def _mask(size: int, oids: frozenset[int]) -> Mask:
    result = np.zeros(size, dtype=bool)
    if oids:
        at = np.fromiter(oids, dtype=np.int64, count=len(oids))
        result[at[(at >= 0) & (at < size)]] = True
    return result

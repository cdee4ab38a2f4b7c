"""The elements of a model as trees: by spatial structure, class, type, system, material, classification or storey.

Invariants
----------
1. A tree is values and integers only; labels are the model's own text and kinds are ids for words and icons.
2. Every element of the table stands in every tree. What has no place, type or system stands under a heading of the kind
   ``"unplaced"`` or ``"none"``: nothing is lost from sight. An element made of two materials stands under both.
3. Elements are grouped in bulk; nothing is asked element by element that an array can answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.core.errors import UserError
from models.layers.layer import ModelData

BYS = ("spatial", "class", "type", "system", "material", "classification", "storey")

Oids = NDArray[np.int32]

#: Classes that make up the spatial structure of buildings and of infrastructure (IFC4X3).
SPATIAL = frozenset(
    (
        "IfcProject", "IfcSite", "IfcBuilding", "IfcBuildingStorey", "IfcSpace", "IfcSpatialZone",
        "IfcExternalSpatialElement", "IfcFacility", "IfcFacilityPart", "IfcFacilityPartCommon", "IfcBridge",
        "IfcBridgePart", "IfcRoad", "IfcRoadPart", "IfcRailway", "IfcRailwayPart", "IfcMarineFacility", "IfcMarinePart",
        "IfcTunnel", "IfcTunnelPart",
    )
)  # fmt: skip
#: More elements than this below one container are put under headings by class.
_HEADINGS_FROM = 8
_NUMBER = re.compile(r"(\d+)")
#: Some programs write an id into the long name.
_ID = re.compile(r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-")
_NOTHING: Oids = np.empty(0, np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One line of a tree.

    Parameters
    ----------
    label : str
        Text of the model: a name, a class, a material; empty where ``kind`` says all (``"unplaced"``, ``"none"``).
    kind : str
        The IFC class of an element. Of a heading: ``"model"``, ``"class"``, ``"type"``, ``"system"``, ``"material"``,
        ``"classification"``, ``"unplaced"`` (stands nowhere in the building) or ``"none"`` (the model does not say).
    oid : int or None
        The element it is; None for a heading.
    oids : ndarray of int32
        All elements below, itself included, ascending.
    children : tuple of Node
        Storeys stand as in the building, the highest first; classes and names in order.
    """

    label: str
    kind: str
    oid: int | None
    oids: Oids
    children: tuple[Node, ...] = ()


def build(data: ModelData, by: str) -> Node:
    """Return a model's tree.

    Parameters
    ----------
    data : ModelData
    by : str
        One of :data:`BYS`.

    Returns
    -------
    Node
        The root, of kind ``"model"``.

    Raises
    ------
    UserError
        ``bim.no_tree``.
    """
    if by not in BYS:
        raise UserError("bim.no_tree", by=by)
    maker = _Maker(data.elements)
    children = maker.spatial() if by == "spatial" else maker.by_storey() if by == "storey" else maker.grouped(by)
    return Node(str(data.info.get("label") or ""), "model", None, maker.all, children)


def path_to(node: Node, oid: int) -> tuple[Node, ...]:
    """Return the nodes from the root down to an element, empty if it is not in the tree."""
    path = []
    while True:
        path.append(node)
        if node.oid == oid:
            return tuple(path)
        following = next((child for child in node.children if _holds(child.oids, oid)), None)
        if following is None:
            return ()
        node = following


def walk(node: Node) -> Iterator[tuple[int, Node]]:
    """Yield (depth, node) of a tree, top down; the root has depth 0."""
    stack = [(0, node)]
    while stack:
        depth, here = stack.pop()
        yield depth, here
        stack.extend((depth + 1, child) for child in reversed(here.children))


def ancestor_of_class(elements: pd.DataFrame, ifc_class: str) -> Oids:
    """Return for each element the nearest of a class at or above it, -1 where there is none; circles give -1."""
    parents = parents_of(elements)
    hit = elements["ifc_class"].to_numpy() == ifc_class
    found = np.where(hit, np.arange(len(parents)), -1).astype(np.int32)
    at = parents.copy()
    for _ in range(64):  # deeper than any sane structure; broken files hold circles
        open_ = (found < 0) & (at >= 0)
        if not open_.any():
            break
        reached = open_.copy()
        reached[open_] = hit[at[open_]]
        found[reached] = at[reached]
        at[open_] = parents[at[open_]]
    return found


def parents_of(elements: pd.DataFrame) -> Oids:
    """Return the parent of each element; one that is itself or not in the table is -1."""
    parents = elements["parent"].to_numpy(np.int32).copy()
    count = len(parents)
    parents[(parents < 0) | (parents >= count) | (parents == np.arange(count))] = -1
    return parents


def parts_of(text: str) -> list[str]:
    """Return the single names in a column that lists several: materials, systems, classifications.

    Examples
    --------
    >>> parts_of("Concrete, Cast In Situ; Insulation")
    ['Concrete, Cast In Situ', 'Insulation']
    """
    return [part.strip() for part in text.split(";") if part.strip()]


def in_order(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return a key that sorts "Level 2" before "Level 10"."""
    return tuple(
        (0, int(part), "") if part.isascii() and part.isdigit() and len(part) < 18 else (1, 0, part.casefold())
        for part in _NUMBER.split(text)
        if part
    )


def _holds(oids: Oids, oid: int) -> bool:
    at = int(np.searchsorted(oids, oid))
    return at < len(oids) and int(oids[at]) == oid


class _Maker:
    """Makes nodes out of one table of elements."""

    def __init__(self, elements: pd.DataFrame) -> None:
        self.elements = elements
        self.all: Oids = np.arange(len(elements), dtype=np.int32)
        self.classes: list[str] = [str(name) for name in elements["ifc_class"]]
        self.labels = [
            f"{name} {long}"
            if name and long and name != long and not _ID.search(long)
            else str(name or long or ifc_class)
            for name, long, ifc_class in zip(elements["name"], elements["long_name"], self.classes, strict=True)
        ]
        heights = elements["elevation_m"].to_numpy(float) if "elevation_m" in elements else np.full(len(self.all), 0.0)
        self.heights = np.nan_to_num(heights, nan=-1e9)

    # --- by place

    def spatial(self) -> tuple[Node, ...]:
        """Follow the chains of parents down from every root; what hangs on nothing, or on itself, is unplaced."""
        below = self._below(parents_of(self.elements))
        roots = below.pop(-1, [])
        placed = [oid for oid in roots if self.classes[oid] in SPATIAL]
        seen = np.zeros(len(self.all), bool)
        nodes = self._inner(placed, below, seen)
        loose = [oid for oid in roots if self.classes[oid] not in SPATIAL]
        unplaced = list(self._inner(loose, below, seen))
        for oid in np.flatnonzero(~seen):  # circles: cut at their first element
            if not seen[oid]:
                unplaced += self._inner([int(oid)], below, seen)
        if unplaced:
            nodes = (*nodes, self._heading("", "unplaced", tuple(unplaced)))
        return nodes

    def _below(self, parents: Oids) -> dict[int, list[int]]:
        below: dict[int, list[int]] = {}
        for oid, parent in enumerate(parents.tolist()):
            below.setdefault(parent, []).append(oid)
        return below

    def _inner(self, starts: list[int], below: dict[int, list[int]], seen: NDArray[np.bool_]) -> tuple[Node, ...]:
        """Return the nodes of ``starts`` with all below them; made from the bottom up, without recursion."""
        order: list[int] = []
        kept: dict[int, list[int]] = {}
        stack = list(reversed(starts))
        seen[starts] = True
        while stack:
            oid = stack.pop()
            order.append(oid)
            children = [child for child in below.get(oid, ()) if not seen[child]]
            if children:
                seen[children] = True
                kept[oid] = children
                stack.extend(children)
        made: dict[int, Node] = {}
        for oid in reversed(order):
            inner = self._arranged([made.pop(child) for child in kept.get(oid, ())])
            mine = self.all[oid : oid + 1]
            oids = np.sort(np.concatenate([mine, *(child.oids for child in inner)])) if inner else mine
            made[oid] = Node(self.labels[oid], self.classes[oid], oid, oids, inner)
        return self._arranged([made[oid] for oid in starts])

    def _arranged(self, nodes: list[Node]) -> tuple[Node, ...]:
        """Put spatial parts first, highest first, then the other elements, by class where they are many."""
        if len(nodes) < 2:
            return tuple(nodes)
        spatial = [node for node in nodes if node.kind in SPATIAL]
        others = [node for node in nodes if node.kind not in SPATIAL]
        spatial.sort(key=lambda node: (node.kind == "IfcSpace", -self.heights[node.oid or 0], in_order(node.label)))
        others.sort(key=lambda node: (node.kind, node.label))
        if len(others) <= _HEADINGS_FROM:
            return (*spatial, *others)
        by_class: dict[str, list[Node]] = {}
        for node in others:
            by_class.setdefault(node.kind, []).append(node)
        return (*spatial, *(self._heading(name, "class", tuple(some)) for name, some in by_class.items()))

    # --- by anything else

    def by_storey(self) -> tuple[Node, ...]:
        """Put elements under the storey in which they stand."""
        storeys = ancestor_of_class(self.elements, "IfcBuildingStorey")
        found = [int(oid) for oid in np.unique(storeys) if oid >= 0]
        found.sort(key=lambda oid: (-self.heights[oid], in_order(self.labels[oid])))
        nodes = []
        for storey in found:
            oids = np.flatnonzero(storeys == storey).astype(np.int32)
            children = self._by_class(oids[oids != storey])
            nodes.append(Node(self.labels[storey], "IfcBuildingStorey", storey, oids, children))
        rest = np.flatnonzero(storeys < 0).astype(np.int32)
        return (*nodes, *self._rest(rest))

    def grouped(self, by: str) -> tuple[Node, ...]:
        """Put elements under headings by a column."""
        if by == "class":
            return self._by_class(self.all)
        if by == "type":
            texts = [str(text) for text in self.elements["type_name"]]
            groups = self._groups(zip(self.classes, texts, strict=True))
            typed: dict[str, list[Node]] = {}
            for (ifc_class, name), oids in sorted(groups.items(), key=lambda item: (item[0][0], in_order(item[0][1]))):
                if name:
                    typed.setdefault(ifc_class, []).append(Node(name, "type", None, oids, self._leaves(oids)))
            rest = np.array([oid for oid, text in enumerate(texts) if not text], np.int32)
            return (*(self._heading(name, "class", tuple(some)) for name, some in typed.items()), *self._rest(rest))
        found: dict[str, list[int]] = {}
        rests = []
        lists: dict[str, list[str]] = {}
        for oid, text in enumerate(self.elements[by]):
            names = lists.get(text)
            if names is None:
                names = lists[text] = parts_of(str(text or ""))
            for name in names:
                found.setdefault(name, []).append(oid)
            if not names:
                rests.append(oid)
        nodes = tuple(
            Node(
                name, by, None, np.unique(np.array(oids, np.int32)), self._by_class(np.unique(np.array(oids, np.int32)))
            )
            for name, oids in sorted(found.items(), key=lambda item: in_order(item[0]))
        )
        if by == "classification":
            nodes = self._by_system_of_classes(nodes)
        return (*nodes, *self._rest(np.array(rests, np.int32)))

    def _by_system_of_classes(self, nodes: tuple[Node, ...]) -> tuple[Node, ...]:
        """Put the codes of one classification system under its name: ``"Uniclass 2015: Ss_25 Walls"``."""
        systems: dict[str, list[Node]] = {}
        for node in nodes:
            system, colon, code = node.label.partition(": ")
            short = Node(code, node.kind, None, node.oids, node.children) if colon else node
            systems.setdefault(system if colon else "", []).append(short)
        bare = systems.pop("", [])
        return (*(self._heading(name, "classification", tuple(some)) for name, some in systems.items()), *bare)

    def _groups(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Oids]:
        found: dict[tuple[str, str], list[int]] = {}
        for oid, key in enumerate(keys):
            found.setdefault(key, []).append(oid)
        return {key: np.array(oids, np.int32) for key, oids in found.items()}

    def _by_class(self, oids: Oids) -> tuple[Node, ...]:
        found: dict[str, list[int]] = {}
        for oid in oids.tolist():
            found.setdefault(self.classes[oid], []).append(oid)
        return tuple(
            Node(name, "class", None, np.array(mine, np.int32), self._leaves(np.array(mine, np.int32)))
            for name, mine in sorted(found.items())
        )

    def _leaves(self, oids: Oids) -> tuple[Node, ...]:
        mine = sorted(oids.tolist(), key=self.labels.__getitem__)
        return tuple(Node(self.labels[oid], self.classes[oid], oid, self.all[oid : oid + 1]) for oid in mine)

    def _rest(self, oids: Oids) -> tuple[Node, ...]:
        return (Node("", "none", None, oids, self._by_class(oids)),) if len(oids) else ()

    def _heading(self, label: str, kind: str, children: tuple[Node, ...]) -> Node:
        oids = np.unique(np.concatenate([child.oids for child in children])) if children else _NOTHING
        return Node(label, kind, None, oids, children)

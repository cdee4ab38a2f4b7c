"""The tree of a tileset: explicit and implicit tiles, tilesets in tilesets, and which of them make one picture.

Invariants
----------
1. Nothing outside the tileset's folder is read, nothing from a network.
2. Children are looked for when asked: a tree of a million tiles costs what is looked at.
3. A tileset that leads back to itself, or deeper than :data:`MOST_DEEP`, is refused.
"""

from __future__ import annotations

import heapq
import json
import math
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.errors import UserError
from models.io.common.textures import inside
from models.io.tiles3d.level_choice import FINEST_PX, HomeView

Floats = NDArray[np.float64]

#: Tilesets in tilesets.
MOST_DEEP = 32
#: Levels of the tree.
MOST_LEVELS = 256
MOST_TILES = 200_000
MOST_JSON = 400_000_000


@dataclass(slots=True)
class Tile:
    """One tile, or the root of a tileset in a tile.

    Parameters
    ----------
    document : mapping
        Its JSON.
    folder : Path
        Where its files' names start from.
    transform : ndarray (4, 4)
        To the tileset's world.
    error : float
        Geometric error, metres.
    refine : str
        ``"ADD"`` or ``"REPLACE"``.
    files : list of (Path, metadata)
        Files of its content that are there.
    inner : list of Path
        Tilesets in it.
    lost : int
        Files that are not there.
    chain : tuple of Path
        Tilesets that it stands in.
    level : int
    cell : tuple or None
        ``(level, x, y, z)`` in an implicit tree, with ``tree`` and ``subtree``.
    """

    document: Mapping[str, Any]
    folder: Path
    transform: Floats
    error: float
    refine: str
    files: list[tuple[Path, Mapping[str, Any]]] = field(default_factory=list)
    inner: list[Path] = field(default_factory=list)
    lost: int = 0
    chain: tuple[Path, ...] = ()
    level: int = 0
    cell: tuple[int, int, int, int] | None = None
    tree: Any = None

    @property
    def bytes(self) -> int:
        """Return how large its content is."""
        return sum(path.stat().st_size for path, _ in self.files)


class Tree:
    """A tileset and all that it leads to.

    Parameters
    ----------
    path : Path
        ``tileset.json``.
    """

    def __init__(self, path: Path) -> None:
        self.home = path.parent.resolve()
        self.document = _json(path)
        self.lost: list[str] = []
        self.has_coarser = False
        self._made = 0
        self.root = self._tileset(path.resolve(), np.eye(4), (), 0, "REPLACE")
        self.is_z_up = str((self.document.get("asset") or {}).get("gltfUpAxis", "Y")).upper() == "Z"

    def choose(self, most_bytes: int, most_tiles: int) -> list[Tile]:
        """Return the tiles of one picture: the finest that fit, coarser where they do not, nothing twice.

        The tile whose error is most to be seen from the first view is refined first; what cannot be seen at all, not
        even from much nearer, is not refined.
        """
        shown: dict[int, Tile] = {}
        cost = self.root.bytes
        order = 0
        view = HomeView(self.root.document, self.root.transform)
        heap: list[tuple[float, int, Tile]] = [(-math.inf, order, self.root)]
        shown[id(self.root)] = self.root
        kept = [self.root]  # ids stay unique while the tiles live
        while heap:
            seen_px, _, tile = heapq.heappop(heap)
            if tile.files and tile.refine == "REPLACE" and 0.0 < -seen_px < FINEST_PX:
                continue
            below = list(self.children(tile))
            if not below:
                continue
            more = sum(child.bytes for child in below)
            replaces = tile.refine == "REPLACE" or bool(tile.inner)
            missing = any(child.lost and not child.files for child in below)
            if replaces and missing and tile.files:
                continue  # a hole is worse than a coarse tile
            change = more - (tile.bytes if replaces else 0)
            if cost + change > most_bytes or len(shown) + len(below) > most_tiles:
                self.has_coarser = True
                continue
            cost += change
            if replaces:
                shown.pop(id(tile), None)
            kept += below
            for child in below:
                shown[id(child)] = child
                order += 1
                heapq.heappush(heap, (-view.error_px(child.document, child.transform, child.error), order, child))
        return [tile for tile in shown.values() if tile.files]

    def children(self, tile: Tile) -> Iterator[Tile]:
        """Yield a tile's children: explicit ones, those of an implicit tree, the roots of tilesets in it."""
        if tile.level >= MOST_LEVELS:
            raise UserError("city3d.tiles_too_deep", file=tile.chain[-1].name if tile.chain else "")
        for path in tile.inner:
            yield self._tileset(path, tile.transform, tile.chain, tile.level + 1, tile.refine)
        if tile.tree is not None:
            yield from self._implicit_children(tile)
        elif not tile.inner:
            for row in tile.document.get("children") or ():
                yield self._tile(row, tile.folder, tile.transform, tile.chain, tile.level + 1, tile.refine)

    def _tileset(self, path: Path, above: Floats, chain: tuple[Path, ...], level: int, refine: str) -> Tile:
        if path in chain:
            raise UserError("city3d.tiles_cyclic", file=path.name)
        if len(chain) >= MOST_DEEP:
            raise UserError("city3d.tiles_too_deep", file=path.name)
        document = self.document if not chain else _json(path)
        if not isinstance(document.get("root"), Mapping):
            raise ValueError("a tileset without a root")
        return self._tile(document["root"], path.parent, above, (*chain, path), level, refine)

    def _tile(
        self, document: Mapping[str, Any], folder: Path, above: Floats, chain: tuple[Path, ...], level: int, refine: str
    ) -> Tile:
        self._made += 1
        if self._made > MOST_TILES * 5:
            raise UserError("city3d.tiles_too_many", file=self.home.name, most=MOST_TILES * 5)
        transform = above
        if document.get("transform") is not None:
            transform = above @ np.asarray(document["transform"], dtype=np.float64).reshape(4, 4).T
        error = document.get("geometricError", 0.0)
        tile = Tile(
            document, folder, transform, float(error) if isinstance(error, (int, float)) else 0.0,
            str(document.get("refine") or refine).upper(), chain=chain, level=level,
        )  # fmt: skip
        implicit = document.get("implicitTiling") or (document.get("extensions") or {}).get("3DTILES_implicit_tiling")
        if implicit:
            tile.tree = _Implicit(implicit, document)
            tile.cell = (0, 0, 0, 0)
            self._fill_implicit(tile)
        else:
            for content in _contents(document):
                self._add_file(tile, str(content.get("uri", content.get("url", ""))), content.get("metadata") or {})
        return tile

    def _add_file(self, tile: Tile, uri: str, metadata: Mapping[str, Any]) -> None:
        path = inside(self.home, self._below_home(tile.folder, uri))
        if path is None:
            tile.lost += 1
            self.lost.append(uri[:120])
        elif path.suffix.lower() == ".json":
            tile.inner.append(path)
        else:
            tile.files.append((path, metadata))

    def _below_home(self, folder: Path, uri: str) -> str:
        """Return a name as seen from the tileset's own folder; what would leave it is found out by ``inside``."""
        if "://" in uri or uri.startswith(("/", "\\")):
            return uri
        relative = folder.relative_to(self.home).as_posix()
        plain = uri.partition("?")[0]
        return plain if relative == "." else f"{relative}/{plain}"

    def _fill_implicit(self, tile: Tile) -> None:
        """Give an implicit tile the files that its subtree says it has."""
        level, x, y, z = tile.cell or (0, 0, 0, 0)
        subtree, at = self._subtree(tile)
        for number, template in enumerate(tile.tree.contents):
            if subtree is not None and subtree.has_content(number, at):
                uri = _filled(template, (level, x, y, z))
                self._add_file(tile, uri, {})

    def _subtree(self, tile: Tile) -> tuple[_Subtree | None, tuple[int, int]]:
        """Return the subtree that a tile stands in, and (level, Morton index) in it."""
        level, x, y, z = tile.cell or (0, 0, 0, 0)
        tree = tile.tree
        inner = level % tree.levels
        root = (level - inner, x >> inner, y >> inner, z >> inner)
        if root not in tree.known:
            uri = _filled(tree.subtrees, root)
            path = inside(self.home, self._below_home(tile.folder, uri))
            if path is None:
                self.lost.append(uri)
            tree.known[root] = None if path is None else _Subtree(path, tree)
        mask = (1 << inner) - 1
        return tree.known[root], (inner, _morton(x & mask, y & mask, z & mask, tree.is_octree))

    def _implicit_children(self, tile: Tile) -> Iterator[Tile]:
        level, x, y, z = tile.cell or (0, 0, 0, 0)
        tree = tile.tree
        if level + 1 >= tree.available:
            return
        subtree, (inner, morton) = self._subtree(tile)
        if subtree is None:
            return
        for child in range(8 if tree.is_octree else 4):
            cell = (level + 1, 2 * x + (child & 1), 2 * y + (child >> 1 & 1), 2 * z + (child >> 2 & 1))
            place = (morton << (3 if tree.is_octree else 2)) | child
            is_there = subtree.has_child(place) if inner + 1 == tree.levels else subtree.has_tile((inner + 1, place))
            if not is_there:
                continue
            self._made += 1
            if self._made > MOST_TILES * 5:
                raise UserError("city3d.tiles_too_many", file=self.home.name, most=MOST_TILES * 5)
            made = Tile(
                tile.document, tile.folder, tile.transform, tile.error / 2, tile.refine, chain=tile.chain,
                level=tile.level + 1, cell=cell, tree=tree,
            )  # fmt: skip
            self._fill_implicit(made)
            yield made


class _Implicit:
    """How an implicit tree is cut and named."""

    def __init__(self, tiling: Mapping[str, Any], tile: Mapping[str, Any]) -> None:
        self.is_octree = str(tiling.get("subdivisionScheme", "QUADTREE")).upper() == "OCTREE"
        self.levels = int(tiling.get("subtreeLevels", 1))
        self.available = int(tiling.get("availableLevels", tiling.get("maximumLevel", 0) + 1))
        if not 1 <= self.levels <= 12 or not 0 <= self.available <= 40:
            raise ValueError("an implicit tree has no such levels")
        self.subtrees = str((tiling.get("subtrees") or {}).get("uri", ""))
        self.contents = [str(content.get("uri", "")) for content in _contents(tile)]
        self.known: dict[tuple[int, int, int, int], _Subtree | None] = {}

    def counts(self, level: int) -> int:
        """Return how many cells there are above a level of a subtree."""
        branch = 8 if self.is_octree else 4
        return int((branch**level - 1) // (branch - 1))


class _Subtree:
    """Which tiles of a piece of an implicit tree are there."""

    def __init__(self, path: Path, tree: _Implicit) -> None:
        data = path.read_bytes()
        binary = b""
        if data[:4] == b"subt":
            json_size, binary_size = struct.unpack_from("<QQ", data, 8)
            if 24 + json_size + binary_size > len(data):
                raise ValueError("a subtree ends too early")
            document = json.loads(data[24 : 24 + json_size].decode("utf-8").strip("\0 "))
            binary = data[24 + json_size : 24 + json_size + binary_size]
        else:
            document = json.loads(data.decode("utf-8-sig"))
        self._tree = tree
        buffers = []
        for row in document.get("buffers") or []:
            other = inside(path.parent, str(row["uri"])) if "uri" in row else None
            buffers.append(binary if "uri" not in row else other.read_bytes() if other else b"")
        views = []
        for row in document.get("bufferViews") or []:
            offset, length = int(row.get("byteOffset", 0)), int(row["byteLength"])
            whole = buffers[int(row["buffer"])]
            if offset < 0 or length < 0 or offset + length > len(whole):
                raise ValueError("a subtree ends too early")
            views.append(np.unpackbits(np.frombuffer(whole, np.uint8, length, offset), bitorder="little"))
        self._tiles = _Bits(document.get("tileAvailability"), views)
        content = document.get("contentAvailability")
        content = [content] if isinstance(content, Mapping) else content or []
        self._content = [_Bits(one, views) for one in content]
        self._children = _Bits(document.get("childSubtreeAvailability"), views)

    def has_tile(self, at: tuple[int, int]) -> bool:
        """Whether a tile, (level, Morton index) in the subtree, is there."""
        return self._tiles[self._tree.counts(at[0]) + at[1]]

    def has_content(self, number: int, at: tuple[int, int]) -> bool:
        """Whether one of a tile's contents is there."""
        return number < len(self._content) and self._content[number][self._tree.counts(at[0]) + at[1]]

    def has_child(self, morton: int) -> bool:
        """Whether a subtree below this one is there."""
        return self._children[morton]


class _Bits:
    """A bit for each cell, or one for all."""

    def __init__(self, availability: Mapping[str, Any] | None, views: list[NDArray[np.uint8]]) -> None:
        availability = availability or {}
        self._all = bool(availability.get("constant", 0))
        at = availability.get("bitstream", availability.get("bufferView"))
        self._bits = views[int(at)] if at is not None else None

    def __getitem__(self, place: int) -> bool:
        if self._bits is None:
            return self._all
        return place < len(self._bits) and bool(self._bits[place])


def _filled(template: str, cell: tuple[int, int, int, int]) -> str:
    """Return a template with its numbers; by replacing, as a format of Python's would obey more than that."""
    for name, value in zip(("{level}", "{x}", "{y}", "{z}"), cell, strict=True):
        template = template.replace(name, str(value))
    return template


def _morton(x: int, y: int, z: int, is_octree: bool) -> int:
    result, step = 0, 3 if is_octree else 2
    for bit in range(40):
        if not (x >> bit or y >> bit or z >> bit):
            break
        result |= (x >> bit & 1) << (step * bit) | (y >> bit & 1) << (step * bit + 1)
        if is_octree:
            result |= (z >> bit & 1) << (step * bit + 2)
    return result


def _contents(tile: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    more = (tile.get("extensions") or {}).get("3DTILES_multiple_contents") or {}
    found = tile.get("contents") or more.get("contents") or more.get("content")
    if isinstance(found, list):
        return [one for one in found if isinstance(one, Mapping)]
    return [tile["content"]] if isinstance(tile.get("content"), Mapping) else []


def _json(path: Path) -> Mapping[str, Any]:
    if path.stat().st_size > MOST_JSON:
        raise UserError("io.too_large", file=path.name, limit_mb=MOST_JSON // 1_000_000)
    document = json.loads(path.read_text(encoding="utf-8-sig"))
    if not isinstance(document, Mapping):
        raise ValueError("no tileset")
    return document

"""Search by name, address or code: an index of character pairs (bigrams), built once and read at every key press.

A text is found when it holds what was typed; failing that, when it holds most of its pairs of neighbouring signs, so
that a slip of the finger still finds 泉城路街道办. No language is assumed: Chinese needs no word breaks.

Invariants
----------
1. An answer is worked out over small arrays of row numbers (postings); texts are read only for the few that come near.
2. What holds the query stands before what is only like it; what begins with it before what holds it; short before long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.progress import Progress
from models.query.columns import Columns

Rows = NDArray[np.int32]
#: So many candidates are compared sign by sign.
_MOST_READ = 4000
#: Layers of more objects than this are indexed by their names alone.
_MANY = 3_000_000
#: Fields that name, address or number a thing, in the order in which they count.
NAMES = ("name", "name_en", "名称", "objname", "long_name", "标题", "title", "label", "简称")
ADDRESSES = ("address", "addr", "地址", "location", "addr:street", "street", "位置", "住址", "road", "道路")
CODES = (
    "code",
    "编码",
    "编号",
    "代码",
    "objid",
    "id",
    "tasknum",
    "案卷号",
    "不动产单元号",
    "bsm",
    "标识码",
    "tag",
    "guid",
)
_PIECE = 100_000
_FOLD = str.maketrans(
    {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {"　": " ", "（": "(", "）": ")"}
)


@dataclass(frozen=True, slots=True)
class Hit:
    """One object that was found: its place in the index, the text that matched, and how well (higher is better)."""

    row: int
    text: str
    score: float


def folded(text: str) -> str:
    """Return a text as it is compared: lower case, full-width signs made plain, no spaces at its ends."""
    return text.translate(_FOLD).lower().strip()


def named_fields(columns: Columns) -> list[str]:
    """Return the fields of a table by which people look for things."""
    low = {field.casefold(): field for field in columns.fields}
    wanted = NAMES if len(columns) > _MANY else (*NAMES, *ADDRESSES, *CODES)
    found = [low[name] for name in wanted if name in low]
    endings = ("名称", "地址", "编号", "编码", "_name", "name_", "mc", "_code")
    found += [field for key, field in low.items() if field not in found and key.endswith(endings)]
    return [field for field in found if columns.value(field).kind in ("text", "number")][:8]


class NameIndex:
    """The index over many texts.

    Parameters
    ----------
    texts : sequence of str or None, or pyarrow array
        Several rows may belong to one object; what they stand for is the caller's.
    """

    def __init__(self, texts: Sequence[str | None] | Any, progress: Progress | None = None) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        progress = progress or Progress()
        array = texts if isinstance(texts, pa.Array) else pa.array(texts, pa.string())
        array = pc.fill_null(array, "").cast(pa.large_string())
        plain = pc.utf8_trim_whitespace(pc.utf8_lower(array))
        for wide in range(0xFF01, 0xFF5F):
            if wide in _WIDE:
                plain = pc.replace_substring(plain, chr(wide), chr(wide - 0xFEE0))
        self._shown, self._plain = array, plain
        self._lengths = pc.utf8_length(plain).to_numpy(zero_copy_only=False).astype(np.int32)
        progress.step(0.2)
        signs = np.frombuffer("".join(plain.to_pylist()).encode("utf-32-le"), dtype=np.uint32)
        progress.step(0.5)
        owner = np.repeat(np.arange(len(self._lengths), dtype=np.int32), self._lengths)
        pairs = (
            (signs[:-1].astype(np.uint64) << np.uint64(21)) | signs[1:] if len(signs) > 1 else np.zeros(0, np.uint64)
        )
        same = owner[:-1] == owner[1:] if len(signs) > 1 else np.zeros(0, bool)
        pairs, rows = pairs[same], owner[:-1][same] if len(signs) > 1 else np.zeros(0, np.int32)
        order = np.argsort(pairs, kind="stable")
        progress.step(0.9)
        pairs, self._rows = pairs[order], rows[order]
        self._pairs, self._starts = np.unique(pairs, return_index=True)
        self._starts = np.append(self._starts, len(pairs))

    def __len__(self) -> int:
        return len(self._lengths)

    def find(self, query: str, most: int = 40) -> list[Hit]:
        """Return the best answers, the best first."""
        wanted = folded(query)
        if not wanted:
            return []
        rows, near = self._candidates(wanted)
        if not len(rows):
            return []
        if len(rows) > _MOST_READ:  # the shortest are the likeliest
            keep = np.argpartition(self._lengths[rows] - near * 1000, _MOST_READ)[:_MOST_READ]
            rows, near = rows[keep], near[keep]
        plain = self._plain.take(rows).to_pylist()
        scored = [(self._score(text, wanted, share), row) for text, row, share in zip(plain, rows, near, strict=True)]
        best = sorted((pair for pair in scored if pair[0] > 0), key=lambda pair: (-pair[0], pair[1]))[:most]
        shown = self._shown.take([int(row) for _, row in best]).to_pylist()
        return [Hit(int(row), text, float(score)) for (score, row), text in zip(best, shown, strict=True)]

    def _candidates(self, wanted: str) -> tuple[Rows, NDArray[np.float32]]:
        """Return rows that hold most pairs of the query, and the share that each holds."""
        if len(wanted) == 1:
            rows = self._with_sign(wanted)
            return rows, np.ones(len(rows), np.float32)
        signs = np.frombuffer(wanted.encode("utf-32-le"), dtype=np.uint32)
        pairs = np.unique((signs[:-1].astype(np.uint64) << np.uint64(21)) | signs[1:])
        lists = [one for pair in pairs if len(one := self._posting(pair))]
        if not lists:
            return np.zeros(0, np.int32), np.zeros(0, np.float32)
        if len(lists) == len(pairs):  # all there: what holds every pair
            every = sorted(lists, key=len)
            rows = every[0]
            for other in every[1:]:
                rows = rows[_member(rows, other)]
            if len(rows):
                return rows, np.ones(len(rows), np.float32)
        if len(pairs) < 2:
            return np.zeros(0, np.int32), np.zeros(0, np.float32)
        counts = np.bincount(np.concatenate(lists), minlength=len(self)) / len(pairs)
        likely: Rows = np.flatnonzero(counts >= 0.5).astype(np.int32)
        return likely, counts[likely].astype(np.float32)

    def _with_sign(self, sign: str) -> Rows:
        """Return rows with one sign, at most as many as are read; a piece after the other, to be quick."""
        import pyarrow.compute as pc

        found: list[Rows] = []
        for begin in range(0, len(self), _PIECE):
            hit = pc.match_substring(self._plain.slice(begin, _PIECE), sign).to_numpy(zero_copy_only=False)
            found.append((np.flatnonzero(hit) + begin).astype(np.int32))
            if sum(map(len, found)) >= _MOST_READ:
                break
        return np.concatenate(found) if found else np.zeros(0, np.int32)

    def _posting(self, pair: np.uint64) -> Rows:
        at = int(np.searchsorted(self._pairs, pair))
        if at >= len(self._pairs) or self._pairs[at] != pair:
            return np.zeros(0, np.int32)
        rows: Rows = self._rows[self._starts[at] : self._starts[at + 1]]
        once: Rows = rows[np.append(True, rows[1:] != rows[:-1])]  # the stable sort left them ascending
        return once

    def _score(self, text: str, wanted: str, share: float) -> float:
        if text == wanted:
            return 1000.0
        at = text.find(wanted)
        if at >= 0:
            return (600.0 if at == 0 else 500.0) - min(len(text) - len(wanted), 90)
        return 100.0 * share - 0.5 * min(abs(len(text) - len(wanted)), 60)


def _member(rows: Rows, other: Rows) -> NDArray[np.bool_]:
    """Return which rows are in another ascending list."""
    at = np.searchsorted(other, rows)
    at[at == len(other)] = 0
    found: NDArray[np.bool_] = other[at] == rows
    return found


#: Full-width signs that stand in Chinese addresses.
_WIDE = frozenset(
    {*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B), 0xFF08, 0xFF09, 0xFF03, 0xFF0D}
)

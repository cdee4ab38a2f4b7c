"""What the cards of a scene tell: counts, shares, sums, charts and ranked lists, worked out from the layers meant.

Invariants
----------
1. An object that does not say what is asked counts on neither side of a share and lowers its *coverage*.
2. A field that a table lacks gives no figure, with the field named; never zero.
3. Whole columns are worked on; a list holds its first :data:`MOST_LISTED` objects and says how many there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.errors import UserError
from models.layers.layer import LayerData, VectorData
from models.project.project import ProjectState
from models.query.columns import columns_of
from models.query.expression import compile_expression
from models.query.filtering import filtered, geometry_in
from models.query.ranking import Ranking, ranking_of
from models.scenes.matching import Readiness
from models.scenes.preset import Card

Mask = NDArray[np.bool_]

#: A list that a person goes through is no longer than this.
MOST_LISTED = 500


@dataclass(frozen=True, slots=True)
class CardValue:
    """What a card tells.

    Parameters
    ----------
    card : Card
    value : float or None
        Count, share (0…1) or sum; None is no data.
    of : int
        How many objects were asked.
    known : int
        How many of them say it.
    counts : tuple of float
        Of the bars: objects, or the sum of the card's value.
    listed : int
        How many objects a list would have without its limit.
    ranking : Ranking or None
        Of a list; ``c0``, ``c1`` … are its columns.
    lacks : str
        Why there is no figure: ``""``, ``"layer"`` (none is meant) or ``"field"`` (named in ``why``).
    why : str
    """

    card: Card
    value: float | None = None
    of: int = 0
    known: int = 0
    counts: tuple[float, ...] = ()
    listed: int = 0
    ranking: Ranking | None = field(default=None, compare=False)
    lacks: str = ""
    why: str = ""

    @property
    def coverage(self) -> float | None:
        """Return the share of the objects asked that say it, None where none was asked."""
        return self.known / self.of if self.of else None


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """One table of the layers that a card asks, with the objects that the scene shows."""

    layer_id: str
    columns: Any
    geometry: Any
    shown: Mask

    def truth(self, text: str) -> tuple[Mask, Mask]:
        """Return where an expression is true of shown objects, and where that is known; all where there is none."""
        if not text:
            return self.shown, self.shown
        true, known = compile_expression(text).truth(self.columns, self.geometry)
        return true & known & self.shown, known & self.shown

    def values(self, text: str) -> NDArray[Any]:
        """Return what an expression gives for every object of the table."""
        return compile_expression(text).values(self.columns, self.geometry)


def card_values(ready: Readiness, state: ProjectState, data: Mapping[str, LayerData]) -> list[CardValue]:
    """Return what every card of a preset tells."""
    return [card_value(card, ready, state, data) for card in ready.preset.cards]


def card_value(card: Card, ready: Readiness, state: ProjectState, data: Mapping[str, LayerData]) -> CardValue:
    """Return what one card tells."""
    if ready.of(card.layer).lacks:
        return CardValue(card, lacks="layer")
    try:
        asked = list(_asked(card, ready, state, data))
        return {"count": _count, "share": _share, "sum": _sum, "bars": _bars, "list": _list}[card.kind](card, asked)
    except UserError as error:
        return CardValue(card, lacks="field", why=str(error.facts.get("name", error.code)))


def _asked(card: Card, ready: Readiness, state: ProjectState, data: Mapping[str, LayerData]) -> Iterator[_Asked]:
    match = ready.of(card.layer)
    crs = state.frame.horizontal if state.frame is not None else ""
    for layer_id in match.layer_ids:
        table = filtered(state.layer(layer_id), data[layer_id], crs)
        assert isinstance(table, VectorData)  # noqa: S101 - only tables of features are meant
        columns, geometry = columns_of(table), _geometry(table, crs)
        shown = np.ones(table.count, dtype=bool)
        if match.wanted.where:
            shown = compile_expression(match.wanted.where).rows(columns, geometry)
        yield _Asked(layer_id, columns, geometry, shown)


def _geometry(table: VectorData, crs: str) -> Any:
    return lambda: geometry_in(table, crs)


def _count(card: Card, asked: list[_Asked]) -> CardValue:
    true, known, of = 0, 0, 0
    for one in asked:
        hits, said = one.truth(card.where)
        true, known, of = true + int(hits.sum()), known + int(said.sum()), of + int(one.shown.sum())
    return CardValue(card, float(true) if known or not of else None, of, known)


def _share(card: Card, asked: list[_Asked]) -> CardValue:
    true, known, of = 0, 0, 0
    for one in asked:
        whole, _ = one.truth(card.of)
        hits, said = one.truth(card.where)
        true += int((hits & whole).sum())
        known += int((said & whole).sum())
        of += int(whole.sum())
    return CardValue(card, true / known if known else None, of, known)


def _sum(card: Card, asked: list[_Asked]) -> CardValue:
    total, known, of = 0.0, 0, 0
    for one in asked:
        hits, _ = one.truth(card.where)
        values = _numbers(one.values(card.value))[hits]
        said = np.isfinite(values)
        total, known, of = total + float(values[said].sum()), known + int(said.sum()), of + int(hits.sum())
    return CardValue(card, total if known else None, of, known)


def _bars(card: Card, asked: list[_Asked]) -> CardValue:
    """Count objects (or add up a value) by bar; one object stands in the first bar that holds it."""
    counts, known, of = [0.0] * len(card.bars), 0, 0
    for one in asked:
        left, _ = one.truth(card.of)
        left, said = left.copy(), np.zeros(len(left), dtype=bool)
        of += int(left.sum())
        weights = np.nan_to_num(_numbers(one.values(card.value))) if card.value else None
        for at, bar in enumerate(card.bars):
            hits, _ = one.truth(bar.where)
            counts[at] += float((hits & left).sum() if weights is None else weights[hits & left].sum())
            said |= hits & left
            left &= ~hits
        known += int(said.sum())
    return CardValue(card, sum(counts), of, known, tuple(counts))


def _list(card: Card, asked: list[_Asked]) -> CardValue:
    layers: list[str] = []
    oids: list[Any] = []
    ranks: list[Any] = []
    columns: list[list[Any]] = [[] for _ in card.columns]
    of = 0
    for one in asked:
        rows = np.flatnonzero(one.truth(card.where)[0])
        of += int(one.shown.sum())
        layers += [one.layer_id] * len(rows)
        oids.append(np.asarray(one.columns.oids)[rows])
        ranks.append(_numbers(one.values(card.value))[rows] if card.value else np.zeros(len(rows)))
        for at, column in enumerate(card.columns):
            columns[at].append(one.values(column.value)[rows])
    rank = np.concatenate(ranks) if ranks else np.zeros(0)
    order = np.argsort(-rank if card.is_descending else rank, kind="stable")  # what says no number is last
    chosen = order[:MOST_LISTED]
    kept = {f"c{at}": np.concatenate(parts)[chosen] for at, parts in enumerate(columns) if parts}
    names = np.asarray(layers, dtype=object)[chosen]
    numbers = np.concatenate(oids)[chosen] if oids else np.zeros(0, dtype=np.int64)
    plain = {name: _plain(values) for name, values in kept.items()}
    return CardValue(
        card, float(len(rank)), of, len(rank), listed=len(rank), ranking=ranking_of(names, numbers, plain)
    )  # fmt: skip


def _numbers(values: NDArray[Any]) -> NDArray[np.float64]:
    """Return values as float64, NaN where they are no numbers."""
    if values.dtype.kind in "fiub":
        return values.astype(np.float64)
    import pandas as pd

    return np.asarray(pd.to_numeric(pd.Series(values), errors="coerce"), dtype=np.float64)


def _plain(values: NDArray[Any]) -> NDArray[Any]:
    """Return numbers as they are, moments and truths as text."""
    if values.dtype.kind in "fiu":
        return values
    return np.array([None if value is None or value != value else str(value) for value in values], dtype=object)

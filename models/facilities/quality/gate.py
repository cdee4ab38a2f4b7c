"""Runs a book of rules over the facilities of a city.

Invariants
----------
1. Of every rule three numbers: passed, failed, not judged. What lacks a field, a value or a layer is not judged, with
   the reason and a count; it never counts as passed.
2. A rule looks at whole tables at once; nothing here goes through objects one by one.
3. The same data and the same rules give the same failures in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.core.progress import Progress
from models.facilities.quality import drainage, network, places, values
from models.facilities.quality.outcome import Gap, Outcome
from models.facilities.quality.rules import Rule, RuleBook
from models.facilities.quality.score import Score, Tally, scores
from models.facilities.quality.tables import Mask, Objects, Rows, Table, Tables, among
from models.network.kinds import gravity_codes
from models.project.selection import ObjectKey

Check = Callable[[Rule, Table, Tables], Outcome]

#: The function of each kind of check.
CHECKS: Mapping[str, Check] = {
    "required": values.required, "domain": values.domain, "range": values.in_range, "pattern": values.pattern,
    "date_order": values.date_order, "expression": values.expression, "unique": values.unique, "code": values.code,
    "reference": values.reference, "inside": places.inside, "carriageway": places.carriageway,
    "nearest": places.nearest, "linked_distance": places.linked_distance, "duplicate": places.duplicate,
    "own_area": places.own_area, "length": network.length, "overlap": network.overlap, "ends": network.ends,
    "end_type": network.end_type, "unused": network.unused, "sink": network.sink, "cycle": network.cycle,
    "mixing": network.mixing, "diameter": drainage.diameter, "slope": drainage.slope, "velocity": drainage.velocity,
    "cover": drainage.cover, "spacing": drainage.spacing, "narrowing": drainage.narrowing,
    "adverse": drainage.adverse, "above_ground": drainage.above_ground,
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Failures:
    """The objects that fail a rule, as arrays of one length.

    Parameters
    ----------
    layers, oids : ndarray
        Key of each.
    xy : ndarray (n, 2)
        Where it fails, in the project's CRS; NaN for what stands nowhere.
    values, limits : ndarray of object
        What was found and what it should be: float, text or None.
    whys : ndarray of str
        ``gate.why.<code>``, or empty.
    other_layers, other_oids : ndarray
        The object that it clashes with; empty and -1 for none.
    """

    layers: Objects
    oids: Rows
    xy: NDArray[np.float64]
    values: Objects
    limits: Objects
    whys: Objects
    other_layers: Objects
    other_oids: Rows

    def __len__(self) -> int:
        return len(self.oids)

    def key(self, row: int) -> ObjectKey:
        """Return the object of a row."""
        return ObjectKey(str(self.layers[row]), int(self.oids[row]))

    def other(self, row: int) -> ObjectKey | None:
        """Return what it clashes with."""
        layer = str(self.other_layers[row])
        return ObjectKey(layer, int(self.other_oids[row])) if layer else None


@dataclass(frozen=True, slots=True, eq=False)
class RuleResult:
    """What one rule found.

    Parameters
    ----------
    rule : Rule
    judged, failed : int
        Objects.
    gaps : tuple of (code, facts, count)
        Why others were not judged: ``gate.gap.<code>``.
    failures : Failures
    """

    rule: Rule
    judged: int
    failed: int
    gaps: tuple[tuple[str, Mapping[str, Any], int], ...]
    failures: Failures

    @property
    def passed(self) -> int:
        """Return how many were judged and do not fail."""
        return self.judged - self.failed

    @property
    def not_judged(self) -> int:
        """Return how many the rule is about and could not judge."""
        return sum(count for _, _, count in self.gaps)


@dataclass(frozen=True, slots=True, eq=False)
class GateResult:
    """What one run found.

    Parameters
    ----------
    book : RuleBook
    results : tuple of RuleResult
        Of the rules that are switched on, in their order.
    scores : tuple of Score
        The whole first, then by sub-district, then by class.
    counts : mapping of str to int
        Objects by layer.
    """

    book: RuleBook
    results: tuple[RuleResult, ...]
    scores: tuple[Score, ...]
    counts: Mapping[str, int] = field(default_factory=dict)

    def of(self, rule_id: str) -> RuleResult | None:
        """Return what a rule found; None for one that did not run."""
        return next((one for one in self.results if one.rule.id == rule_id), None)

    @property
    def failed(self) -> int:
        """Return how many failures there are, of all rules."""
        return sum(one.failed for one in self.results)


def run_gate(
    tables: Tables, book: RuleBook, progress: Progress | None = None, layers: Collection[str] = ()
) -> GateResult:
    """Judge the facilities by the rules that are switched on.

    Parameters
    ----------
    tables : Tables
        All layers that rules may look at.
    book : RuleBook
    progress : Progress, optional
    layers : collection of str
        Judge objects of these layers only; empty for all. What they are compared with is not narrowed.

    Raises
    ------
    UserError
        What is wrong with an expression of a rule, ``gate.rule_failed`` with its id.
    """
    progress = progress or Progress()
    active = [rule for rule in book.rules if rule.enabled]
    tallies: dict[str, Tally] = {}
    results = []
    for number, rule in enumerate(active):
        progress.step(number / max(len(active), 1), "progress.gate.judging")
        table = tables.of(rule.role)
        tally = tallies.setdefault(rule.role, Tally(table))
        results.append(_judge(rule, table, tables, layers, tally, book.weights[rule.severity]))
    progress.step(1.0, "progress.gate.scoring")
    counts = {
        str(layer): int(count)
        for tally in tallies.values()
        for layer, count in zip(*np.unique(tally.table.layers.astype(str), return_counts=True), strict=True)
        if not layers or layer in layers
    }
    return GateResult(book, tuple(results), scores(list(tallies.values()), tables), counts)


def _judge(
    rule: Rule, table: Table, tables: Tables, layers: Collection[str], tally: Tally, weight: float
) -> RuleResult:
    if not len(table):
        return RuleResult(rule, 0, 0, (), _failures(table, np.zeros(0, np.int64), None))
    chosen, unsure = _chosen(rule, table, layers)
    if not (chosen | unsure).any():
        return RuleResult(rule, 0, 0, (), _failures(table, np.zeros(0, np.int64), None))
    tables.asked = chosen
    outcome = CHECKS[rule.check](rule, table, tables)
    if outcome.applies is not None:
        chosen = chosen & outcome.applies
    left, gaps = chosen, []
    for gap in (*outcome.gaps,):
        mine = left & gap.rows
        left = left & ~gap.rows
        gaps.append((gap, int(mine.sum())))
    if unsure.any():
        gaps.append((Gap(unsure, "where", {"where": rule.where}), int(unsure.sum())))
    failed = left & outcome.failed
    tally.add(chosen | unsure, left, failed, weight)
    rows = np.flatnonzero(failed)
    told = tuple((gap.code, gap.facts, count) for gap, count in gaps if count)
    return RuleResult(rule, int(left.sum()), len(rows), told, _failures(table, rows, outcome))


def _chosen(rule: Rule, table: Table, layers: Collection[str]) -> tuple[Mask, Mask]:
    """Return the rows that a rule is about, and those of which that cannot be told."""
    chosen = among(table.layers, list(layers)) if layers else np.ones(len(table), bool)
    if rule.symbols:
        chosen &= among(table.symbols, list(rule.symbols))
    if rule.kinds:
        kinds = [*rule.kinds, *(gravity_codes() if "gravity" in rule.kinds else ())]
        chosen &= among(table.kind, kinds)
    if not rule.where.strip():
        return chosen, np.zeros(len(table), bool)
    true, known = values.truth(rule.where, table)
    return chosen & known & true, chosen & ~known


def _failures(table: Table, rows: Rows, outcome: Outcome | None) -> Failures:
    def told(column: Any) -> Objects:
        if column is None:
            return np.full(len(rows), None, dtype=object)
        if not isinstance(column, np.ndarray):
            return np.full(len(rows), column, dtype=object)
        found: Objects = column[rows].astype(object)
        found[pd.isna(found)] = None
        return found

    layers, oids = np.full(len(rows), "", dtype=object), np.full(len(rows), -1, np.int64)
    if outcome is not None and outcome.other is not None:
        other, partner = outcome.other[0], outcome.other[1][rows]
        has = partner >= 0
        layers[has], oids[has] = other.layers[partner[has]], other.oids[partner[has]]
    xy = table.xy if outcome is None or outcome.places is None else outcome.places
    whys = np.full(len(rows), "", dtype=object) if outcome is None or outcome.why is None else outcome.why[rows]
    value, limit = (None, None) if outcome is None else (outcome.value, outcome.limit)
    return Failures(table.layers[rows], table.oids[rows], xy[rows], told(value), told(limit), whys, layers, oids)

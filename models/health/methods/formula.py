"""Indicators whose formula a person wrote (:mod:`models.health.definitions.formula_text`).

Where numerator and denominator are counts over one table, the objects on both sides are listed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from models.health.definitions.figures import UNIT_CODES, Counted, counted, result
from models.health.definitions.formula_text import Figure, Formula, Node, parse
from models.health.editions import IndicatorDef, Threshold
from models.health.partition import Measured, Method, Need, Partition, no_objects, objects


def formula_of(definition: IndicatorDef) -> Formula:
    """Return the formula of an indicator.

    Raises
    ------
    UserError
        See :func:`models.health.definitions.formula_text.parse`.
    """
    return parse(str(definition.parameters.get("expression", "")))


def measure(partition: Partition, definition: IndicatorDef) -> Measured:
    """Return numerator and denominator of the formula by unit."""
    formula = formula_of(definition)
    found = {figure: counted(figure, partition) for figure in formula.figures}
    by_unit = {figure: one.by_unit for figure, one in found.items()}
    whole = {figure: np.array([one.whole]) for figure, one in found.items()}
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = [np.where(one.seen > 0, one.known / one.seen, np.nan) for one in found.values()]
    known = np.nanmin([*shares, np.ones(len(partition.shapes))], axis=0)
    numerator = result(formula.numerator, by_unit)
    if formula.denominator is None:
        denominator = np.sum([one.known for one in found.values()], axis=0)
        seen = np.sum([one.seen for one in found.values()], axis=0)
        all_of_it = (float(result(formula.numerator, whole)[0]), float(denominator.sum()))
    else:
        denominator = result(formula.denominator, by_unit)
        seen = np.where(known > 0, denominator / np.where(known > 0, known, 1.0), np.inf)
        all_of_it = (float(result(formula.numerator, whole)[0]), float(result(formula.denominator, whole)[0]))
    is_there = np.isfinite(numerator) & np.isfinite(denominator)
    good, bad = _sides(formula, definition, found, partition)
    return Measured(
        numerator=np.where(is_there, numerator, 0.0),
        denominator=np.where(is_there, denominator, 0.0),
        factor=formula.factor,
        seen=np.where(is_there, seen, 0.0),
        good=good,
        bad=bad,
        used={role: _used(role, found, partition) for role in formula.roles},
        whole=None if formula.adds_up else all_of_it,
    )


def thresholds(definition: IndicatorDef) -> Sequence[Threshold]:
    """Return the formula as the rule that went in."""
    return (Threshold("formula", {"expression": str(definition.parameters.get("expression", ""))}, definition.source),)


def reads(definition: IndicatorDef) -> Mapping[str, tuple[str, ...]]:
    """Return the fields that the formula reads, by role."""
    fields: dict[str, tuple[str, ...]] = {}
    for figure in formula_of(definition).figures:
        fields[figure.role] = tuple(dict.fromkeys((*fields.get(figure.role, ()), *figure.fields, *UNIT_CODES)))
    return fields


def needs(definition: IndicatorDef) -> Sequence[Need]:
    """Return the fields without which nobody can tell what counts: all that the formula names."""
    return tuple(
        dict.fromkeys(Need(figure.role, (name,)) for figure in formula_of(definition).figures for name in figure.fields)
    )


def _used(role: str, found: Mapping[Figure, Counted], partition: Partition) -> pd.DataFrame:
    rows = [one.rows for figure, one in found.items() if figure.role == role]
    return partition.frames[role].iloc[np.unique(np.concatenate(rows))][["_layer", "_oid"]]


def _sides(
    formula: Formula, definition: IndicatorDef, found: Mapping[Figure, Counted], partition: Partition
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the objects that make the figure good and bad, where single figures say which they are."""
    top = _single(formula.numerator)
    if top is None:
        return no_objects(), no_objects()
    inside = _listed(found[top], top, "formula_counted", partition)
    below = None if formula.denominator is None else _single(formula.denominator)
    if below is None or (below.role, below.kind) != (top.role, top.kind):
        return (no_objects(), inside) if definition.direction == "down" else (inside, no_objects())
    rest = ~np.isin(found[below].rows, found[top].rows)
    outside = _listed(found[below], below, "formula_not_counted", partition, rest)
    return (outside, inside) if definition.direction == "down" else (inside, outside)


def _single(node: Node) -> Figure | None:
    return node if isinstance(node, Figure) and node.kind in ("count", "sum", "area", "length") else None


def _listed(
    one: Counted, figure: Figure, reason: str, partition: Partition, chosen: np.ndarray | None = None
) -> pd.DataFrame:
    rows, unit, share = (
        (one.rows, one.unit, one.share) if chosen is None else (one.rows[chosen], one.unit[chosen], one.share[chosen])
    )
    return objects(partition.frames[figure.role], rows, unit, reason, severity=share, loss=share)


METHOD = Method(measure, thresholds, reads, needs=needs)

"""What changed in the data underneath two records: rows that came and went, and fields that hold other values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.health.years import prints
from models.health.years.record import FieldPrint, LayerPrint


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that holds other values.

    Parameters
    ----------
    name : str
    changed : int or None
        In how many of the rows that both have; None where only the whole column can be told apart.
    state : str
        ``"changed"``, ``"only_before"`` or ``"only_now"``.
    """

    name: str
    changed: int | None
    state: str = "changed"


@dataclass(frozen=True, slots=True)
class LayerChange:
    """What became of a layer.

    Parameters
    ----------
    before, now : LayerPrint or None
    state : str
        ``"same"``, ``"changed"``, ``"only_before"`` or ``"only_now"``.
    added, removed, changed : int or None
        Rows, by their business keys; None where the layer has none or is too large to be told row by row.
    fields : tuple of FieldChange
        Those that differ.
    has_other_crs : bool
        Whether shapes differ because they are measured in another CRS.
    """

    before: LayerPrint | None
    now: LayerPrint | None
    state: str
    added: int | None = None
    removed: int | None = None
    changed: int | None = None
    fields: tuple[FieldChange, ...] = ()
    has_other_crs: bool = False

    @property
    def layer(self) -> LayerPrint:
        """Return the layer, as the later side names it."""
        one = self.now or self.before
        assert one is not None  # noqa: S101 - one side has it
        return one


def layer_changes(before: Sequence[LayerPrint], now: Sequence[LayerPrint]) -> tuple[LayerChange, ...]:
    """Return what became of each layer: found by id, else by name, else as the only one of its role."""
    left = list(before)
    found = []
    for one in now:
        old = _same(one, left, now)
        if old is not None:
            left.remove(old)
        found.append(LayerChange(None, one, "only_now") if old is None else _change(old, one))
    return (*found, *(LayerChange(one, None, "only_before") for one in left))


def _same(one: LayerPrint, left: Sequence[LayerPrint], now: Sequence[LayerPrint]) -> LayerPrint | None:
    mine = [old for old in left if old.role == one.role]
    by_id = [old for old in mine if old.id == one.id]
    by_name = [old for old in mine if old.name and old.name == one.name]
    is_only = len(mine) == 1 and sum(other.role == one.role for other in now) == 1
    return next(iter(by_id or by_name or (mine if is_only else ())), None)


def _change(before: LayerPrint, now: LayerPrint) -> LayerChange:
    then, today = ({one.name: one for one in layer.fields} for layer in (before, now))
    moved = before.crs != now.crs
    lone = [FieldChange(name, None, "only_before") for name in then if name not in today]
    lone += [FieldChange(name, None, "only_now") for name in today if name not in then]
    both = [name for name in today if name in then]
    if not before.names or not now.names or before.key != now.key:
        others = [FieldChange(name, None) for name in both if then[name].whole != today[name].whole]
        is_same = before.count == now.count and not others and not lone
        return LayerChange(before, now, "same" if is_same else "changed", fields=(*others, *lone), has_other_crs=moved)
    old, new = prints.unpacked_names(before.names), prints.unpacked_names(now.names)
    _, at_old, at_new = np.intersect1d(old, new, assume_unique=True, return_indices=True)
    touched = np.zeros(len(at_old), dtype=bool)
    found = []
    for name in both:
        differs = _differing(then[name], today[name], at_old, at_new, len(old), len(new))
        if differs is None:
            if then[name].whole != today[name].whole:
                found.append(FieldChange(name, None))
        elif differs.any():
            touched |= differs
            found.append(FieldChange(name, int(differs.sum())))
    added, removed, changed = len(new) - len(at_new), len(old) - len(at_old), int(touched.sum())
    is_same = not (added or removed or found or lone) and before.count == now.count
    return LayerChange(
        before, now, "same" if is_same else "changed", added, removed, changed, (*found, *lone), moved
    )  # fmt: skip


def _differing(
    then: FieldPrint, today: FieldPrint, at_old: np.ndarray, at_new: np.ndarray, old: int, new: int
) -> np.ndarray | None:
    """Return in which of the rows that both have a field differs; None where nobody can say."""
    first, second = prints.unpacked_values(then.rows), prints.unpacked_values(today.rows)
    if len(first) != old or len(second) != new:
        return None
    return np.asarray(first[at_old] != second[at_new])

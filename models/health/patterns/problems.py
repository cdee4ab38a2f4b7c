"""The problems of a city as points, and what was looked at: what every analysis of patterns begins with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.health.editions import Edition
from models.health.lists.found import found_in
from models.health.lists.rows import LedgerRow
from models.health.patterns.places import AREAS_ROLES, Floats, Ground, Ints, placed
from models.health.results import IndicatorResult
from models.layers.layer import LayerData
from models.project.project import ProjectState

#: Columns of a problem.
COLUMNS = ("code", "item", "reason", "layer", "oid", "object_code", "object_name", "severity")
#: Reason of what serves, which was not looked at itself.
SITE = "site"

if TYPE_CHECKING:
    import scipy.sparse as sp


@dataclass(frozen=True, slots=True, eq=False)
class Problems:
    """Problems with their places: one a finding (indicator, check item or reason) at one object.

    Parameters
    ----------
    rows : DataFrame
        :data:`COLUMNS`, ``x``, ``y`` (project CRS, metres) and ``unit`` (position, −1 outside all units).
    unplaced : int
        Left out: the object is not here or has no shape.
    areas : int
        Left out: whole districts, which are no place.
    """

    rows: pd.DataFrame
    unplaced: int = 0
    areas: int = 0

    @property
    def xy(self) -> Floats:
        """Return where they are, (n, 2)."""
        return self.rows[["x", "y"]].to_numpy(dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """Which objects were looked at under which indicator, and which of them fail.

    Parameters
    ----------
    codes : tuple of str
        Indicators, the columns of the matrices.
    layers, oids : ndarray, shape (objects,)
    xy : ndarray, shape (objects, 2)
    unit : ndarray of int
    looked, fails : sparse matrix of 0 and 1, shape (objects, codes)
    """

    codes: tuple[str, ...]
    layers: np.ndarray
    oids: Ints
    xy: Floats
    unit: Ints
    looked: sp.csr_matrix
    fails: sp.csr_matrix


def problems_of(
    state: ProjectState, data: Mapping[str, LayerData], results: Mapping[str, IndicatorResult], book: Edition,
    ground: Ground,
) -> Problems:  # fmt: skip
    """Return what was found in check records and results, and what persons listed beside it.

    Parameters
    ----------
    state : ProjectState
    data : mapping of str to LayerData
    results : mapping of str to IndicatorResult
        The results that count, by code.
    book : Edition
    ground : Ground
    """
    found = found_in(replace(state, results=tuple(results.values())), data, book).rows
    parts = [found[list(COLUMNS)], _listed(state.health.ledger, found)]
    rows = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    roles = {layer.id: layer.role for layer in state.layers}
    is_area = rows["layer"].map(roles).isin(AREAS_ROLES).to_numpy(bool)
    layers, oids = rows["layer"].to_numpy(dtype=object), rows["oid"].to_numpy(dtype=np.int64)
    xy = placed(layers, oids, data, ground.crs)
    has_place = np.isfinite(xy).all(axis=1)
    keep = has_place & ~is_area
    rows = rows[keep].assign(x=xy[keep, 0], y=xy[keep, 1], unit=ground.unit_at(xy[keep])).reset_index(drop=True)
    return Problems(rows, int((~has_place & ~is_area).sum()), int(is_area.sum()))


def looked_at(
    state: ProjectState, data: Mapping[str, LayerData], results: Mapping[str, IndicatorResult], ground: Ground
) -> Looked:
    """Return which objects results looked at: those that fail and those that are good, whole districts left out."""
    import scipy.sparse as sp

    roles = {layer.id: layer.role for layer in state.layers}
    parts: list[pd.DataFrame] = []
    codes = tuple(code for code, one in results.items() if len(one.problems) or one.good)
    for at, code in enumerate(codes):
        result = results[code]
        sides = [(result.problem_keys, True)]
        sides += [(one.keys, False) for one in result.good if one.reason != SITE]
        for keys, is_bad in sides:
            for layer, oids in keys.by_layer().items():
                if roles.get(layer, "") not in AREAS_ROLES:
                    parts.append(pd.DataFrame({"layer": layer, "oid": oids, "column": at, "fails": is_bad}))
    if not parts:
        nothing = sp.csr_matrix((0, len(codes)), dtype=np.int64)
        return Looked(codes, np.zeros(0, object), np.zeros(0, np.int64), np.zeros((0, 2)), np.zeros(0, np.int64),
                      nothing, nothing)  # fmt: skip
    every = pd.concat(parts, ignore_index=True)
    table = every.groupby(["layer", "oid", "column"])["fails"].any().reset_index()
    row, names = pd.factorize(pd.MultiIndex.from_frame(table[["layer", "oid"]]))
    layers = names.get_level_values(0).to_numpy(dtype=object)
    oids = names.get_level_values(1).to_numpy(dtype=np.int64)
    xy = placed(layers, oids, data, ground.crs)
    shape, column = (len(names), len(codes)), table["column"].to_numpy()
    fails = table["fails"].to_numpy(bool)

    def matrix(chosen: np.ndarray) -> sp.csr_matrix:
        ones = np.ones(int(chosen.sum()), dtype=np.int64)
        return sp.csr_matrix((ones, (row[chosen], column[chosen])), shape=shape)

    return Looked(codes, layers, oids, xy, ground.unit_at(xy), matrix(np.ones(len(row), bool)), matrix(fails))


def _listed(ledger: Sequence[LedgerRow], found: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the ledger that nothing but a person lists, and that are open."""
    rows = pd.DataFrame(
        [(one.code, one.item, one.reason, one.key.layer, one.key.oid, one.object_code, one.object_name, one.severity)
         for one in ledger if one.state != "gone" and one.status != "closed"],
        columns=list(COLUMNS),
    )  # fmt: skip
    there = pd.MultiIndex.from_frame(found[["code", "layer", "oid"]])
    return rows[~pd.MultiIndex.from_frame(rows[["code", "layer", "oid"]]).isin(there)]

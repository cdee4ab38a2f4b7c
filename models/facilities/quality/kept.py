"""A result of the gate as it is kept: with what it was made of, and what the city is coloured by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.facilities.quality.gate import GateResult
from models.project.edits import Edit

Oids = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Gate:
    """A result with what it was made of.

    Parameters
    ----------
    result : GateResult
    stamp : Stamp
        Rules and data.
    made_at : str
        ISO time with zone.
    titles : mapping of str to (zh, en)
        Names of the layers that were judged.
    """

    result: GateResult
    stamp: Stamp
    made_at: str
    titles: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True, eq=False)
class Stamp:
    """What a result rests on; a table is the same while it is the very same object with the same edits.

    Parameters
    ----------
    parts : tuple
        Of each layer: id, role, filter and code edition; its table before edits; its edits.
    rules, frame : str
    tables : object
        Class tables of the project.
    """

    parts: tuple[tuple[tuple[str, ...], object, tuple[Edit, ...]], ...]
    rules: str
    frame: str
    tables: object

    def is_same(self, other: Stamp) -> bool:
        """Whether a result made of one is true of the other."""
        if len(self.parts) != len(other.parts):
            return False
        pairs = zip(self.parts, other.parts, strict=True)
        same = all(a[0] == b[0] and a[1] is b[1] and a[2] == b[2] for a, b in pairs)
        return same and (self.rules, self.frame, self.tables) == (other.rules, other.frame, other.tables)


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """What fails, for the city to be coloured by.

    Parameters
    ----------
    titles : (zh, en)
        Of the one rule; empty for all of them.
    by : mapping of str to mapping
        Severity, worst first → layer → ids; an object stands under its worst.
    """

    titles: tuple[str, str] = ("", "")
    by: Mapping[str, Mapping[str, Oids]] = field(default_factory=dict)


def marks_of(result: GateResult, rule_id: str = "") -> Marks:
    """Return what fails one rule, or any."""
    found: dict[str, dict[str, Oids]] = {}
    taken: dict[str, Oids] = {}
    titles = ("", "")
    for severity in ("error", "warning", "hint"):
        for one in result.results:
            if one.rule.severity != severity or rule_id not in ("", one.rule.id):
                continue
            titles = (one.rule.title("zh"), one.rule.title("en")) if rule_id else titles
            for layer in np.unique(one.failures.layers.astype(str)).tolist():
                mine = np.unique(one.failures.oids[one.failures.layers == layer])
                fresh = np.setdiff1d(mine, taken.get(layer, np.zeros(0, np.int64)))
                taken[layer] = np.union1d(taken.get(layer, np.zeros(0, np.int64)), mine)
                held = found.setdefault(severity, {}).get(layer, np.zeros(0, np.int64))
                found[severity][layer] = np.union1d(held, fresh)
    return Marks(titles, found)

"""Which clear distance the standard asks of two pipes, or of a pipe and a building: rows with their certainty.

A person's own rows take the place of the standard's where their ids agree, and are told apart (:attr:`Rule.own`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.errors import UserError
from resources.standards import standard

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TABLES = ("horizontal", "vertical")
CERTAINTIES = ("checked", "medium", "low", "unsettled", "own")
#: The other side of a rule that speaks of buildings.
BUILDING = "building"
#: No rule file is larger than this, bytes.
_MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the tables.

    Parameters
    ----------
    id : str
    table : str
        ``"horizontal"`` or ``"vertical"``.
    a, b : tuple of str
        Kinds of CJJ 61, or ``"building"``.
    min_m : float or None
        None where the limit is not settled.
    up_to_mm, over_mm : float or None
        Bounds of the diameter of the pipe of ``b`` (of ``a`` where ``b`` is a building).
    pressure : tuple of str
        Beginnings of its pressure class.
    certainty : str
        One of :data:`CERTAINTIES`.
    source, clause : str
    own : bool
        From a person's own file.
    """

    id: str
    table: str
    a: tuple[str, ...]
    b: tuple[str, ...]
    min_m: float | None
    up_to_mm: float | None = None
    over_mm: float | None = None
    pressure: tuple[str, ...] = ()
    certainty: str = "unsettled"
    source: str = ""
    clause: str = ""
    own: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """The rows in the order in which they are asked.

    Parameters
    ----------
    rows : tuple of Rule
    alongside_deg : float
        Pipes whose directions differ by no more run side by side.
    standard : str
    own_file : str
        Name of a person's own file, empty for none.
    """

    rows: tuple[Rule, ...]
    alongside_deg: float
    standard: str
    own_file: str = ""

    @property
    def reach_m(self) -> float:
        """Return the largest limit on plan: pipes farther apart are no neighbours."""
        return max((row.min_m or 0.0 for row in self.rows if row.table == "horizontal"), default=0.0)

    def lookup(
        self, table: str, kind_a: NDArray[Any], size_a: Floats, pressure_a: NDArray[Any],
        kind_b: NDArray[Any], size_b: Floats, pressure_b: NDArray[Any],
    ) -> Ints:  # fmt: skip
        """Return the row that speaks of each pair, -1 where none does.

        Parameters
        ----------
        table : str
        kind_a, kind_b : ndarray of str (n,)
        size_a, size_b : ndarray (n,)
            Millimetres; a condition on an unknown one is not met.
        pressure_a, pressure_b : ndarray of str (n,)
        """
        found = np.full(len(kind_a), -1, dtype=np.int64)
        pressures = tuple(_plain(one) for one in (pressure_a, pressure_b))
        for number, rule in enumerate(self.rows):
            if rule.table != table:
                continue
            a_to_b = np.isin(kind_a, rule.a) & np.isin(kind_b, rule.b)
            b_to_a = np.isin(kind_b, rule.a) & np.isin(kind_a, rule.b)
            subject = BUILDING in rule.b  # a condition speaks of the pipe, which is then the first side
            if rule.up_to_mm is not None or rule.over_mm is not None or rule.pressure:
                a_to_b &= _meets(rule, *((size_a, pressures[0]) if subject else (size_b, pressures[1])))
                b_to_a &= _meets(rule, *((size_b, pressures[1]) if subject else (size_a, pressures[0])))
            found[(found < 0) & (a_to_b | b_to_a)] = number
        return found

    def limit_m(self, found: Ints) -> Floats:
        """Return the limits of rows, NaN for none and for those that are not settled."""
        limits = np.array([np.nan if row.min_m is None else row.min_m for row in self.rows] + [np.nan])
        return np.asarray(limits[found])


def to_buildings(frame: Any, own: Rules | None = None) -> tuple[Floats, Ints]:
    """Return the limit of each pipe of a table to buildings (NaN for none) and the number of its row (-1)."""
    from models.network.pipe_bodies import numbers, texts

    rules = own or shipped()
    kinds = np.char.upper(texts(frame, "kind").astype(str))
    size, pressure = numbers(frame, "diameter_mm"), texts(frame, "pressure").astype(str)
    other, none = np.full(len(kinds), BUILDING), np.full(len(kinds), np.nan)
    found = rules.lookup("horizontal", kinds, size, pressure, other, none, np.full(len(kinds), ""))
    return rules.limit_m(found), found


@lru_cache(maxsize=1)
def shipped() -> Rules:
    """Return the rows of the standard as they come with the program."""
    table = standard("pipe_clearance_gb50289")
    meta = table["meta"]
    rows = tuple(_rule(row, meta, own=False) for row in table["row"])
    return Rules(rows, float(meta["alongside_deg"]), str(meta["standard"]))


def with_own(path: Path) -> Rules:
    """Return the shipped rows with those of a person's file in the place of, or after, them.

    Raises
    ------
    UserError
        ``network.rules_missing``, ``network.rules_damaged`` with what is wrong, and where.
    """
    path = Path(path)
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UserError("network.rules_damaged", file=path.name, detail=f"> {_MOST_BYTES} B")
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UserError("network.rules_missing", file=path.name) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UserError("network.rules_damaged", file=path.name, detail=str(error)) from error
    base = shipped()
    rows = document.get("row", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UserError("network.rules_damaged", file=path.name, detail="[[row]]")
    meta = standard("pipe_clearance_gb50289")["meta"]
    known = {rule.id: rule for rule in base.rows}
    shipped_rows = {row["id"]: row for row in standard("pipe_clearance_gb50289")["row"]}
    own = {}
    for number, row in enumerate(rows, start=1):
        whole = {**shipped_rows.get(str(row.get("id", "")), {}), **row}
        if whole == shipped_rows.get(str(row.get("id", ""))):
            continue  # a copy that nobody changed
        if "certainty" not in row:
            whole["certainty"] = "own"
        try:
            own[str(whole["id"])] = _rule(whole, meta, own=True)
        except (KeyError, TypeError, ValueError) as error:
            raise UserError("network.rules_damaged", file=path.name, detail=f"[[row]] {number}: {error}") from error
    mine = tuple(rule for key, rule in own.items() if key not in known)
    kept = tuple(own.get(rule.id, rule) for rule in base.rows)
    return Rules(mine + kept, base.alongside_deg, base.standard, path.name)


def _rule(row: Mapping[str, Any], meta: Mapping[str, Any], *, own: bool) -> Rule:
    """Return a row as a value; ValueError says what is wrong with it."""
    table = str(row["table"])
    if table not in TABLES:
        raise ValueError(f"table: {table}")
    certainty = str(row.get("certainty", "own" if own else "unsettled"))
    if certainty not in CERTAINTIES:
        raise ValueError(f"certainty: {certainty}")
    bounds = [None if row.get(name) is None else float(row[name]) for name in ("min_m", "up_to_mm", "over_mm")]
    if any(bound is not None and not 0 <= bound < 1e6 for bound in bounds):
        raise ValueError("min_m, up_to_mm, over_mm")
    least, up_to, over = bounds
    return Rule(
        str(row["id"]), table, _words(row["a"]), _words(row["b"]), least, up_to, over,
        _words(row.get("pressure", ())), certainty, str(row.get("source", "")),
        f"{meta['standard']} {meta[table]}", own,
    )  # fmt: skip


def _words(values: Any) -> tuple[str, ...]:
    if isinstance(values, str) or not isinstance(values, Sequence):
        raise TypeError(f"{values!r}")
    return tuple(str(value) for value in values)


def _plain(texts: NDArray[Any]) -> NDArray[np.str_]:
    return np.char.replace(texts.astype(str), " ", "") if len(texts) else texts.astype(str)


def _meets(rule: Rule, size: Floats, pressure: NDArray[np.str_]) -> NDArray[np.bool_]:
    met = np.ones(len(size), dtype=bool)
    if rule.up_to_mm is not None:
        met &= size <= rule.up_to_mm
    if rule.over_mm is not None:
        met &= size > rule.over_mm
    if rule.pressure:
        starts = np.zeros(len(size), dtype=bool)
        for beginning in rule.pressure:
            starts |= np.char.startswith(pressure, beginning)
        met &= starts
    return met


def falls_short(clear_m: Any, required_m: Any) -> Any:
    """Whether clear distances are less than required; what has no limit (NaN) never is, a rounding error is none."""
    return clear_m < required_m - 1e-9

"""Conditions on the rows of a register, as an edition writes them: yes, no or unknown for every row.

A condition is a table of the edition's TOML. It names a ``field`` and one test:

==================  ====================================================================================================
``values``          one of these words; ``other_values`` are words that are understood and mean no. Where they are
                    given, any further word is unknown, else it means no.
``yes``             true or false: the field says yes, or no.
``at_least`` …      ``above``, ``at_most``, ``below``: a number against a limit.
``in_year``         the date lies in the year of the check; ``from_year``: in it or later; ``until_year``: in it or
                    before.
``not_after``       the date is not later than that of another field.
``below_field``     the number is less than that of another field.
==================  ====================================================================================================

An empty cell is unknown, unless ``empty`` says that it means ``"yes"`` or ``"no"`` (a case without a closing date is
open). ``optional`` says that a register may lack the field. Beside tests of fields there are ``inside`` (the name of a
role, with ``where``: the object lies in one of its polygons for which these conditions hold) and ``any`` (a list of
lists: one of them holds whole). The conditions of a list hold together, by Kleene's three-valued logic: what is
unknown decides nothing that is known otherwise.

There is nothing to evaluate: a condition is data, bounded work for each row, and an unknown key is an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from models.core.errors import UserError
from models.core.table_columns import numbers
from models.facilities.register.column_values import moments_in
from models.health import coverage
from models.health.partition import Need, has_value, yes_or_no
from models.health.registers.placing import points_in

#: The three answers, in an order in which "and" is the least and "or" the greatest.
NO, UNKNOWN, YES = np.uint8(0), np.uint8(1), np.uint8(2)
#: One answer for each row.
Answers = NDArray[np.uint8]
Condition = Mapping[str, Any]

_EMPTY = {"unknown": UNKNOWN, "no": NO, "yes": YES}
_NUMBERS = {
    "at_least": np.greater_equal, "above": np.greater, "at_most": np.less_equal, "below": np.less,
}  # fmt: skip
_YEARS = {"in_year": np.equal, "from_year": np.greater_equal, "until_year": np.less_equal}
_FIELD_KEYS = {
    "field",
    "values",
    "other_values",
    "yes",
    "not_after",
    "below_field",
    "empty",
    "optional",
    *_NUMBERS,
    *_YEARS,
}
_SIGNS = {"at_least": "≥", "above": ">", "at_most": "≤", "below": "<"}


@dataclass(frozen=True, slots=True)
class Around:
    """What conditions are asked against beside the rows themselves.

    Parameters
    ----------
    year : int
        Of the check.
    frames : mapping of str to DataFrame
        Objects by role, for ``inside``.
    """

    year: int
    frames: Mapping[str, pd.DataFrame]


def answers(conditions: Sequence[Condition], frame: pd.DataFrame, around: Around) -> Answers:
    """Return for every row whether all of some conditions hold.

    Raises
    ------
    UserError
        ``health.bad_condition``.
    """
    found = np.full(len(frame), YES)
    for condition in conditions:
        found = np.minimum(found, _answer(condition, frame, around))
    return found


def negated(found: Answers) -> Answers:
    """Return the opposite of answers; what is unknown stays so."""
    return (YES - found).astype(np.uint8)


def needs(conditions: Sequence[Condition], role: str) -> tuple[Need, ...]:
    """Return the fields without which some conditions tell nothing, those of roles around too; each once."""
    found: dict[tuple[str, str], Need] = {}
    for need in _needs(conditions, role):
        key = need.role, need.fields[0]
        other = found.setdefault(key, need)
        if other is not need:  # words of either condition are understood
            words = (*other.known, *need.known) if other.known and need.known else ()
            may_be_empty = other.may_be_empty or need.may_be_empty
            found[key] = Need(need.role, need.fields, tuple(dict.fromkeys(words)), may_be_empty)
    return tuple(found.values())


def _needs(conditions: Sequence[Condition], role: str) -> Iterator[Need]:
    for condition in conditions:
        if "any" in condition:
            for group in condition["any"]:
                yield from _needs(group, role)
        elif "inside" in condition:
            yield from _needs(condition.get("where", ()), condition["inside"])
        elif not condition.get("optional", False):
            words = (*condition.get("values", ()), *condition.get("other_values", ()))
            yield Need(role, (condition["field"],), words, may_be_empty="empty" in condition)


def fields(conditions: Sequence[Condition], role: str) -> dict[str, tuple[str, ...]]:
    """Return the fields that some conditions read, by role."""
    found: dict[str, tuple[str, ...]] = {role: ()}
    for condition in conditions:
        if "any" in condition:
            inner = [fields(group, role) for group in condition["any"]]
        elif "inside" in condition:
            inner = [fields(condition.get("where", ()), condition["inside"])]
        else:
            others = (condition[key] for key in ("not_after", "below_field") if key in condition)
            inner = [{role: (condition["field"], *others)}]
        for part in inner:
            for name, own in part.items():
                found[name] = tuple(dict.fromkeys((*found.get(name, ()), *own)))
    return found


def in_signs(conditions: Sequence[Condition], year: int) -> str:
    """Return conditions as a person may read them, by the names of fields: ``kind: bridge / overpass; grade: D``."""
    return "; ".join(
        _signs(condition, year) + (" / –" if condition.get("empty") == "yes" else "") for condition in conditions
    )


def _signs(condition: Condition, year: int) -> str:
    if "any" in condition:
        return " | ".join(f"({in_signs(group, year)})" for group in condition["any"])
    if "inside" in condition:
        return f"⊂ {condition['inside']} ({in_signs(condition.get('where', ()), year)})"
    name = condition["field"]
    if "values" in condition:
        return f"{name}: {' / '.join(map(str, condition['values']))}"
    if "yes" in condition:
        return f"{name}: {'yes' if condition['yes'] else 'no'}"
    if "not_after" in condition:
        return f"{name} ≤ {condition['not_after']}"
    if "below_field" in condition:
        return f"{name} < {condition['below_field']}"
    key = next(key for key in condition if key in _NUMBERS or key in _YEARS)
    if key in _YEARS:
        return f"{name} {({'in_year': '=', 'from_year': '≥', 'until_year': '≤'})[key]} {year}"
    return f"{name} {_SIGNS[key]} {condition[key]:g}"


def _answer(condition: Condition, frame: pd.DataFrame, around: Around) -> Answers:
    if "any" in condition:
        groups = [answers(group, frame, around) for group in condition["any"]]
        return np.maximum.reduce(groups) if groups else np.full(len(frame), NO)
    if "inside" in condition:
        return _inside(condition, frame, around)
    unknown = set(condition) - _FIELD_KEYS
    if unknown or "field" not in condition:
        raise UserError("health.bad_condition", condition=str(dict(condition)))
    column = _column(frame, condition["field"])
    found = _tested(condition, column, frame, around)
    empty = ~has_value(column).to_numpy(bool)
    return np.where(empty, _EMPTY[condition.get("empty", "unknown")], found).astype(np.uint8)


def _tested(condition: Condition, column: pd.Series[Any], frame: pd.DataFrame, around: Around) -> Answers:
    if "values" in condition:
        words = _words(column)
        others = [str(word).casefold() for word in condition.get("other_values", ())]
        held = words.isin([str(word).casefold() for word in condition["values"]]).to_numpy(bool)
        plainly_not = words.isin(others).to_numpy(bool) if others else np.ones(len(words), dtype=bool)
        return np.where(held, YES, np.where(plainly_not, NO, UNKNOWN)).astype(np.uint8)
    if "yes" in condition:
        said = yes_or_no(column)
        return _told(said.notna().to_numpy(bool), (said == bool(condition["yes"])).fillna(False).to_numpy(bool))
    if "not_after" in condition:
        one, other = moments_in(column), moments_in(_column(frame, condition["not_after"]))
        return _told((one.notna() & other.notna()).to_numpy(bool), (one <= other).to_numpy(bool))
    if "below_field" in condition:
        less, more = numbers(frame, condition["field"]), numbers(frame, condition["below_field"])
        return _told(np.isfinite(less) & np.isfinite(more), np.nan_to_num(less) < np.nan_to_num(more))
    for key, holds in _NUMBERS.items():
        if key in condition:
            values = numbers(frame, condition["field"])
            return _told(np.isfinite(values), holds(np.nan_to_num(values), float(condition[key])))
    for key, holds in _YEARS.items():
        if key in condition:
            years = moments_in(column).dt.year.to_numpy(np.float64)
            return _told(np.isfinite(years), holds(np.nan_to_num(years), around.year))
    raise UserError("health.bad_condition", condition=str(dict(condition)))


def _inside(condition: Condition, frame: pd.DataFrame, around: Around) -> Answers:
    """Return which objects lie inside polygons of another role that are meant; of the unknown ones, unknown."""
    places = around.frames.get(condition["inside"])
    found = np.full(len(frame), UNKNOWN if places is None else NO)
    if places is None or not len(places):
        return found
    points = points_in(frame["_shape"])
    meant, shapes = answers(condition.get("where", ()), places, around), coverage.polygons(places["_shape"])
    for answer in (UNKNOWN, YES):
        found[coverage.district_of(points, shapes[meant == answer]) >= 0] = answer
    found[shapely.is_missing(points)] = UNKNOWN
    return found


def _told(is_known: NDArray[np.bool_], holds: NDArray[np.bool_]) -> Answers:
    return np.where(is_known, np.where(holds, YES, NO), UNKNOWN).astype(np.uint8)


def _column(frame: pd.DataFrame, name: str) -> pd.Series[Any]:
    return frame[name] if name in frame.columns else pd.Series(None, index=frame.index, dtype=object)


def _words(column: pd.Series[Any]) -> pd.Series[Any]:
    return column.astype("str").str.strip().str.casefold()

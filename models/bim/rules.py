"""Rules that select elements: ``IfcWall, IsExternal, FireRating < 2h``. The grammar is in :mod:`models.bim.rule_text`.

Invariants
----------
1. A condition on an element is true, false or *silent*: the model does not state the property, or states what cannot be
   compared. Silence is carried through and, or, not (Kleene's three values) and counted apart, never taken for false.
2. A class name matches its kinds: IfcWall finds IfcWallStandardCase; IfcBuildingElement finds IFC4X3's IfcBuiltElement.
3. A property's short name looks into every set; where several state it, sets of buildingSMART (``Pset_``) count
   first. Each distinct value is compared once, so that 100,000 elements cost little.
"""

from __future__ import annotations

import difflib
import fnmatch
import operator as op
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.bim import rule_text
from models.bim.columns import ATTRIBUTES, Mask, column, columns_named, index_of
from models.bim.rule_text import UNITS, And, Compare, Condition, Holds, Not, OfClass, Operand, Or, Quantity
from models.core.errors import UserError
from models.layers.layer import ModelData
from resources.standards import standard

Oids = NDArray[np.int32]
Truth = tuple[Mask, Mask]

#: Names by which people call attributes, without case, spaces and underscores → column.
_NAMES = {
    **{name.replace("_", ""): name for name in ATTRIBUTES},
    "class": "ifc_class", "type": "type_name", "level": "storey", "floor": "storey", "elevation": "elevation_m",
    "globalid": "guid", "类": "ifc_class", "类别": "ifc_class", "构件类别": "ifc_class", "名称": "name",
    "类型": "type_name", "楼层": "storey", "层": "storey", "材料": "material", "材质": "material", "系统": "system",
    "分类": "classification", "编码": "classification", "说明": "description", "描述": "description",
    "标记": "tag", "标高": "elevation_m", "高程": "elevation_m",
}  # fmt: skip
_STANDARD_SETS = ("pset_", "qto_", "basequantities")
_TRUE = ("true", "yes", "1", ".t.", "t", "是", "真", "wahr", "ja", "oui")
_FALSE = ("false", "no", "0", ".f.", "f", "否", "假", "falsch", "nein", "non")
#: GB 12955: classes of fire doors and what they withstand, in minutes.
_FIRE_CLASSES = {"甲级": 90.0, "乙级": 60.0, "丙级": 30.0}
_RATING = re.compile(r"(\d+(?:[.,]\d+)?)\s*(hours?|hrs?|h|小时|minutes?|mins?|min|m|分钟)?(?![a-z0-9])", re.IGNORECASE)
_NUMBER = re.compile(r"\s*([-+]?\d+(?:[.,]\d+)?)\s*([^\s\d].*)?$")
_ORDER: dict[str, Callable[[float, float], bool]] = {"<": op.lt, "<=": op.le, ">": op.gt, ">=": op.ge}
#: A bare fire rating up to this is in hours ("2"), above it in minutes ("90").
_MOST_HOURS = 6.0


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """What a rule finds.

    Parameters
    ----------
    oids : ndarray of int32
        Elements for which the rule holds, ascending.
    silent : ndarray of int32
        Elements of which the model does not say enough to tell.
    """

    oids: Oids
    silent: Oids


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that was understood.

    Parameters
    ----------
    text : str
        In its own plain spelling, which :func:`parse` understands as the same.
    condition : Condition
    """

    text: str
    condition: Condition = field(repr=False)

    def select(self, data: ModelData) -> Oids:
        """Return the elements for which the rule holds, ascending."""
        return self.evaluate(data).oids

    def evaluate(self, data: ModelData) -> Matched:
        """Return the elements for which the rule holds, and those of which the model does not say.

        Raises
        ------
        UserError
            ``rule.no_class`` for a class that no schema has.
        """
        true, known = _truth(self.condition, data)
        return Matched(np.flatnonzero(true).astype(np.int32), np.flatnonzero(~known).astype(np.int32))

    def describe(self, word: Callable[[str], str]) -> str:
        """Return the rule in a person's words; ``word`` gives the word of a key in their language."""
        names = {"contains": "bim.rule.contains", "~": "bim.rule.like", "!~": "bim.rule.unlike"}
        names |= {"true": "bim.true", "false": "bim.false"}
        signs = {"!=": "≠", "<=": "≤", ">=": "≥"}

        def phrase(text: str) -> str:
            return word(names[text]) if text in names else signs.get(text, text)

        joins = (f" {word('bim.rule.and')} ", f" {word('bim.rule.or')} ", f"{word('bim.rule.not')} ")
        return rule_text.say(self.condition, *joins, words=phrase)


def parse(text: str) -> Rule:
    """Understand a rule.

    Raises
    ------
    UserError
        ``rule.empty``, ``rule.too_long``, ``rule.syntax`` (``at`` counts from 1, ``found``, ``expected``), or
        ``rule.no_class`` with a class that is spelt alike.
    """
    condition = rule_text.parse(text)
    for name in _classes_in(condition):
        _require_class(name)
    return Rule(rule_text.printed(condition), condition)


@lru_cache(maxsize=1)
def kinds() -> dict[str, frozenset[str]]:
    """Return ``{class in lower case: classes of its kind, itself included}`` over all schemas."""
    parents: dict[str, list[str]] = standard("ifc_classes")["parents"]
    found: dict[str, set[str]] = {}
    for name in parents:
        stack, seen = [name], set()
        while stack:
            at = stack.pop()
            if at not in seen:
                seen.add(at)
                found.setdefault(at.casefold(), {at}).add(name)
                stack.extend(parents.get(at, ()))
    old, new = "ifcbuildingelement", "ifcbuiltelement"  # renamed in IFC4X3
    found[old] = found[new] = found[old] | found[new]
    return {name: frozenset(below) for name, below in found.items()}


def is_kind(ifc_class: str, name: str) -> bool:
    """Whether a class is a kind of another."""
    return ifc_class in kinds().get(name.casefold(), (name,))


def of_kind(data: ModelData, *names: str) -> Oids:
    """Return the elements that are a kind of one of some classes, ascending."""
    wanted = frozenset[str]().union(*(kinds().get(name.casefold(), frozenset((name,))) for name in names))
    return np.flatnonzero(data.elements["ifc_class"].isin(wanted).to_numpy()).astype(np.int32)


def fire_minutes(value: object) -> float | None:
    """Return a fire rating in minutes, None for a text that is none.

    Examples
    --------
    >>> [fire_minutes(text) for text in ("2h", "1.5 hr", "F90", "REI 60", "120", "2", "甲级防火门", "EI2 30-C", "–")]
    [120.0, 90.0, 90.0, 60.0, 120.0, 120.0, 90.0, 30.0, None]
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value) * 60 if 0 < value <= _MOST_HOURS else float(value)
    text = str(value)
    for name, minutes in _FIRE_CLASSES.items():
        if name in text:
            return minutes
    found = list(_RATING.finditer(re.sub(r"(?i)\bEI[12]\b", "EI", text)))
    if not found:
        return None
    number, unit = float(found[0][1].replace(",", ".")), (found[0][2] or "").casefold()
    if unit.startswith("h") or unit == "小时":
        return number * 60
    return number * 60 if not unit and number <= _MOST_HOURS else number


# --- three values -----------------------------------------------------------------------------------------------------


def _truth(condition: Condition, data: ModelData) -> Truth:
    """Return for all elements whether the condition holds, and whether that is known; unknown is never true."""
    if isinstance(condition, OfClass):
        true = np.zeros(len(data.elements), bool)
        true[of_kind(data, _require_class(condition.name))] = True
        return true, np.ones(len(true), bool)
    if isinstance(condition, Not):
        true, known = _truth(condition.inner, data)
        return known & ~true, known
    if isinstance(condition, (And, Or)):
        true, known = _truth(condition.parts[0], data)
        for part in condition.parts[1:]:
            more, sure = _truth(part, data)
            if isinstance(condition, And):
                known = (known & sure) | (known & ~true) | (sure & ~more)
                true = true & more
            else:
                known = (known & sure) | true | more
                true = true | more
        return true, known
    if isinstance(condition, Holds):
        return _compared(data, condition.field, "=", True)
    return _compared(data, condition.field, condition.operator, condition.value)


def _compared(data: ModelData, name: str, operator: str, value: Operand) -> Truth:
    count = len(data.elements)
    true, known = np.zeros(count, bool), np.zeros(count, bool)
    for values, stated, unit in _columns(data, name):
        fresh = stated & ~known
        if not fresh.any():
            continue
        rows = np.flatnonzero(fresh)
        answers = _answers(values[rows], unit, name, operator, value)
        known[rows] = answers >= 0
        true[rows] = answers > 0
    return true, known


def _columns(data: ModelData, name: str) -> list[tuple[NDArray[Any], Mask, str]]:
    """Return (values, stated, unit) of the columns that a name means, the one that counts first first."""
    attribute = _NAMES.get(re.sub(r"[\s_]", "", name.casefold()))
    if attribute is not None and attribute in data.elements:
        return [(*column(data, attribute), "m" if attribute.endswith("_m") else "")]
    index = index_of(data)
    if "." in name:
        low = name.casefold()
        exact = [key for key in index.columns if f"{key[0]}.{key[1]}".casefold() == low]
        if exact:
            return [(*index.column(*key), index.unit(*key)) for key in exact]
    found = columns_named(data, name)
    found.sort(key=lambda item: not item[0].casefold().startswith(_STANDARD_SETS))
    return [(values, stated, index.unit_named(group, name)) for group, values, stated in found]


def _answers(values: NDArray[Any], unit: str, name: str, operator: str, value: Operand) -> NDArray[np.int8]:
    """Return 1, 0 or -1 (cannot be told) for each value."""
    import pandas as pd

    codes, distinct = pd.factorize(values)
    answers = np.array([_answer(one, unit, name, operator, value) for one in distinct], np.int8)
    return answers[codes] if len(answers) else np.full(len(values), -1, np.int8)


def _answer(stated: Any, unit: str, name: str, operator: str, value: Operand) -> int:
    if operator == "!=":
        same = _answer(stated, unit, name, "=", value)
        return same if same < 0 else 1 - same
    if operator == "!~":
        return 1 - _answer(stated, unit, name, "~", value)
    if operator in ("~", "contains"):
        text, pattern = _text(stated).casefold(), _text(value).casefold()
        return int(fnmatch.fnmatchcase(text, pattern) if operator == "~" else pattern in text)
    if isinstance(value, bool):
        truth = _as_bool(stated)
        return -1 if truth is None or operator != "=" else int(truth == value)
    if isinstance(value, Quantity):
        pair = _numbers(stated, unit, name, value)
        if pair is None:
            return int(_text(stated).casefold() == _text(value).casefold()) if operator == "=" else -1
        mine, wanted = pair
        if operator == "=":
            return int(bool(np.isclose(mine, wanted, rtol=1e-6, atol=1e-9)))
        return int(_ORDER[operator](mine, wanted))
    if operator == "=":
        return int(_text(stated).strip().casefold() == value.strip().casefold())
    return -1


def _numbers(stated: Any, unit: str, name: str, wanted: Quantity) -> tuple[float, float] | None:
    """Return both sides in one unit, None where they cannot be compared."""
    factor, symbol = UNITS.get(wanted.unit.casefold(), (1.0, ""))
    if symbol == "s" or (not symbol and _is_fire(name)):
        if unit == "s":
            return float(stated), wanted.number * factor
        minutes = fire_minutes(stated) if not isinstance(stated, bool) else None
        mine = fire_minutes(wanted.number) if not symbol else wanted.number * factor / 60
        return None if minutes is None or mine is None else (minutes, mine)
    if isinstance(stated, bool):
        return None
    if isinstance(stated, (int, float, np.number)):
        return (float(stated), wanted.number * factor) if not symbol or unit in ("", symbol) else None
    found = _NUMBER.match(str(stated))
    if found is None:
        return None
    own, own_symbol = UNITS.get(re.sub("²", "2", re.sub("³", "3", (found[2] or "").strip().casefold())), (1.0, ""))
    if (found[2] and not own_symbol) or (symbol and own_symbol != symbol):
        return None
    return float(found[1].replace(",", ".")) * own, wanted.number * factor


def _is_fire(name: str) -> bool:
    low = name.casefold().replace(" ", "")
    return "firerating" in low or "耐火" in low


def _as_bool(value: Any) -> bool | None:
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    text = _text(value).strip().casefold()
    return True if text in _TRUE else False if text in _FALSE else None


def _text(value: Any) -> str:
    if isinstance(value, Quantity):
        return f"{value.number:g} {value.unit}".strip()
    if isinstance(value, (float, np.floating)):
        return f"{value:g}"
    return str(value)


def _classes_in(condition: Condition) -> list[str]:
    if isinstance(condition, OfClass):
        return [condition.name]
    inner = (
        condition.parts
        if isinstance(condition, (And, Or))
        else (condition.inner,)
        if isinstance(condition, Not)
        else ()
    )
    return [name for part in inner for name in _classes_in(part)]


def _require_class(name: str) -> str:
    if name.casefold() not in kinds():
        like = difflib.get_close_matches(name.casefold(), list(kinds()), 1, 0.5)
        own = (
            next((one for one in kinds()[like[0]] if one.casefold() == like[0]), "IfcElement") if like else "IfcElement"
        )
        raise UserError("rule.no_class", name=name, like=own)
    return name


__all__ = ["Compare", "Matched", "Rule", "fire_minutes", "is_kind", "kinds", "of_kind", "parse"]

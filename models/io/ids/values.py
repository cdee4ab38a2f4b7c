"""What an IDS asks of a value, compared as the standard says.

ifctester compares with a relative tolerance alone, none at all in ranges, and demands every pattern where XML Schema
demands one. Its facets compare with ``==``, so that a :class:`Wanted` in the place of a text or a restriction is asked
instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from re import Pattern
from typing import Any

#: IDS 1.0, Tolerance: ``v - |v| ε - ε < x < v + |v| ε + ε``, with no setting; inclusive ranges are stretched by it and
#: exclusive ones shrunk.
TOLERANCE = 1e-6
_TRUE, _FALSE = ("true", "1"), ("false", "0")


class Wanted:
    """A simple value or a restriction.

    Parameters
    ----------
    value : str or ifctester.facet.Restriction

    Attributes
    ----------
    options : dict or None
        Constraints of a restriction, None for a simple value.
    """

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, value: Any) -> None:
        self.options: Mapping[str, Any] | None = getattr(value, "options", None)
        self._simple = str(value)

    def __eq__(self, found: object) -> bool:
        if found is None:
            return False
        if self.options is None:
            return is_same(self._simple, found)
        return all(_holds(name, _listed(wanted), found) for name, wanted in self.options.items())

    def __str__(self) -> str:
        return self._simple


def replace_values(specification: Any) -> None:
    """Put a :class:`Wanted` where attributes and properties of a specification ask for a value, and for any pattern."""
    for facet in (*specification.applicability, *specification.requirements):
        for name in ("name", "value", "propertySet", "baseName", "system", "predefinedType"):
            asked = getattr(facet, name, None)
            is_value = name == "value" and type(facet).__name__ in ("Attribute", "Property")
            if asked and (is_value or getattr(asked, "options", None) is not None):
                setattr(facet, name, Wanted(asked))


def is_same(wanted: str, found: object) -> bool:
    """Whether a value is the one that a text of an IDS means; floating-point numbers within the tolerance."""
    if isinstance(found, bool):
        return wanted in (_TRUE if found else _FALSE)
    if isinstance(found, int):
        return _number(wanted) == found
    if isinstance(found, float):
        number = _number(wanted)
        return number is not None and abs(found - number) <= _slack(number)
    return isinstance(found, str) and found == wanted


def _holds(constraint: str, wanted: list[Any], found: Any) -> bool:
    match constraint:
        case "enumeration":
            return any(is_same(str(one), found) for one in wanted)
        case "pattern":  # of several, XML Schema demands one
            return isinstance(found, str) and any(_pattern(str(one)).fullmatch(found) for one in wanted)
        case "length" | "minLength" | "maxLength":
            size, asked = len(str(found)), int(wanted[0])
            return size == asked if constraint == "length" else size >= asked if constraint[1] == "i" else size <= asked
    limit, number = _number(wanted[0]), _number(found)
    if limit is None or number is None:
        return constraint not in ("minInclusive", "maxInclusive", "minExclusive", "maxExclusive")
    slack = _slack(limit) if isinstance(found, float) else 0.0
    match constraint:
        case "minInclusive":
            return number >= limit - slack
        case "maxInclusive":
            return number <= limit + slack
        case "minExclusive":
            return number > limit + slack
        case "maxExclusive":
            return number < limit - slack
    return True


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


def _number(value: object) -> float | None:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None


def _slack(number: float) -> float:
    # A few units in the last place more: bounds themselves pass, and 1 + 2e-6 is no exact binary number.
    return (abs(number) + 1) * TOLERANCE + abs(number) * 4e-16


@lru_cache(maxsize=256)
def _pattern(text: str) -> Pattern[str]:
    import re

    from elementpath.regex import translate_pattern

    return re.compile(translate_pattern(text, back_references=False, lazy_quantifiers=False, anchors=False))

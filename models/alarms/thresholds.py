"""What of alarm rules can be drawn as lines in a chart: readings compared with a number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from models.alarms.rule import AlarmRule, AllOf, AnyOf, Compare, Condition, NoneOf


@dataclass(frozen=True, slots=True)
class Threshold:
    """A line in a chart.

    Parameters
    ----------
    quantity : str
    value : float
        In the unit of the quantity.
    severity : str
    rule : str
        Id of the rule it is of.
    """

    quantity: str
    value: float
    severity: str
    rule: str


def thresholds(rules: Iterable[AlarmRule]) -> list[Threshold]:
    """Return the numbers with which rules that are switched on compare readings, each once.

    What depends on a facility's register, a neighbour or a span of time is no line.
    """
    found: dict[tuple[str, float, str], Threshold] = {}
    for rule in rules:
        for level in rule.levels if rule.enabled else ():
            for one in _compared(level.condition):
                if one.measure == "value" and not one.fact and not one.neighbour:
                    key = (one.quantity, one.value, level.severity)
                    found.setdefault(key, Threshold(one.quantity, one.value, level.severity, rule.id))
    return list(found.values())


def _compared(condition: Condition) -> Iterator[Compare]:
    match condition:
        case Compare():
            yield condition
        case AllOf(all=parts) | AnyOf(any=parts) | NoneOf(none=parts):
            for part in parts:
                yield from _compared(part)

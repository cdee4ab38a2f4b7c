"""Changing a rule at one place of its trees of conditions; everything else stays as it is.

A place is a path: ``("level", 0)`` is the condition of the first level, ``("level", 0, 1)`` the second part of it,
``("clear",)`` the condition that clears. Paths are what a form holds between two versions of a frozen rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from models.alarms.rule import AlarmRule, AllOf, AnyOf, Compare, Condition, NoneOf, Silent

Path = tuple[str | int, ...]
#: Groups by the name that a form gives them.
GROUPS: Final[Mapping[str, Callable[[tuple[Condition, ...]], Condition]]] = {"all": AllOf, "any": AnyOf, "none": NoneOf}


def group_of(condition: Condition) -> str:
    """Return ``"all"``, ``"any"`` or ``"none"``, empty for what is no group."""
    if isinstance(condition, AllOf):
        return "all"
    if isinstance(condition, AnyOf):
        return "any"
    return "none" if isinstance(condition, NoneOf) else ""


def parts_of(condition: Condition) -> tuple[Condition, ...]:
    """Return what stands in a group, nothing for what is none."""
    if isinstance(condition, AllOf):
        return condition.all
    if isinstance(condition, AnyOf):
        return condition.any
    return condition.none if isinstance(condition, NoneOf) else ()


def grouped(kind: str, parts: tuple[Condition, ...]) -> Condition:
    """Return a group of conditions."""
    return GROUPS[kind](parts)


def roots(rule: AlarmRule) -> Iterator[tuple[Path, Condition]]:
    """Yield the trees of a rule with their paths."""
    for at, level in enumerate(rule.levels):
        yield ("level", at), level.condition
    if rule.clear.condition is not None:
        yield ("clear",), rule.clear.condition


def condition_at(rule: AlarmRule, path: Path) -> Condition:
    """Return the condition at a path (KeyError, IndexError where there is none)."""
    root, rest = _split(path)
    found = dict(roots(rule))[root]
    for step in rest:
        found = parts_of(found)[int(step)]
    return found


def put(rule: AlarmRule, path: Path, condition: Condition) -> AlarmRule:
    """Return a rule with another condition at a path."""
    root, rest = _split(path)
    return _with_root(rule, root, _put(condition_at(rule, root), rest, condition))


def added(rule: AlarmRule, path: Path, condition: Condition) -> tuple[AlarmRule, Path]:
    """Return a rule with a condition added into the group at a path, or beside the comparison there, and its path.

    What stands alone is first put into a group of which all must hold.
    """
    here = condition_at(rule, path)
    if group_of(here):
        parts = parts_of(here)
        return put(rule, path, grouped(group_of(here), (*parts, condition))), (*path, len(parts))
    _, rest = _split(path)
    if rest:
        return added(rule, path[:-1], condition)
    return put(rule, path, AllOf((here, condition))), (*path, 1)


def removed(rule: AlarmRule, path: Path) -> AlarmRule:
    """Return a rule without the condition at a path; a group of one that is left becomes that one.

    A level goes with its tree, and the tree that clears with its only condition; the last level stays.
    """
    root, rest = _split(path)
    if not rest:
        if root == ("clear",):
            return replace(rule, clear=replace(rule.clear, condition=None))
        at = int(root[1])
        levels = (*rule.levels[:at], *rule.levels[at + 1 :])
        return replace(rule, levels=levels) if levels else rule
    above = path[:-1]
    group, parts = condition_at(rule, above), parts_of(condition_at(rule, above))
    left = (*parts[: int(path[-1])], *parts[int(path[-1]) + 1 :])
    if not left:
        return removed(rule, above)
    kind = group_of(group)
    return put(rule, above, left[0] if len(left) == 1 and kind != "none" else grouped(kind, left))


def quantities_in(condition: Condition) -> tuple[str, ...]:
    """Return the quantities that a condition reads, each once, in their order."""
    if isinstance(condition, Compare):
        return (condition.quantity,)
    if isinstance(condition, Silent):
        return (condition.silent,)
    return tuple(dict.fromkeys(name for part in parts_of(condition) for name in quantities_in(part)))


def first_limit(condition: Condition) -> Compare | None:
    """Return the first comparison with a plain threshold, which a list shows beside the peak; None where none has."""
    if isinstance(condition, Compare):
        return condition if not condition.fact and not condition.neighbour and condition.measure == "value" else None
    return next((found for part in parts_of(condition) if (found := first_limit(part)) is not None), None)


def _split(path: Path) -> tuple[Path, Path]:
    size = 1 if path[0] == "clear" else 2
    return path[:size], path[size:]


def _put(here: Condition, rest: Path, condition: Condition) -> Condition:
    if not rest:
        return condition
    parts, at = list(parts_of(here)), int(rest[0])
    parts[at] = _put(parts[at], rest[1:], condition)
    return grouped(group_of(here), tuple(parts))


def _with_root(rule: AlarmRule, root: Path, condition: Condition) -> AlarmRule:
    if root == ("clear",):
        return replace(rule, clear=replace(rule.clear, condition=condition))
    at = int(root[1])
    levels = list(rule.levels)
    levels[at] = replace(levels[at], condition=condition)
    return replace(rule, levels=tuple(levels))

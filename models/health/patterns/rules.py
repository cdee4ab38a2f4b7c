"""Widths, limits and weights of the analyses of patterns: data (``health/patterns.toml``) that a project may change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from resources.standards import standard


@dataclass(frozen=True, slots=True)
class PatternWeight:
    """How much a component of the priority of renewal counts in this project.

    Parameters
    ----------
    component : str
        One of :func:`components`.
    weight : float
        Not negative; only its share in the sum of all counts.
    """

    component: str
    weight: float


@lru_cache(maxsize=1)
def pattern_rules() -> Mapping[str, Any]:
    """Return the table of rules."""
    return standard("health/patterns")


def components() -> tuple[str, ...]:
    """Return the components of the priority of renewal."""
    return tuple(one["id"] for one in pattern_rules()["priority"]["component"])


def said_weights(changed: Sequence[PatternWeight] = ()) -> dict[str, float]:
    """Return the weight of each component as the project, else the rules, say it."""
    own = {one.component: one.weight for one in changed}
    return {one["id"]: max(own.get(one["id"], one["weight"]), 0.0) for one in pattern_rules()["priority"]["component"]}


def weights_of(changed: Sequence[PatternWeight] = ()) -> dict[str, float]:
    """Return the share of each component in all weights; they add up to one where any counts."""
    found = said_weights(changed)
    total = sum(found.values())
    return {name: weight / total if total else 0.0 for name, weight in found.items()}

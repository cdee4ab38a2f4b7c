"""Failures of the gate in the shape of every check: findings by rule, for workbooks, BCF and the command line."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from models.checks.findings import Finding, Group, Party
from models.core.value_text import number
from models.facilities.quality.gate import GateResult, RuleResult
from models.facilities.quality.parameters import KINDS
from models.facilities.quality.rules import Rule
from models.facilities.quality.tables import Floats
from models.project.selection import ObjectKey

SEVERITY = {"error": "error", "warning": "warning", "hint": "info"}


def shown(value: Any, rule: Rule) -> str:
    """Return a value or a limit as text, a number with the unit of the rule's kind; empty for none."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    unit = KINDS[rule.check].unit
    figure = float(value)
    text = number(figure, 2 if abs(figure) >= 1 else 3, grouped=False, trimmed=True)
    return f"{text} {unit}" if unit else text


def groups_of(result: GateResult, lang: str) -> list[Group]:
    """Return a group a rule, with what passed, failed and was not judged."""
    groups = []
    for one in result.results:
        counts = {"applicable": one.judged + one.not_judged, "passed": one.passed, "failed": one.failed,
                  "unknown": one.not_judged}  # fmt: skip
        status = "failed" if one.failed else "passed" if one.judged else "unknown" if one.not_judged else "idle"
        groups.append(Group(one.rule.id, "", "", one.rule.title(lang), status, counts, {"severity": one.rule.severity}))
    return groups


def findings_of(
    one: RuleResult,
    party_of: Callable[[ObjectKey], Party],
    height_m: Callable[[Floats, Floats], Floats],
    rows: Sequence[int] | None = None,
) -> list[Finding]:
    """Return the failures of a rule, or some of them, as findings.

    Parameters
    ----------
    one : RuleResult
    party_of : callable
        Names an object.
    height_m : callable
        Ground heights at eastings and northings.
    rows : sequence of int, optional
        Rows of its failures; all if not said.
    """
    failures, rule = one.failures, one.rule
    found = []
    heights = height_m(failures.xy[:, 0], failures.xy[:, 1])
    for row in range(len(failures)) if rows is None else rows:
        key, other = failures.key(row), failures.other(row)
        east, north = (float(value) for value in failures.xy[row])
        height = float(heights[row])
        point = (east, north, height) if math.isfinite(east + north + height) else None
        parties = (party_of(key), *((party_of(other),) if other is not None else ()))
        facts = {"value": shown(failures.values[row], rule), "limit": shown(failures.limits[row], rule)}
        found.append(
            Finding(
                f"{rule.id}-{key.layer}-{key.oid}", "gate", SEVERITY[rule.severity],
                f"gate.{failures.whys[row] or rule.check}", rule.id, parties, point, facts,
            )
        )  # fmt: skip
    return found

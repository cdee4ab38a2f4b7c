"""Grades as they would be under other limits, beside the present ones, which stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from models.core.errors import UserError
from models.health.editions import IndicatorDef
from models.health.judging.proposal import Proposal


@dataclass(frozen=True, slots=True)
class WhatIf:
    """An indicator under another limit.

    Parameters
    ----------
    code : str
    limit_before, limit_after : float
    before, after : Proposal
    """

    code: str
    limit_before: float
    limit_after: float
    before: Proposal
    after: Proposal

    @property
    def is_other(self) -> bool:
        """Whether the grade would be another."""
        return self.before.grade != self.after.grade


def with_limit(definition: IndicatorDef, limit: float, applying: int = 0) -> IndicatorDef:
    """Return a definition whose limit is another one.

    Parameters
    ----------
    definition : IndicatorDef
    limit : float
    applying : int
        Which of its limits.

    Raises
    ------
    UserError
        ``health.judging.no_limit``.
    """
    if applying >= len(definition.benchmarks):
        raise UserError("health.judging.no_limit", indicator=definition.code)
    rows = tuple(
        replace(row, value=limit) if at == applying else row for at, row in enumerate(definition.benchmarks)
    )  # fmt: skip
    return replace(definition, benchmarks=rows)


def under_limits(
    limits: Mapping[str, float],
    definitions: Mapping[str, IndicatorDef],
    holds: Callable[[IndicatorDef], int],
    proposed: Callable[[IndicatorDef], Proposal],
) -> tuple[WhatIf, ...]:
    """Return what would be proposed under other limits.

    Parameters
    ----------
    limits : mapping of str to float
        Limit by indicator.
    definitions : mapping of str to IndicatorDef
        As they hold.
    holds : callable
        Definition → which of its limits holds for the city.
    proposed : callable
        Definition → proposal, :func:`~models.health.judging.proposal.propose` with all else given.
    """
    made = []
    for code, limit in limits.items():
        if code not in definitions:
            raise UserError("health.judging.no_limit", indicator=code)
        own = definitions[code]
        at = holds(own)
        other = with_limit(own, limit, at)
        made.append(WhatIf(code, own.benchmarks[at].value, limit, proposed(own), proposed(other)))
    return tuple(made)

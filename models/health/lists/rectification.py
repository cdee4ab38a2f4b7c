"""Which of last year's problems were mended: HC25-60, kept apart by limited and best effort."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from models.health.lists.rows import ProblemRow


@dataclass(frozen=True, slots=True)
class Share:
    """How many were mended of how many that should have been."""

    done: int
    due: int

    @property
    def percent(self) -> float | None:
        """Return the share in per cent; None where nothing was due."""
        return 100.0 * self.done / self.due if self.due else None


@dataclass(frozen=True, slots=True)
class Rectification:
    """What became of last year's list.

    Parameters
    ----------
    all, limited, best_effort, unsorted : Share
        ``unsorted`` are those of which nobody said which of the two they are.
    by_dimension : mapping of str to Share
    done, undone : tuple of str
        Ids of problems: mended, and not.
    """

    all: Share
    limited: Share
    best_effort: Share
    unsorted: Share
    by_dimension: dict[str, Share]
    done: tuple[str, ...]
    undone: tuple[str, ...]


def rectification(last_year: Iterable[ProblemRow], now: Iterable[ProblemRow]) -> Rectification:
    """Return what became of last year's problems.

    A problem is mended where its present row is closed, or where it was looked for again and not found. A problem that
    is on no list any more is not mended: nobody said so. Of those with a time limit only what was mended in time
    counts as done.

    Parameters
    ----------
    last_year : iterable of ProblemRow
        The list as it was kept last year; of the present project, the rows whose ``first_year`` is before this year.
    now : iterable of ProblemRow
    """
    present = {row.id: row for row in now}
    rows = list(last_year)
    is_done = [_is_mended(present.get(row.id)) and not _is_late(row, present[row.id]) for row in rows]

    def share(chosen: Iterable[bool]) -> Share:
        picked = [done for done, is_in in zip(is_done, chosen, strict=True) if is_in]
        return Share(sum(picked), len(picked))

    dimensions = dict.fromkeys(row.dimension for row in rows)
    return Rectification(
        share(True for _ in rows),
        share(row.kind == "limited" for row in rows),
        share(row.kind == "best_effort" for row in rows),
        share(row.kind not in ("limited", "best_effort") for row in rows),
        {name: share(row.dimension == name for row in rows) for name in dimensions},
        tuple(row.id for row, done in zip(rows, is_done, strict=True) if done),
        tuple(row.id for row, done in zip(rows, is_done, strict=True) if not done),
    )


def of_lists(rows: Iterable[ProblemRow], year: int) -> Rectification:
    """Return what became of the problems that a project's own list had before a year."""
    rows = list(rows)
    return rectification([row for row in rows if row.first_year < year], rows)


def _is_mended(row: ProblemRow | None) -> bool:
    return row is not None and row.state != "again" and (row.status == "closed" or row.state == "gone")


def _is_late(then: ProblemRow, now: ProblemRow) -> bool:
    """Whether it was mended after the day by which it had to be."""
    due_on = then.due_on or now.due_on
    is_limited = "limited" in (then.kind, now.kind)
    return is_limited and bool(due_on) and now.closed_on[:10] > due_on[:10]

"""Figures of the lists: ledger, problems, suggestions, projects, and what became of last year's problems."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from models.health.book import book_of
from models.health.lists.rectification import Rectification, Share
from models.health.lists.rows import KINDS, PROJECT_KINDS, STATES, STATUSES, YES, LedgerRow, ProblemRow, ProjectRow
from models.project.project import ProjectState
from models.report.figure import Figure, FigureSource, amount, figure_id

_SOURCE = FigureSource("list")
#: What is dealt with first: priorities up to this one.
FIRST = 2
_WAN = ("万元", "×10⁴ CNY")


def list_figures(state: ProjectState, mended: Rectification | None, today: str) -> Iterator[Figure]:
    """Yield the figures of the lists of a project.

    Parameters
    ----------
    state : ProjectState
    mended : Rectification or None
        What became of last year's problems; None where nobody kept them.
    today : str
        ISO date, by which something is overdue.
    """
    said, book = state.health, book_of(state.health)
    for scope in ("all", *book.dimensions):
        codes = {code for code, row in book.indicators.items() if scope in ("all", row.dimension)}
        yield from _of_ledger(scope, [row for row in said.ledger if row.code in codes])
        yield from _of_problems(scope, [row for row in said.problems if row.code in codes], today)
    by_code = Counter(row.code for row in said.ledger if row.state != "gone")
    for code in book.indicators:
        yield _count("ledger", code, "count", by_code[code])
    yield from _by_place(state)
    kinds = Counter(row.object_kind for row in said.ledger if row.state != "gone")
    for kind, count in sorted(kinds.items()):
        yield _count("ledger", f"kind:{kind}", "count", count)
    for row in said.problems:
        yield _count("problem", row.id, "count", row.count)
        if row.looked_at:
            yield _count("problem", row.id, "looked_at", row.looked_at)
        if row.priority:
            yield _count("problem", row.id, "priority", row.priority)
    yield from _of_projects(said.renewal_projects)
    if mended is not None:
        yield from _of_mended(mended)


def _by_place(state: ProjectState) -> Iterator[Figure]:
    """Yield rows of ledger and problem list by sub-district: of each dimension, the ledger of each indicator too."""
    said, book = state.health, book_of(state.health)
    for name, rows in (("ledger", said.ledger), ("problems", said.problems)):
        there: list[LedgerRow | ProblemRow] = [
            row for row in rows if row.state != "gone" and row.code in book.indicators
        ]
        found = Counter((book.indicators[row.code].dimension, row.district) for row in there)
        if name == "ledger":
            found += Counter((row.code, row.district) for row in there)
        for (scope, district), count in sorted(found.items()):
            yield _count(name, f"{scope}@{district}", "count", count)


def _of_ledger(scope: str, rows: Sequence[LedgerRow]) -> Iterator[Figure]:
    there = [row for row in rows if row.state != "gone"]
    yield _count("ledger", scope, "count", len(there))
    yield _count("ledger", scope, "objects", len({(row.object_kind, row.object_code) for row in there}))
    states, statuses = Counter(row.state for row in rows), Counter(row.status for row in there)
    for state in STATES:
        yield _count("ledger", scope, state, states[state])
    for status in STATUSES:
        yield _count("ledger", scope, status, statuses[status])


def _of_problems(scope: str, rows: Sequence[ProblemRow], today: str) -> Iterator[Figure]:
    there = [row for row in rows if row.state != "gone"]
    yield _count("problems", scope, "count", len(there))
    kinds, states = Counter(row.kind for row in there), Counter(row.state for row in rows)
    for kind in KINDS:
        yield _count("problems", scope, kind, kinds[kind])
    yield _count("problems", scope, "unsorted", kinds[""])
    for state in STATES:
        yield _count("problems", scope, state, states[state])
    for status, count in Counter(row.status for row in there).items():
        yield _count("problems", scope, status, count)
    yield _count("problems", scope, "advised", sum(bool(row.advice) for row in there))
    yield _count("problems", scope, "next_year", sum(row.next_year == YES for row in there))
    yield _count("problems", scope, "overdue", sum(row.is_overdue(today) for row in there))
    yield _count("problems", scope, "first", sum(0 < row.priority <= FIRST for row in there))
    for priority in range(1, 6):
        yield _count("problems", scope, f"priority:{priority}", sum(row.priority == priority for row in there))


def _of_projects(rows: Sequence[ProjectRow]) -> Iterator[Figure]:
    yield _count("projects", "all", "count", len(rows))
    for kind in PROJECT_KINDS:
        yield _count("projects", kind, "count", sum(row.kind == kind for row in rows))
    costs = [row.cost_wan for row in rows]
    known = [cost for cost in costs if cost is not None]
    yield amount(figure_id("projects", "all", "cost"), sum(known) if known else None, *_WAN, _SOURCE)
    yield _count("projects", "all", "without_cost", len(costs) - len(known))
    for row in rows:
        yield amount(figure_id("project", row.id, "cost"), row.cost_wan, *_WAN, _SOURCE)
        for which, year in (("from", row.from_year), ("to", row.to_year)):
            yield Figure(figure_id("project", row.id, which), year or None, form="year", source=_SOURCE)


def _of_mended(mended: Rectification) -> Iterator[Figure]:
    shares: dict[str, Share] = {
        "all": mended.all, "limited": mended.limited, "best_effort": mended.best_effort, "unsorted": mended.unsorted,
        **mended.by_dimension,
    }  # fmt: skip
    for scope, share in shares.items():
        yield _count("rectified", scope, "done", share.done)
        yield _count("rectified", scope, "due", share.due)
        yield _count("rectified", scope, "undone", share.due - share.done)
        part = None if share.percent is None else share.percent / 100.0
        yield Figure(figure_id("rectified", scope, "share"), part, "%", "%", "share", 1, _SOURCE)


def _count(of: str, place: str, which: str, value: int) -> Figure:
    return Figure(figure_id(of, place, which), value, form="count", source=_SOURCE)

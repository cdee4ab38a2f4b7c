"""What wall and presenter's screen say, made from the session: rows, figure, facts and times. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

from app.session import Session
from app.usecases.query import describe
from app.usecases.review import questions
from models.core.errors import UserError
from models.core.value_text import number
from models.health.results import IndicatorResult
from models.layers.layer import VectorData
from models.project.selection import ObjectKey
from models.query.ranking import Ranking
from models.review.agenda import Stop, total_minutes
from viewers.texts.values import without_common_ending
from viewers.widgets.review.presenter_window import ScreenView
from viewers.widgets.review.wall.cards import FigureView, ProblemRow

#: So many facts of an object are said on the wall.
MOST_FACTS = 3
#: Sections of what is known of an object that the wall says otherwise, or not.
UNSAID = frozenset({"section.problems", "section.identity"})


class Rows(Sequence[ProblemRow]):
    """Rows of a ranking as the wall shows them, each made when it is seen."""

    def __init__(self, ranking: Ranking) -> None:
        self._ranking = ranking
        self._short = without_common_ending(sorted({str(one) for one in ranking.columns["district"].tolist()}))

    def __len__(self) -> int:
        return len(self._ranking)

    @overload
    def __getitem__(self, at: int) -> ProblemRow: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[ProblemRow]: ...
    def __getitem__(self, at: int | slice) -> ProblemRow | Sequence[ProblemRow]:
        """Return a row."""
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        columns = self._ranking.columns
        share, place = questions.share_text(float(columns["share"][at])), str(columns["district"][at])
        return ProblemRow(str(columns["name"][at]), self._short.get(place, place), share)


def figure_view(
    session: Session, code: str, title: str, tried: IndicatorResult | None = None, *, counts: bool
) -> FigureView | None:
    """Return an indicator for the wall; a name that stands in the title is not said twice.

    Parameters
    ----------
    session : Session
    code : str
        Empty for none.
    title : str
        Of the stop.
    tried : IndicatorResult, optional
        What it comes to under a scenario.
    counts : bool
        Whether it says how many objects fail; where they are listed, the list does.
    """
    one = questions.standing_of(session, code, tried) if code else None
    if one is None:
        return None
    name = "" if title and one.name.endswith(title) else one.name
    return FigureView(name, one.value, one.target, one.verdict, one.tint, one.failing if counts else None)


def object_lines(session: Session, key: ObjectKey, reason: str) -> tuple[str, list[str]]:
    """Return what an object is called, and why it fails with what else is known of it; empty where it has gone."""
    try:
        layer = session.project.state.layer(key.layer)
        title, sections = describe.title_of(session, key), describe.describe(session, key)
    except UserError:
        return "", []
    data = session.project.data.get(key.layer)
    row: Any = data.row(key.oid) if isinstance(data, VectorData) and data.has(key.oid) else {}
    names = {str(row.get(field)) for field in ("name", "name_en")}
    rows = [row for section in sections if section.title_key not in UNSAID for row in section.rows]
    facts = [f"{label}  {value}" for label, value in rows if value not in names]
    return title, [line for line in (reason, layer.title(session.lang), *facts[:MOST_FACTS]) if line]


def times(session: Session, used_s: float) -> list[str]:
    """Return how much of the time of the agenda is used and left."""
    minutes, total = int(used_s // 60), total_minutes(session.project.state.review.stops)
    told = [session.word("wall.used", minutes=minutes)]
    if total:
        left = round(total - minutes)
        told.append(session.word("wall.left" if left >= 0 else "wall.over", minutes=abs(left)))
    return told


def screen_view(session: Session, at: int, otherwise: str) -> ScreenView:
    """Return what the presenter sees while a stop is on the wall; ``otherwise`` is the title where there is none."""
    stops = session.project.state.review.stops
    stop: Stop | None = stops[at] if at < len(stops) else None
    after = stops[at + 1] if at + 1 < len(stops) else None
    rows = tuple(
        (one.title, session.word("agenda.minutes", count=number(one.minutes, 1, trimmed=True)) if one.minutes else "")
        for one in stops
    )
    return ScreenView(
        f"{at + 1} / {len(rows)}" if stop is not None else "", stop.title if stop is not None else otherwise,
        stop.notes if stop is not None else "", after.title if after is not None else "",
        after.thumbnail if after is not None else b"", rows, at if stop is not None else -1,
    )  # fmt: skip

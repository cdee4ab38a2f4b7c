"""What a meeting asks of the city: how an indicator stands, which objects make it bad, where something is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.usecases.health import health
from app.usecases.query.search import Finder
from models.core.progress import Progress
from models.core.value_text import percent
from models.health.book import book_of
from models.health.grading import verdict
from models.health.problem_ranking import ranked_problems
from models.project.selection import ObjectKey
from models.query.ranking import Ranking
from resources.words import has
from viewers.texts import health_texts
from viewers.texts.values import field_label, indicator_value

if TYPE_CHECKING:
    from app.session import Session
    from models.health.results import IndicatorResult

#: Names of the theme's colours by how an indicator stands.
TINTS = {"met": "good", "not_met": "warn", "no_data": "text_faint"}
#: Of each kind so many answers are offered.
MOST_EACH = 8


@dataclass(frozen=True, slots=True)
class Standing:
    """How an indicator stands in the city, in words.

    Parameters
    ----------
    code, name, value, target, verdict : str
        ``value`` with its unit, or that there is no data; ``target`` with its sign, empty for none.
    tint : str
        Name of a colour of the theme.
    failing : int or None
        How many objects make it bad; None where there is no result.
    """

    code: str
    name: str
    value: str
    target: str = ""
    verdict: str = ""
    tint: str = "accent"
    failing: int | None = None


def standing_of(session: Session, code: str, tried: IndicatorResult | None = None) -> Standing | None:
    """Return how an indicator stands; None for a code that the project's edition does not have.

    Parameters
    ----------
    session : Session
    code : str
    tried : IndicatorResult, optional
        What it comes to under a scenario: the base is then said beside it.
    """
    state, lang = session.project.state, session.lang
    definition = book_of(state.health).indicators.get(code)
    if definition is None:
        return None
    base, unit = health.kept(session, code), definition.unit_text(lang)
    result = base if tried is None else tried
    name = f"{definition.number:02}  {definition.title(lang)}"
    if result is None:
        return Standing(code, name, session.word("wall.not_computed"), tint="text_faint")
    held = () if definition.undecided(state.profile) else result.benchmarks
    goal = f"{health_texts.sign(held[0].op)} {indicator_value(held[0].value, unit, '')}" if held else ""
    grade = verdict(definition, result.city.value, state.profile)
    told = session.word(f"health.board.grade.{grade}")
    if tried is not None:
        value = "—" if base is None else indicator_value(base.city.value, unit, session.word("health.no_data"))
        told = f"{session.word('wall.tried', base=value)} · {told}"
    elif health.is_old(session, result):
        told = f"{told} · {session.word('health.badge.old')}"
    return Standing(
        code, name, indicator_value(result.city.value, unit, session.word("health.no_data")),
        session.word("wall.target", target=goal) if goal else "", told, TINTS.get(grade, "accent"),
        len(result.problems),
    )  # fmt: skip


def failing(
    session: Session, code: str, tried: IndicatorResult | None = None
) -> Callable[[Progress], Ranking | None]:  # fmt: skip
    """Return work that ranks the objects that fail an indicator, the worst first; None where there is no result."""
    result, state = tried or health.kept(session, code), session.project.state
    data, lang = dict(session.project.data), session.lang
    crs = state.frame.horizontal if state.frame is not None else ""

    def reason(key: str) -> str:
        return session.word(f"problem.{key}") if has(f"problem.{key}") else key

    return lambda _: None if result is None else ranked_problems(result, data, crs, lang, reason)


def share_text(share: float) -> str:
    """Return which share of what the city lacks an object explains; empty where that is not known."""
    if share != share:
        return ""
    return f"{percent(share, 1)} %" if share >= 0.0005 or share == 0 else "< 0.1 %"


@dataclass(frozen=True, slots=True)
class Answer:
    """Something that was found.

    Parameters
    ----------
    kind : str
        ``"stop"``, ``"indicator"``, ``"layer"`` or ``"object"``.
    id : str
        Of the stop, the indicator or the layer.
    title, about : str
    key : ObjectKey or None
        Of an object.
    """

    kind: str
    id: str
    title: str
    about: str = ""
    key: ObjectKey | None = None


def answers_at_once(session: Session, text: str) -> list[Answer]:
    """Return stops and indicators whose name, number or code holds every word of a text."""
    words, state, lang = text.casefold().split(), session.project.state, session.lang
    if not words:
        return []

    def speaks(*texts: str) -> bool:
        said = "\n".join(texts).casefold()
        return all(one in said for one in words)

    found = [
        Answer("stop", stop.id, stop.title, session.word("wall.answer.stop", number=at))
        for at, stop in enumerate(state.review.stops, 1) if speaks(stop.title, stop.notes)
    ][:MOST_EACH]  # fmt: skip
    book = book_of(state.health).indicators
    by_number = text.strip().isdecimal()  # every code has the digits of its edition
    named = [
        row for code, row in book.items()
        if (row.number == int(text) if by_number else speaks(f"{row.number:02}", code, row.name, row.name_en))
    ]  # fmt: skip
    for row in named[:MOST_EACH]:
        result = health.kept(session, row.code)
        value = "" if result is None else indicator_value(
            result.city.value, row.unit_text(lang), session.word("health.no_data")
        )  # fmt: skip
        found.append(Answer("indicator", row.code, f"{row.number:02}  {row.title(lang)}", value))
    return found


def objects_named(session: Session, finder: Finder, text: str) -> Callable[[Progress], list[Answer]]:
    """Return work that finds units and objects by name, address or code."""
    layers, lang = {layer.id: layer for layer in session.project.state.layers}, session.lang

    def work(_: Progress) -> list[Answer]:
        hits = [hit for hit in finder.find(text, 2 * MOST_EACH) if hit.key.layer in layers]
        return [
            Answer("object", "", hit.text, f"{layers[hit.key.layer].title(lang)} · {field_label(hit.field, lang)}",
                   hit.key)
            for hit in hits
        ]  # fmt: skip

    return work

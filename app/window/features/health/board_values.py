"""What the board of all indicators shows: how each stands, in words, numbers and colours. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.usecases.health import health, judging
from app.usecases.health.rectified import last_year_of_city
from models.core.value_text import percent, quantity
from models.health.book import book_of
from models.health.editions import IndicatorDef
from models.health.judging.decisions import is_outdated, standing, standing_overall
from models.health.overview import FILTERS, STATES, Standing, by_dimension, counts, ordered, overview
from models.health.years.choosing import values_before
from viewers.texts import health_texts
from viewers.texts.values import indicator_value
from viewers.widgets.health.indicator_tiles import Tile, TileGroup

if TYPE_CHECKING:
    from app.session import Session

#: Names of the theme's colours by how an indicator stands.
TINTS = {
    "met": "good", "not_met": "warn", "ungraded": "accent", "no_data": "none", "missing": "none",
    "not_applicable": "text_faint",
}  # fmt: skip
_BAR_TINTS = TINTS | {"ungraded": "accent_line", "not_applicable": "line_strong"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for on a board: text, filter and order."""

    text: str = ""
    chosen: str = "all"
    order: str = "number"


@dataclass(frozen=True, slots=True)
class Board:
    """What a board shows.

    Parameters
    ----------
    groups : tuple of TileGroup
    counts : mapping of str to int
        How many each filter has.
    summary : str
    parts : tuple of (float, str)
        Of all indicators together: shares with the names of their colours.
    nothing : str
        What is said where there are none.
    edition : str
    """

    groups: tuple[TileGroup, ...]
    counts: dict[str, int]
    summary: str
    parts: tuple[tuple[float, str], ...]
    nothing: str
    edition: str


def standings_of(session: Session) -> tuple[Standing, ...]:
    """Return how the indicators of the open project stand."""
    state, results = session.project.state, health.all_kept(session)
    book, last = book_of(state.health), last_year_of_city(session)
    before = values_before(last, book.indicators.values()) if last is not None else {}
    before |= {one.code: one.value for one in state.health.figures if one.kind == "last_year"}  # a person's word first
    decided = {
        code for code, one in standing(state.health.decisions).items() if not is_outdated(one, results.get(code))
    }
    return overview(book, results, state.profile, health.old_codes(session), before, decided)


def board_of(session: Session, wanted: Wanted) -> Board:
    """Return the board of the open project."""
    book, everything = book_of(session.project.state.health), standings_of(session)
    sought = [one for one in everything if one.speaks_of(wanted.text)]
    shown = [one for one in sought if one.passes(wanted.chosen)]
    grades = roll_up_texts(session)
    groups = tuple(
        TileGroup(
            book.dimensions[name][1 if session.lang == "en" else 0],
            " · ".join(part for part in (grades.get(name, ""), summary_of(session, rows)) if part), parts_of(rows),
            tuple(tile_of(session, one) for one in ordered(rows, wanted.order)),
        )
        for name, rows in by_dimension(book, shown).items()
    )  # fmt: skip
    return Board(
        groups, {name: sum(one.passes(name) for one in sought) for name in FILTERS},
        " · ".join(part for part in (grades.get("all", ""), summary_of(session, everything)) if part),
        parts_of(everything), session.word("health.board.nothing"), book.title(session.lang),
    )  # fmt: skip


def roll_up_texts(session: Session) -> dict[str, str]:
    """Return the grade of each dimension, and of all, in words: what a person decided, else what is proposed."""
    told = {}
    decided = standing_overall(session.project.state.health.overall_decisions)
    for one in judging.roll_ups(session):
        if one.scope in decided:
            told[one.scope] = session.word(f"judging.overall.{decided[one.scope].grade}")
        elif one.grade:
            grade = session.word(f"judging.overall.{one.grade}")
            told[one.scope] = session.word("health.board.proposed", grade=grade)
    return told


def summary_of(session: Session, rows: tuple[Standing, ...]) -> str:
    """Return how many stand in each way, in words."""
    found = counts(rows)
    found["no_data"] += found.pop("missing")
    told = [session.word(f"health.board.count.{name}", count=count) for name, count in found.items() if count]
    others = sum(bool(edition_text(one.definition, session)) for one in rows)
    total = f"{len(rows) - others} + {others}" if others and len(rows) > others else f"{len(rows)}"
    return session.word("health.board.counts", total=total, counts=" · ".join(told))


def parts_of(rows: tuple[Standing, ...]) -> tuple[tuple[float, str], ...]:
    """Return the shares of a bar with the names of their colours."""
    found = counts(rows)
    return tuple((found[name] / max(len(rows), 1), _BAR_TINTS[name]) for name in STATES if found[name])


def tile_of(session: Session, one: Standing) -> Tile:
    """Return an indicator as its tile."""
    definition, lang = one.definition, session.lang
    unit = definition.unit_text(lang)
    value = indicator_value(one.value, unit, "—")
    number = value.removesuffix(unit).strip() if unit and one.value is not None else value
    verdict, mark = verdict_text(session, one), session.word("health.badge.old") if one.is_old else ""
    target, note, change = target_text(session, one), note_text(session, one), change_text(one, lang)
    tip = [
        f"{definition.code}  {definition.title(lang)}",
        f"{value}  {verdict}",
        target,
        note,
        size_text(session, one),
        reason_text(session, one),
    ]
    better = one.is_better
    return Tile(
        definition.code, f"{definition.number:02}", definition.title(lang), number,
        "" if one.value is None else unit, verdict, TINTS[one.state], one.value is None, target, note, change,
        "text_faint" if better is None else "good" if better else "warn", mark,
        "\n".join(part for part in tip if part), is_flagged=bool(size_text(session, one)),
    )  # fmt: skip


def edition_text(definition: IndicatorDef, session: Session) -> str:
    """Return which edition an indicator was kept from; empty for one of the project's own."""
    own = definition.edition == session.project.state.health.edition
    return "" if own else session.word("health.board.edition", edition=definition.edition)


def size_text(session: Session, one: Standing) -> str:
    """Return how many units are not to be judged alone by an indicator; empty for none."""
    result = one.result
    if result is None or one.value is None:
        return ""
    units = [unit.key for unit in (*result.estates, *result.units)]
    known = [session.fitness[key] for key in units if key in session.fitness]
    unfit = [each for each in known if each.alone(one.definition.code) is False]
    if not unfit:
        return ""
    level = unfit[0].level
    total = sum(each.level == level for each in known)
    return session.word("health.board.not_alone", count=sum(each.level == level for each in unfit), total=total)


def verdict_text(session: Session, one: Standing) -> str:
    """Return how an indicator stands, in words; what a person decided comes first."""
    if one.is_decided:
        made = standing(session.project.state.health.decisions)[one.definition.code]
        return session.word(f"judging.grade.{made.grade}")
    if one.result is None:
        return session.word(f"health.board.{'not_computed' if one.definition.computed else 'not_entered'}")
    return session.word(f"health.board.grade.{one.result.city.grade}")


def target_text(session: Session, one: Standing) -> str:
    """Return the benchmark that grades an indicator: ``"≥ 80 %"``; empty for none."""
    profile = session.project.state.profile
    held = one.definition.benchmarks_for(profile) if one.result is None else one.result.benchmarks
    if not held or one.definition.undecided(profile):
        return ""
    (first, *_) = held
    return f"{health_texts.sign(first.op)} {indicator_value(first.value, one.definition.unit_text(session.lang), '')}"


def note_text(session: Session, one: Standing) -> str:
    """Return how much of the inputs is there, and where a value comes from where it was not computed."""
    told = [edition] if (edition := edition_text(one.definition, session)) else []
    if one.result is None or one.value is None:
        return " · ".join(told)
    share = one.result.city.coverage
    if share is None or share < 0.9995:
        told.append(coverage_text(session, share))
    if one.result.origin != "computed":
        told.append(session.word(f"health.origin.{one.result.origin}"))
    return " · ".join(told)


def coverage_text(session: Session, share: float | None) -> str:
    """Return how much of the inputs is there, in a few words."""
    if share is None:
        return session.word("health.board.unstated")
    is_nearly_all = 0.995 <= share < 1.0  # never as if nothing were missing
    return session.word("health.board.coverage", share="> 99" if is_nearly_all else percent(share))


def reason_text(session: Session, one: Standing) -> str:
    """Return why there is no data; empty where there is."""
    if one.result is None or one.value is not None:
        return ""
    return health_texts.reason_text(one.result.city.reason, session.lang)


def change_text(one: Standing, lang: str) -> str:
    """Return the change against last year with its sign; empty for none."""
    if one.change is None:
        return ""
    unit = one.definition.unit_text(lang)
    decimals = 1 if abs(one.value or 0.0) >= 100 or unit == "%" else 2
    least = 10.0**-decimals
    amount = quantity(abs(one.change), "", decimals, trimmed=True)
    if 0 < abs(one.change) < least / 2:  # less than is shown, and not nothing
        amount = f"< {quantity(least, '', decimals, trimmed=True)}"
    arrow = "▲" if one.change > 0 else "▼" if one.change < 0 else "="
    return f"{arrow} {amount}" if one.change else "="

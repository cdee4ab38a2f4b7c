"""Cases on paper: the sheet of one, the list, the table of rates; and the same rows for panels and terminals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.usecases.facilities.component_form import photos_of
from app.usecases.facilities.facilities import district_names
from models.cases.deadline import limit_of
from models.cases.flow import moves, roles, states
from models.cases.rates import GROUPS, counts, tallies
from models.timeline.zone import local

if TYPE_CHECKING:
    from app.session import Session
    from app.usecases.cases.cases import Case
    from app.usecases.cases.listing import CaseRow
    from models.cases.rates import Rate
    from models.cases.step import CaseNow, CaseStep

COLUMNS = ("number", "light", "state", "description", "department", "district", "reported", "due")


def when(session: Session, time_us: int | None) -> str:
    """Return a moment to the minute in the project's zone, ``"–"`` for none."""
    return (
        "–"
        if time_us is None
        else local(time_us, session.project.state.operations.zone.name).strftime("%Y-%m-%d %H:%M")
    )


def state_title(session: Session, state: str) -> str:
    """Return the name of a state."""
    known = states().get(state)
    return session.word("cases.state.unknown") if known is None else known.title(session.lang)


def due_text(session: Session, now: CaseNow) -> str:
    """Return the deadline of a case in words: when, or why there is none."""
    if now.due_unknown:
        return session.word("cases.due.unknown", year=now.due_unknown)
    if now.due_us is None:
        return session.word("cases.due.none")
    return when(session, now.due_us)


def limit_text(session: Session, now: CaseNow) -> str:
    """Return how the deadline comes about: the limit that holds, and which hours count."""
    limit = limit_of(now.class_code, now.urgent, session.project.state.operations.case_limits)
    name = limit.en if session.lang == "en" else limit.zh
    kind = "urgent" if now.urgent else "working"
    return session.word(f"cases.clock.{kind}", limit=name, hours=f"{limit.hours:g}", source=limit.source)


def cells(session: Session, row: CaseRow) -> list[str]:
    """Return one row of the list in words."""
    return [
        row.number, session.word(f"cases.light.{row.light or 'none'}"), state_title(session, row.state),
        row.description,
        row.department or "–", row.district or "–", when(session, row.reported_us), when(session, row.due_us),
    ]  # fmt: skip


def facts(session: Session, case: Case) -> list[tuple[str, str]]:
    """Return what is known of a case, in words."""
    now = case.now
    owner = roles().get(now.owner)
    said = [
        ("number", now.number), ("state", state_title(session, now.state)), ("description", case.description),
        ("address", case.address), ("source", case.source), ("class", now.class_code), ("component", case.component),
        ("owner", "" if owner is None else owner.title(session.lang)), ("department", now.department),
        ("reported", when(session, now.reported_us)), ("due", due_text(session, now)),
        ("clock", limit_text(session, now) if now.due_us is not None and case.steps else ""),
        ("urgent", session.word("cases.yes") if now.urgent else ""),
        ("closed", when(session, now.closed_us) if now.closed_us is not None else ""),
    ]  # fmt: skip
    return [(session.word(f"cases.column.{name}"), value) for name, value in said if value]


def step_cells(session: Session, step: CaseStep) -> tuple[str, str, str, str]:
    """Return one step in words: when, what, who, what was said."""
    lang = session.lang
    known = moves().get(step.move)
    title = session.word("cases.collect") if known is None else known.title(lang)
    role = roles().get(step.role)
    who = " · ".join(filter(None, (step.who, "" if role is None else role.title(lang))))
    due = session.word("cases.step.due", time=when(session, step.due_us)) if step.due_us else ""
    rating = session.word(f"cases.rating.{step.rating}") if step.rating else ""
    said = "；" if lang == "zh" else "; "
    return when(session, step.time_us), title, who, said.join(
        filter(None, (step.department, due, rating, step.reason, step.note))
    )  # fmt: skip


def rate_heads(session: Session) -> list[str]:
    """Return the heads of the table of rates."""
    return [
        session.word(f"cases.rates.{name}") for name in ("group", "rate", "value", "top", "bottom", "unknown", "source")
    ]


def rate_rows(session: Session, found: Sequence[Rate], by: str) -> list[list[Any]]:
    """Return rates in words, each with its denominator or why it has no value."""
    return [
        [
            group_title(session, by, one.group),
            one.rate.title(session.lang), value_text(session, one),
            f"{count_title(session, one.rate.numerator)} {one.numerator}",
            f"{count_title(session, one.rate.denominator)} {one.denominator}" if one.rate.denominator else "–",
            one.unknown, one.rate.source,
        ]
        for one in found
    ]  # fmt: skip


def group_title(session: Session, by: str, group: str) -> str:
    """Return the name of a group: of a sub-district its name, of what says none that."""
    if by == "all":
        return session.word("cases.rates.all")
    names = district_names(session) if by == "district" else {}
    return names.get(group) or group or session.word("cases.rates.not_stated")


def value_text(session: Session, one: Rate) -> str:
    """Return a rate as text, or why it is none."""
    return session.word(f"cases.why.{one.why}") if one.value is None else f"{one.value:.1%}"


def count_title(session: Session, name: str) -> str:
    """Return the name of a set of cases."""
    known = counts().get(name)
    return "–" if known is None else known.title(session.lang)


def tally_rows(session: Session, counted: Mapping[str, int | None]) -> list[tuple[str, str]]:
    """Return what is counted beside the rates; ``"–"`` where nobody can tell."""
    return [
        (one.title(session.lang), "–" if counted[one.id] is None else f"{counted[one.id]:,}") for one in tallies()
    ]  # fmt: skip


def write_list(session: Session, path: Path, rows: Sequence[CaseRow]) -> None:
    """Write cases as a workbook or as text with commas."""
    from viewers.documents.plain_sheets import PlainSheet, write_sheets

    title = session.word("cases.layer")
    write_sheets(path, [PlainSheet(
        title, title, _about(session), [session.word(f"cases.column.{name}") for name in COLUMNS],
        [cells(session, row) for row in rows],
    )])  # fmt: skip


def write_rates(
    session: Session, path: Path, found: Sequence[Rate], counted: Mapping[str, int | None], by: str = "all"
) -> None:
    """Write the table of rates, with what is counted beside them on a second sheet."""
    from viewers.documents.plain_sheets import PlainSheet, write_sheets

    assert by in GROUPS  # noqa: S101 - asked before
    title = session.word("cases.rates")
    write_sheets(path, [
        PlainSheet(title, title, _about(session), rate_heads(session), rate_rows(session, found, by)),
        PlainSheet(session.word("cases.counts"), session.word("cases.counts"), _about(session),
                   [session.word("cases.rates.count"), session.word("cases.rates.cases")],
                   [(one.title(session.lang), counted[one.id]) for one in tallies()]),
    ])  # fmt: skip


def write_sheet(session: Session, path: Path, case: Case) -> None:
    """Write the sheet of one case (案件单)."""
    from viewers.documents.case_sheet import CaseSheet, write_case_sheet

    names = ";".join(photo for step in case.steps for photo in step.photos)
    shown = [photo.path for photo in photos_of(session, names) if photo.path is not None and not photo.fault]
    write_case_sheet(path, CaseSheet(
        session.word("cases.sheet"), session.word("app.synthetic") if session.project.state.synthetic else "",
        facts(session, case), [session.word(f"cases.step.{name}") for name in ("time", "move", "who", "said")],
        [step_cells(session, step) for step in case.steps], session.word("cases.steps"), session.word("cases.photos"),
        shown, [session.word(f"cases.sign.{name}") for name in ("dispatcher", "department", "checker")],
    ))  # fmt: skip


def _about(session: Session) -> str:
    said = [session.project.state.name, session.word("app.synthetic") if session.project.state.synthetic else ""]
    return " · ".join(filter(None, said))

"""The papers of a review: table of decisions and minutes written, decisions that were typed in Excel brought back."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.background.jobs import Job
from app.usecases.review import topics
from app.usecases.review.opinions import decided_topic, opinions_of
from models.core.errors import UserError
from models.core.progress import Progress
from models.review.topics import Topic, moment_of, now

if TYPE_CHECKING:
    from app.session import Session
    from viewers.documents.opinions.content import Review
    from viewers.documents.opinions.workbook import Typed

TABLE_SUFFIXES = (".docx", ".xlsx")
#: Objects that a row names one by one.
_NAMED = 4


@dataclass(frozen=True, slots=True)
class Change:
    """What a row of a workbook would do.

    Parameters
    ----------
    row : int
        Number of the row in the sheet.
    before, after : Topic or None
        None where the project has no such opinion.
    problem : str
        Word key of why the row does nothing; empty where it does something.
    also_here : bool
        Whether the project has decided otherwise since the workbook was written; that decision stays in the history.
    said : str
        The decision as it was typed.
    """

    row: int
    before: Topic | None
    after: Topic | None
    problem: str = ""
    also_here: bool = False
    said: str = ""


def review_of(session: Session) -> Review:
    """Return what the papers of the review say."""
    from viewers.documents.opinions.content import Opinion, Review
    from viewers.texts.pattern_texts import indicator_title

    state, lang = session.project.state, session.lang
    stops = {stop.id: stop.title for stop in state.review.stops}
    said = opinions_of(state)
    rows = []
    for topic in said:
        decision = topic.decision
        indicator = f"{topic.indicator} {indicator_title(topic.indicator, state, lang)}" if topic.indicator else ""
        kind = session.word(f"topics.kind.{topic.kind.lower().replace(' ', '_')}")
        names = [pin.name or pin.component.ifc_guid for pin in topic.pins[:_NAMED]]
        if len(topic.pins) > _NAMED:
            names.append(session.word("opinions.more", count=len(topic.pins) - _NAMED))
        rows.append(
            Opinion(
                topic.guid,
                str(topic.number or ""),
                kind,
                topic.author,
                topic.organisation,
                "\n".join(filter(None, (indicator, stops.get(topic.stop, "")))),
                ("、" if lang == "zh" else ", ").join(filter(None, names)),
                topic.text,
                topic.verdict,
                decision.reply if decision else "",
                decision.author if decision else "",
                decision.date[:10] if decision else "",
                next((view.snapshot for view in topic.views if view.snapshot), b""),
            )
        )
    days = sorted(topic.date[:10] for topic in said if topic.date)
    dates = "" if not days else days[0] if days[0] == days[-1] else f"{days[0]} – {days[-1]}"
    own = state.name_en if lang == "en" and state.name_en else state.name
    name = own or (session.project.path.stem if session.project.path else "")
    last = max((moment_of(topic.last_change) for topic in said), default=None)
    when = last.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if last is not None and last.year > 1 else ""
    label = session.word("sheet.synthetic") if state.synthetic else ""
    return Review(name, dates, label, [stop.title for stop in state.review.stops], rows, when)


def export_table(session: Session, out: Path) -> Job:
    """Write the table of decisions, .docx or .xlsx.

    Raises
    ------
    UserError
        ``opinions.bad_suffix``, ``opinions.nothing``.
    """
    out = Path(out)
    if out.suffix.lower() not in TABLE_SUFFIXES:
        raise UserError("opinions.bad_suffix", file=out.name, known=", ".join(TABLE_SUFFIXES))
    review, lang = review_of(session), session.lang
    if not review.opinions:
        raise UserError("opinions.nothing")

    def work(_: Progress) -> None:
        from viewers.documents.opinions import minutes, workbook

        (workbook.write_table if out.suffix.lower() == ".xlsx" else minutes.write_table)(out, review, lang)

    return _run(session, out, work)


def export_minutes(session: Session, out: Path) -> Job:
    """Write the minutes of the review, .docx.

    Raises
    ------
    UserError
        ``opinions.bad_suffix``, ``opinions.nothing``.
    """
    out = Path(out)
    if out.suffix.lower() != ".docx":
        raise UserError("opinions.bad_suffix", file=out.name, known=".docx")
    review, lang = review_of(session), session.lang
    if not review.opinions and not review.agenda:
        raise UserError("opinions.nothing")

    def work(_: Progress) -> None:
        from viewers.documents.opinions import minutes

        minutes.write_minutes(out, review, lang)

    return _run(session, out, work)


def _run(session: Session, out: Path, work: Callable[[Progress], None]) -> Job:
    return session.run(
        "job.export_list", work, lambda _: session.notices.info("notice.written", file=out.name), file=out.name
    )


def read_decisions(session: Session, path: Path, then: Callable[[list[Change]], object]) -> Job:
    """Read a table of decisions that was filled in, and tell what it would change; nothing is changed yet."""

    def work(_: Progress) -> list[Typed]:
        from viewers.documents.opinions.workbook import read_table

        return read_table(Path(path))

    return session.run("job.read_list", work, lambda rows: then(changes_of(session, rows)), file=Path(path).name)


def changes_of(session: Session, rows: list[Typed]) -> list[Change]:
    """Return what rows that were read would do; rows that nobody touched are left out."""
    here = {topic.guid: topic for topic in session.project.state.topics}
    seen: set[str] = set()
    date = now()
    found = []
    for one in rows:
        if not one.touched:
            continue
        topic = here.get(one.guid)
        problem, after = "", None
        if topic is None:
            problem = "opinions.unknown_row"
        elif one.guid in seen:
            problem = "opinions.twice"
        elif one.verdict is None:
            problem = "opinions.bad_word"
        else:
            seen.add(one.guid)
            try:
                after = decided_topic(topic, one.verdict, one.reply, one.author, date)
            except UserError as error:
                problem = f"error.{error.code}"
            if after == topic:
                continue
        found.append(Change(one.row, topic, after, problem, _decided_since(topic, one), one.said))
    return found


def _decided_since(topic: Topic | None, row: Typed) -> bool:
    if topic is None or row.before is None:
        return False
    reply = topic.decision.reply if topic.decision else ""
    return row.before != f"{topic.verdict}|{reply}"


def reason_of(change: Change, session: Session) -> str:
    """Return why a row does nothing, in words; empty where it does something."""
    return session.word(change.problem) if change.problem else ""


def change_text(change: Change, session: Session) -> str:
    """Return what a row of a workbook does, as a line."""
    word = session.word
    if change.before is None or change.after is None:
        return word("opinions.change_skipped", row=change.row, reason=reason_of(change, session))
    before, after = (word(f"topics.verdict.{one.verdict or 'open'}") for one in (change.before, change.after))
    reply = change.after.decisions[-1].reply
    number = change.before.number
    line = word("opinions.change", row=change.row, number=number, before=before, after=after, reply=reply).rstrip()
    return line + (word("opinions.also_here") if change.also_here else "")


def take_over(session: Session, changes: list[Change]) -> int:
    """Take decisions over, in one step of the history; return how many."""
    fresh = [one.after for one in changes if one.after is not None]
    if fresh:
        topics.put_topics(session, "history.take_decisions", fresh)
    return len(fresh)

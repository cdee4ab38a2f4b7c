"""Year on year: close a year, take another one in, hold two against each other, write what became of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.usecases.health import health
from models.core import program
from models.core.errors import UserError
from models.core.progress import Progress

if TYPE_CHECKING:
    from app.background.jobs import Job
    from app.session import Session
    from models.health.years.comparing import Comparison
    from models.health.years.record import YearProblem, YearRecord
    from models.layers.layer import LayerData
    from models.project.project import ProjectState
    from models.project.selection import ObjectKey

PROJECT, RECORD = ".gpkg", ".json"


# --- records ----------------------------------------------------------------------------------------------------------


def record_now(session: Session, year: int = 0) -> Callable[[Progress], YearRecord]:
    """Return what makes the record of the present check, off the thread of the window.

    Parameters
    ----------
    session : Session
    year : int
        Of the check; 0 for the present year.

    Raises
    ------
    UserError
        ``health.year.nothing`` where no indicator has a result.
    """
    from models.health.years.choosing import this_year
    from models.health.years.making import record_of

    results, old = health.all_kept(session), health.old_codes(session)
    if not results:
        raise UserError("health.year.nothing")
    state, data = session.project.state, dict(session.project.data)

    def work(progress: Progress) -> YearRecord:
        progress.step(0.1, "progress.health.year")
        return record_of(
            state, data, results, year=year or this_year(), made_at=_now(), program=program.version(), old=old
        )

    return work


def close_year(session: Session, year: int = 0) -> Job:
    """Keep what the check came to in the project, in the place of an earlier record of the same year.

    Raises
    ------
    UserError
        ``health.year.nothing``.
    """

    def done(record: YearRecord) -> None:
        _keep(session, record, "history.health.year.close")
        session.notices.info("notice.health.year_closed", year=record.year, count=len(record.indicators))

    return session.run("job.health.year", record_now(session, year), done)


def take_year(session: Session, path: Path) -> Job:
    """Take in the record of another year or city: of a project file, or of a file that this program wrote."""

    def done(record: YearRecord) -> None:
        _keep(session, record, "history.health.year.take", is_base=True)
        session.notices.info("notice.health.year_taken", year=record.year, city=record.title(session.lang))

    return session.run("job.health.year_read", lambda progress: read_year(session, path, progress), done)


def write_year(session: Session, out: Path, year: int = 0) -> Job:
    """Write the record of the present check as a file."""
    from models.health.years import year_file

    if Path(out).suffix.lower() != RECORD:
        raise UserError("health.year.bad_suffix", file=Path(out).name)
    make = record_now(session, year)
    return session.run(
        "job.health.year", lambda progress: year_file.write(make(progress), Path(out)),
        lambda _: session.notices.info("notice.written", file=Path(out).name),
    )  # fmt: skip


def forget_year(session: Session, record_id: str) -> None:
    """Take a record out of the project."""
    said = session.project.state.health
    kept = tuple(one for one in said.years if one.id != record_id)
    base = "" if said.base_year == record_id else said.base_year
    _put(session, "history.health.year.forget", years=kept, base_year=base)


def choose_base(session: Session, record_id: str) -> None:
    """Say against which record the present check is held."""
    if record_id != session.project.state.health.base_year:
        _put(session, "history.health.year.base", base_year=record_id)


def read_year(session: Session, path: Path, progress: Progress) -> YearRecord:
    """Return the record in a file: its own, or what the check of a project file came to.

    A project is read as a stranger's: in a child process, tables only; what it links to is not opened.

    Raises
    ------
    UserError
        ``health.year.missing``, ``health.year.not_a_year``, ``health.year.newer``, ``health.year.bad_suffix``,
        ``health.year.none_in_project``; those of :func:`app.background.project_reading.read_project`.
    """
    from models.health.years import year_file

    path = Path(path)
    suffix = path.suffix.lower()
    if suffix == RECORD:
        return year_file.read(path)
    if suffix != PROJECT:
        raise UserError("health.year.bad_suffix", file=path.name)
    from app.background.project_reading import read_project

    read = read_project(path, progress.part(0.0, 0.8), session.workers)
    return record_in(read.state, read.data, path.name, progress.part(0.8, 1.0))


def record_in(state: ProjectState, data: Mapping[str, LayerData], name: str, progress: Progress) -> YearRecord:
    """Return what the check of a project that is not the open one came to.

    Raises
    ------
    UserError
        ``health.year.none_in_project``.
    """
    from models.health.compute import stamp_now
    from models.health.entered.results import entered_results
    from models.health.years.choosing import last_year, rectified_result, this_year
    from models.health.years.making import record_of
    from models.project.fingerprints import Fingerprints

    computed = {one.code: one for one in state.results if one.is_known}
    year = max((int(one.made_at[:4]) for one in state.results if one.made_at[:4].isdecimal()), default=0)
    year = year or this_year()
    mended = rectified_result(state, last_year(state.health.years, state.name, year), year)
    results = health.that_count(state, computed, entered_results(state, data), mended)
    if not results:
        raise UserError("health.year.none_in_project", file=name)
    prints, old = Fingerprints(), set()
    absent = frozenset(layer.id for layer in state.layers if layer.id not in data)
    for at, (code, result) in enumerate(results.items()):
        progress.step(at / len(results), "progress.health.year")
        if result.origin == "computed" and not result.stamp.holds(
            stamp_now(code, result.edition, state, data, prints), absent
        ):
            old.add(code)
    made_at = max((one.made_at for one in results.values()), default="")
    made_by = next((one.program for one in results.values() if one.program), "")
    return record_of(state, data, results, year=year, made_at=made_at, program=made_by, old=old, source=name)


def _keep(session: Session, record: YearRecord, label: str, *, is_base: bool = False) -> None:
    from models.health.years.choosing import with_record

    years = with_record(session.project.state.health.years, record)
    _put(session, label, years=years, **({"base_year": record.id} if is_base else {}))


def _put(session: Session, label: str, **parts: Any) -> None:
    session.history.do(label, lambda state: replace(state, health=replace(state.health, **parts)))


def _now() -> str:
    return dt.datetime.now().astimezone().isoformat(timespec="seconds")


# --- comparing --------------------------------------------------------------------------------------------------------


def compare(session: Session, base: YearRecord, done: Callable[[Comparison], None]) -> Job:
    """Hold the present check against a record, off the thread of the window.

    Raises
    ------
    UserError
        ``health.year.nothing``.
    """
    from models.health.book import book_of
    from models.health.years.comparing import compared

    make, book = record_now(session), book_of(session.project.state.health).indicators

    def work(progress: Progress) -> Comparison:
        return compared(base, make(progress), book)

    return session.jobs.run("job.health.year_compare", work, done, failed=session.fail)


def compare_files(session: Session, before: Path, now: Path) -> Comparison:
    """Return what became of the check of one file in another.

    Raises
    ------
    UserError
        As :func:`read_year`.
    """
    from models.health.book import book_of
    from models.health.state import HealthState
    from models.health.years.comparing import compared

    made: list[Comparison] = []

    def work(progress: Progress) -> Comparison:
        first = read_year(session, before, progress.part(0.0, 0.45))
        second = read_year(session, now, progress.part(0.45, 0.9))
        return compared(first, second, book_of(HealthState()).indicators)

    session.run("job.health.year_compare", work, made.append)
    return made[0]


def export_comparison(session: Session, comparison: Comparison, out: Path) -> Job:
    """Write a comparison as a workbook: indicators, units, problems, data underneath.

    Raises
    ------
    UserError
        ``table.bad_suffix``.
    """
    from viewers.documents.year_tables import write_comparison

    if Path(out).suffix.lower() not in (".xlsx", ".csv"):
        raise UserError("table.bad_suffix", file=Path(out).name)
    lang = session.lang
    return session.run(
        "job.health.year_write", lambda _: write_comparison(Path(out), comparison, lang),
        lambda _: session.notices.info("notice.written", file=Path(out).name),
    )  # fmt: skip


def keys_of(session: Session, problems: list[YearProblem]) -> list[ObjectKey]:
    """Return the objects of problems in the open layers; what is gone, or has no key, is left out."""
    from models.health.years.making import names_in
    from models.project.selection import ObjectKey

    state = session.project.state
    named = names_in(state, session.project.data)
    rows: dict[tuple[str, str], ObjectKey] = {}
    for layer in state.layers:
        wanted = {one.object for one in problems if one.role == layer.role and one.object}
        if layer.id in named and wanted:
            found = named[layer.id]
            found = found[found.isin(wanted)]
            oids = found.index.to_numpy(dtype=np.int64).tolist()
            rows |= {(layer.role, str(name)): ObjectKey(layer.id, oid) for name, oid in zip(found, oids, strict=True)}
    keys = (rows.get((one.role, one.object)) for one in problems)
    return list(dict.fromkeys(key for key in keys if key is not None))


def comparison_facts(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison for JSON: numbers as numbers, None for no data."""
    from dataclasses import asdict

    before, now = comparison.before, comparison.now

    def unit(one: Any) -> dict[str, Any]:
        told = one.unit
        return {
            "level": told.level, "code": told.code, "name": told.name, "verdict": one.verdict, "change": one.change,
            "before": None if one.before is None else one.before.value,
            "now": None if one.now is None else one.now.value,
            "grade_before": None if one.before is None else one.before.grade,
            "grade_now": None if one.now is None else one.now.grade,
            "by_name": one.by_name, "other_coverage": one.has_other_coverage,
        }  # fmt: skip

    mended = comparison.rectified
    return {
        "before": _head(before), "now": _head(now), "verdicts": comparison.verdicts(), "fates": comparison.fates(),
        "indicators": [
            {"indicator": one.code, "name": one.title("zh"), "differs": list(one.differs),
             "was_old": bool(one.before and one.before.was_old), "is_old": bool(one.now and one.now.was_old)}
            | {"city": unit(one.city) if one.city.before or one.city.now else None}
            | {"units": [unit(other) for other in one.units]}
            for one in comparison.indicators
        ],
        "problems": [asdict(one.problem) | {"fate": one.fate, "why": one.reason} for one in comparison.problems],
        "rectified": None if mended is None else {
            name: {"done": share.done, "due": share.due, "percent": share.percent}
            for name, share in (("all", mended.all), ("limited", mended.limited), ("best_effort", mended.best_effort))
        },
        "layers": [
            {"role": one.layer.role, "name": one.layer.name, "state": one.state, "added": one.added,
             "removed": one.removed, "changed": one.changed, "other_crs": one.has_other_crs,
             "fields": [asdict(field) for field in one.fields]}
            for one in comparison.layers
        ],
    }  # fmt: skip


def _head(record: YearRecord) -> dict[str, Any]:
    return {
        "year": record.year, "city": record.city, "edition": record.edition, "made_at": record.made_at,
        "program": record.program, "synthetic": record.synthetic, "source": record.source,
    }  # fmt: skip

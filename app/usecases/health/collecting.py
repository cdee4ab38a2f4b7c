"""Collection in the field: forms out, returns back, how far it is, and that as a layer."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from app.background.jobs import Job
from app.usecases.review.topics import author
from models.core.errors import UserError
from models.core.progress import Progress
from models.health.collection.batches import Batch, Return, SentUnit
from models.health.entered.values import with_values
from models.layers.layer import Layer, Source, Style, VectorData, new_layer_id
from models.project.project import ProjectState
from models.style.kinds import Class, Symbology
from resources.words import word

if TYPE_CHECKING:
    from app.session import Session
    from models.health.collection.joining import Joined
    from models.health.collection.progress import UnitProgress
    from models.health.collection.returns import Returned

FORMATS = ("xlsx", "gpkg")
#: Errors of one file among several that have a sentence of their own among the faults.
_UNREAD = (
    "health_return_foreign", "health_return_unreadable", "health_return_huge", "health_return_edition", "io_missing",
    "io_truncated",
)  # fmt: skip
#: Option of a layer that says what made it.
MADE = "made"
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')


def send_out(
    session: Session,
    folder: Path,
    indicators: Sequence[str],
    units: Sequence[str] = (),
    formats: Sequence[str] = FORMATS,
    done: Callable[[Batch], object] | None = None,
) -> Job:
    """Write the forms of communities into a folder and remember that they went out; one undoable step.

    Parameters
    ----------
    session : Session
    folder : Path
        Made where it is not there.
    indicators : sequence of str
    units : sequence of str
        Codes of communities; empty for all.
    formats : sequence of str
        Of :data:`FORMATS`.
    done : callable, optional

    Raises
    ------
    UserError
        ``health.no_indicator``, ``health.collect_nothing``, ``health.collect_format``.
    """
    from models.health.book import book_of, definition_of

    state, data, lang = session.project.state, dict(session.project.data), session.lang
    book = book_of(state.health)
    for code in indicators:
        definition_of(state.health, code)
    if not indicators:
        raise UserError("health.collect_nothing")
    for name in formats:
        if name not in FORMATS:
            raise UserError("health.collect_format", name=name, known=", ".join(FORMATS))
    folder, batch_id = Path(folder).resolve(), uuid.uuid4().hex[:8]
    now = dt.datetime.now().astimezone().isoformat(timespec="seconds")

    def work(progress: Progress) -> Batch:
        from models.health.collection.forms import forms_of
        from models.store.atomic import replacing_together
        from viewers.documents import collection_forms as written

        progress.step(0.0, "progress.health.forms")
        forms = forms_of(state, data, book, indicators, units)
        if not forms:
            raise UserError("health.collect_nothing")
        folder.mkdir(parents=True, exist_ok=True)
        names = _file_names([f"{form.unit.code} {form.unit.title(lang)}" for form in forms])
        with replacing_together(folder / f"{names[-1]}.{formats[-1]}") as place:
            for at, (form, name) in enumerate(zip(forms, names, strict=True)):
                progress.step(at / len(forms), "progress.health.forms")
                marks = written.marks_of(form, book, batch_id, indicators)
                if "xlsx" in formats:
                    written.write_form_workbook(place / f"{name}.xlsx", form, book, marks, lang)
                if "gpkg" in formats:
                    written.write_form_geopackage(place / f"{name}.gpkg", form, book, marks, lang)
        sent = tuple(SentUnit(form.unit.code, form.unit.name, form.objects) for form in forms)
        return Batch(batch_id, now, author(session), tuple(indicators), sent)

    def finish(batch: Batch) -> None:
        session.history.do(
            "history.send_forms",
            lambda before: replace(before, health=replace(before.health, batches=(*before.health.batches, batch))),
        )
        session.notices.info("notice.forms_sent", count=len(batch.units), folder=folder.name)
        if done is not None:
            done(batch)

    return session.run("job.send_forms", work, finish)


def _file_names(wanted: Sequence[str]) -> list[str]:
    """Return names that every system can hold, no two alike."""
    names: list[str] = []
    for text in wanted:
        name = _UNSAFE.sub("_", text).strip(" .")[:80] or "form"
        while name.lower() in {one.lower() for one in names}:
            name += "_"
        names.append(name)
    return names


def read_returns(
    session: Session, paths: Sequence[Path], done: Callable[[tuple[Returned, ...], Joined], object]
) -> Job:
    """Read filled-in forms off the UI thread, and hand on what they say and bring. Nothing is taken.

    A file that cannot be read is named among the faults, the others are read; one that is alone is an error.
    """
    from models.health.book import book_of

    state, data = session.project.state, dict(session.project.data)
    book, crs = book_of(state.health), state.frame.horizontal if state.frame is not None else ""
    folder = None if session.project.path is None else session.project.path.parent
    held = records_of(session)
    seen = {one.sha256: one.file for one in state.health.returns}

    def work(progress: Progress) -> tuple[tuple[Returned, ...], Joined]:
        from models.health.collection.forms import objects_of
        from models.health.collection.joining import joined
        from models.health.collection.kinds import object_kinds, outlier_rules
        from models.health.collection.returns import no_records, read_return
        from models.health.entered.faults import Fault

        known = {}
        for kind in object_kinds():
            objects = objects_of(kind, state, data, crs)
            known[kind.id] = dict(zip(objects["object_code"], objects["kind_value"], strict=True))
        files = sorted({Path(path).resolve() for path in paths})
        found: list[Returned] = []
        unread: list[Fault] = []
        for at, path in enumerate(files):
            try:
                one = read_return(path, book, known, folder, progress.part(at / len(files), (at + 1) / len(files)))
            except UserError as error:
                if len(files) == 1:
                    raise
                code = error.code.replace(".", "_")
                code = code if code in _UNREAD else "unreadable"
                unread.append(Fault(code, path.name, "", {"file": path.name}))
                continue
            if one.sha256 in seen:
                unread.append(Fault("taken_before", path.name, "", {"file": seen[one.sha256]}, is_error=False))
            if one.batch not in {batch.id for batch in state.health.batches}:
                unread.append(Fault("unknown_batch", path.name, "", {"batch": one.batch[:40]}, is_error=False))
            found.append(one)
        made = joined(held if held is not None else no_records(), found, outlier_rules(), dt.date.today().isoformat())
        return tuple(found), replace(made, faults=(*unread, *made.faults))

    return session.run("job.read_returns", work, lambda read: done(*read), count=len(paths))


def records_of(session: Session) -> pd.DataFrame | None:
    """Return the project's table of check records, None where there is none."""
    for layer in session.project.state.with_role("check_records"):
        found = session.project.data.get(layer.id)
        if isinstance(found, VectorData):
            return pd.DataFrame(found.attributes)
    return None


def take_returns(
    session: Session,
    returns: Sequence[Returned],
    joined: Joined,
    chosen: Mapping[tuple[str, str, str], int],
) -> None:
    """Put what returns bring into the table of records, with what a person decided; one undoable step.

    Differences that nobody decided are left as they are in the project.
    """
    from models.health.collection.joining import decided, with_records
    from models.health.collection.returns import no_records

    who, now = author(session), dt.datetime.now().astimezone().isoformat(timespec="seconds")
    settled, decisions = decided(joined, chosen, who, now)
    parts = [part for part in (joined.new, settled) if len(part)]
    fresh = pd.concat(parts, ignore_index=True) if parts else joined.new
    took = tuple(
        Return(
            one.batch, one.unit, one.file, one.sha256, now, who,
            tuple(sorted({str(by) for by in one.records["checked_by"] if by})), len(one.records),
            int(one.records["object_code"].nunique()),
        )
        for one in returns
    )  # fmt: skip
    values = [replace(value, who=who, at=now) for one in returns for value in one.values]
    held = records_of(session)
    layer = next(iter(session.project.state.with_role("check_records")), None)
    anew = replace(layer, id=new_layer_id("check_records")) if layer is not None else _records_layer(session)
    if len(fresh):
        table = with_records(no_records().drop(columns="source") if held is None else held, fresh)
        session.project.put_data(anew.id, VectorData(table))

    def change(before: ProjectState) -> ProjectState:
        health = replace(
            before.health,
            returns=(*before.health.returns, *took),
            record_decisions=(*before.health.record_decisions, *decisions),
            entered=with_values(before.health.entered, values),
        )
        after = replace(before, health=health)
        if not len(fresh):
            return after
        if layer is None:
            return after.with_layer(anew)
        return replace(
            after,
            layers=tuple(anew if one.id == layer.id else one for one in after.layers),
            groups=tuple(
                replace(group, layers=tuple(anew.id if one == layer.id else one for one in group.layers))
                for group in after.groups
            ),
            edits=tuple(edit for edit in after.edits if edit.layer != layer.id),
        )

    session.history.do("history.take_returns", change)
    session.results_changed.emit()
    session.notices.info("notice.returns_taken", records=len(fresh), values=len(values),
                         open=len(joined.differences) - len(settled))  # fmt: skip


def _records_layer(session: Session) -> Layer:
    names = [session.word("role.check_records")]
    return Layer(new_layer_id("check_records"), names[0], "table", "check_records", data_source=author(session))


def progress_now(session: Session, done: Callable[[tuple[UnitProgress, ...]], object]) -> Job:
    """Work out off the UI thread how far each community is, and hand it on."""
    from models.health.book import book_of

    state, data = session.project.state, dict(session.project.data)
    book, held = book_of(state.health), records_of(session)

    def work(_: Progress) -> tuple[UnitProgress, ...]:
        from models.health.collection.forms import forms_of
        from models.health.collection.progress import progress_of
        from models.health.collection.returns import no_records

        asked = tuple(dict.fromkeys(code for batch in state.health.batches for code in batch.indicators))
        forms = forms_of(state, data, book, asked)
        return progress_of(forms, state.health.batches, state.health.returns, no_records() if held is None else held)

    return session.jobs.run("job.collection_progress", work, done, failed=session.fail)


def show_on_map(session: Session, found: Sequence[UnitProgress]) -> str:
    """Put how far the collection is into the city as a layer of communities, coloured by it; return its id.

    It takes the place of the one that was made before.
    """
    import geopandas as gpd

    from models.health.collection.kinds import progress_colours

    state = session.project.state
    rows, shapes, crs = [], [], state.frame.horizontal if state.frame is not None else None
    for one in found:
        data = session.project.data.get(one.layer)
        frame = data.frame if isinstance(data, VectorData) else None
        if not isinstance(frame, gpd.GeoDataFrame):
            continue
        shape = frame.geometry.loc[[one.oid]]
        shapes.append((shape if frame.crs is None or crs is None else shape.to_crs(crs)).iloc[0])
        rows.append(
            {
                "code": one.code, "name": one.name, "name_en": one.name_en, "progress": one.state, "sent": one.sent,
                "back": one.returns, "checked": one.checked, "complete": one.complete, "share": round(one.share, 4),
            }
        )  # fmt: skip
    made = gpd.GeoDataFrame(rows, geometry=shapes, crs=crs, index=pd.RangeIndex(1, len(rows) + 1, name="fid"))
    classes = tuple(
        Class(colour, value=name, label=word(f"health.progress.{name}", "zh"),
              label_en=word(f"health.progress.{name}", "en"))
        for name, colour in progress_colours().items()
    )  # fmt: skip
    old = next((layer for layer in state.layers if layer.source.options.get(MADE) == "collection"), None)
    layer = Layer(
        new_layer_id("collection_progress"), word("health.progress.layer", "zh"), "vector", "other",
        source=Source(options={MADE: "collection"}), synthetic=state.synthetic,
        style=Style(opacity=0.75, symbology=Symbology("categorised", "progress", classes)),
        name_en=word("health.progress.layer", "en"),
    )  # fmt: skip
    session.project.put_data(layer.id, VectorData(made))

    def change(before: ProjectState) -> ProjectState:
        return (before if old is None else before.without_layer(old.id)).with_layer(layer)

    session.history.do("history.show_progress", change)
    return layer.id

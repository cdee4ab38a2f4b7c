"""The agenda of a review session: stops are added, arranged and written; each is one step to undo."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.usecases.health import health
from app.usecases.views.snapshots import make_spec
from models.core.errors import UserError
from models.core.value_text import number
from models.health.book import book_of
from models.project.project import ProjectState
from models.project.scene import scene_of
from models.review.agenda import Stop, total_minutes
from models.views.camera import Camera
from models.views.snapshot_spec import SnapshotSpec
from viewers.texts.values import indicator_value

if TYPE_CHECKING:
    from app.background.jobs import Job
    from app.session import Session
    from models.core.progress import Progress

#: More selected objects than this are kept with no stop.
MOST_SELECTED = 10_000
#: What :func:`change_stop` may change.
CHANGED = frozenset({"title", "indicator", "sheet", "notes", "minutes", "ink"})
#: Endings of the files that an agenda is written to.
SUFFIXES = (".txt", ".xlsx", ".csv")


def view_of_now(session: Session, camera: Camera, size: tuple[int, int], *, dark: bool = False) -> SnapshotSpec:
    """Return the present view with all that it looks like: layers, styles, theme, cut, light, selection.

    It has no date: nobody has said of which date the city is.

    Parameters
    ----------
    session : Session
    camera : Camera
    size : (int, int)
        Of the picture, pixels.
    dark : bool
    """
    selected = session.selection.keys
    keys = tuple(selected) if len(selected) <= MOST_SELECTED else ()
    made = make_spec(session, camera, size=size, selected=keys, dark=dark)
    return replace(made, scene=scene_of(session.project.state), date="")


def add_stop(session: Session, view: SnapshotSpec, *, title: str = "", thumbnail: bytes = b"", after: str = "") -> Stop:
    """Add a stop that shows a view, behind another one or at the end; its indicator is that of the view's theme."""
    indicator = view.theme.indicator if view.theme.kind == "indicator" else ""
    stop = Stop(_new_id(), title.strip() or title_for(session, view), view, indicator, thumbnail=thumbnail)
    stops = session.project.state.review.stops
    at = next((place + 1 for place, one in enumerate(stops) if one.id == after), len(stops))
    _put(session, "history.add_stop", (*stops[:at], stop, *stops[at:]))
    return stop


def change_stop(session: Session, stop_id: str, **values: Any) -> None:
    """Change what a stop says: any of :data:`CHANGED`; what is written letter by letter is one step to undo.

    Raises
    ------
    UserError
        ``agenda.unknown``.
    """
    if unknown := values.keys() - CHANGED:
        raise ValueError(f"no part of a stop: {unknown}")
    old = find_stop(session.project.state, stop_id)
    _replace(session, "history.change_stop", replace(old, **values), burst=f"{stop_id}.{'.'.join(values)}")


def set_date(session: Session, stop_id: str, date: str) -> None:
    """Say of which date a stop is; empty for none.

    Raises
    ------
    UserError
        ``agenda.bad_date`` for what is no ISO date.
    """
    try:
        date = datetime.date.fromisoformat(date.strip()).isoformat() if date.strip() else ""
    except ValueError:
        raise UserError("agenda.bad_date", date=date) from None
    old = find_stop(session.project.state, stop_id)
    _replace(session, "history.change_stop", replace(old, view=replace(old.view, date=date)))


def update_stop(session: Session, stop_id: str, view: SnapshotSpec, thumbnail: bytes = b"") -> None:
    """Let a stop show another view; what it says stays."""
    old = find_stop(session.project.state, stop_id)
    indicator = view.theme.indicator if view.theme.kind == "indicator" else old.indicator
    _replace(session, "history.update_stop", replace(old, view=view, thumbnail=thumbnail, indicator=indicator))


def duplicate_stop(session: Session, stop_id: str) -> Stop:
    """Add a stop like another one, right behind it."""
    old = find_stop(session.project.state, stop_id)
    copy = replace(old, id=_new_id())
    stops = session.project.state.review.stops
    at = stops.index(old) + 1
    _put(session, "history.duplicate_stop", (*stops[:at], copy, *stops[at:]))
    return copy


def remove_stop(session: Session, stop_id: str) -> None:
    """Take a stop out of the agenda."""
    find_stop(session.project.state, stop_id)
    kept = tuple(stop for stop in session.project.state.review.stops if stop.id != stop_id)
    _put(session, "history.remove_stop", kept)


def move_stop(session: Session, stop_id: str, position: int) -> None:
    """Move a stop to a place in the agenda, counted from 0; beyond its ends is first or last."""
    stop = find_stop(session.project.state, stop_id)
    rest = [one for one in session.project.state.review.stops if one.id != stop_id]
    rest.insert(min(max(position, 0), len(rest)), stop)
    _put(session, "history.move_stop", tuple(rest))


def find_stop(state: ProjectState, stop_id: str) -> Stop:
    """Return a stop by its id.

    Raises
    ------
    UserError
        ``agenda.unknown``.
    """
    for stop in state.review.stops:
        if stop.id == stop_id:
            return stop
    raise UserError("agenda.unknown", stop=stop_id)


def title_for(session: Session, view: SnapshotSpec) -> str:
    """Return the title that a stop has of itself: its indicator, else its number."""
    state = session.project.state
    if view.theme.kind == "indicator":
        row = book_of(state.health).indicators.get(view.theme.indicator)
        if row is not None:
            return row.title(session.lang)
    return session.word("agenda.proposal", number=len(state.review.stops) + 1)


def gone_layers(state: ProjectState, stop: Stop) -> int:
    """Return how many layers of a stop are in the project no longer."""
    there = {layer.id for layer in state.layers}
    scene = stop.view.scene
    return 0 if scene is None else len(set(scene.shown) - there)


def value_text(session: Session, code: str) -> str:
    """Return the city's value of an indicator with its unit; empty where there is no result."""
    result = health.kept(session, code) if code else None
    if result is None:
        return ""
    return indicator_value(result.city.value, result.definition.unit_text(session.lang), session.word("health.no_data"))


# --- what an agenda is outside the window -----------------------------------------------------------------------------


def agenda_rows(session: Session) -> list[dict[str, Any]]:
    """Return a row a stop, plain values."""
    state = session.project.state
    book, sheets = book_of(state.health).indicators, {sheet.id: sheet.name for sheet in state.review.sheets}
    return [
        {
            "number": at, "id": stop.id, "title": stop.title, "indicator": stop.indicator,
            "indicator_name": book[stop.indicator].title(session.lang) if stop.indicator in book else "",
            "value": value_text(session, stop.indicator), "date": stop.view.date,
            "sheet": sheets.get(stop.sheet, stop.sheet), "minutes": stop.minutes, "notes": stop.notes,
            "layers_gone": gone_layers(state, stop),
        }
        for at, stop in enumerate(state.review.stops, 1)
    ]  # fmt: skip


def export_agenda(session: Session, out: Path) -> Job:
    """Write the agenda as text, workbook or table, by the ending of ``out``.

    Raises
    ------
    UserError
        ``agenda.bad_suffix``, ``agenda.empty``.
    """
    out = Path(out).resolve()
    if out.suffix.lower() not in SUFFIXES:
        raise UserError("agenda.bad_suffix", file=out.name, known=", ".join(SUFFIXES))
    if not session.project.state.review.stops:
        raise UserError("agenda.empty")
    sheet = _sheet(session)
    text = agenda_text(session)

    def work(progress: Progress) -> None:
        from models.store.atomic import replacing
        from models.store.whole_files import of_bytes
        from viewers.documents.plain_sheets import write_sheets

        progress.step(0.1, "progress.writing")
        if out.suffix.lower() == ".txt":
            content = text.replace("\n", "\r\n").encode("utf-8-sig")
            with replacing(out, of_bytes(len(content))) as fresh:
                fresh.write_bytes(content)
        else:
            write_sheets(out, [sheet])

    return session.run(
        "job.export_list", work, lambda _: session.notices.info("notice.written", file=out.name), file=out.name
    )


def agenda_text(session: Session) -> str:
    """Return the agenda as lines for people."""
    word, rows = session.word, agenda_rows(session)
    lines = [word("agenda.of", project=_project_name(session)), _about(session), ""]
    for row in rows:
        told = [row["value"] and f"{row['indicator']} {row['value']}", row["date"], row["sheet"]]
        if row["minutes"]:
            told.append(word("agenda.minutes", count=number(row["minutes"], 1, trimmed=True)))
        lines.append("  ".join(filter(None, (f"{row['number']}.", row["title"]))))
        if any(told):
            lines.append(f"   {' · '.join(filter(None, told))}")
        lines += [f"   {line}" for line in row["notes"].splitlines()]
    return "\n".join(lines) + "\n"


def total_text(session: Session) -> str:
    """Return how many stops there are and how long they take together."""
    stops = session.project.state.review.stops
    minutes = total_minutes(stops)
    told = [session.word("agenda.count", count=len(stops))]
    if minutes:
        told.append(session.word("agenda.total", count=number(minutes, 1, trimmed=True)))
    return " · ".join(told)


def _sheet(session: Session) -> Any:
    from viewers.documents.plain_sheets import PlainSheet

    word = session.word
    parts = ("number", "title", "indicator", "indicator_name", "value", "date", "sheet", "minutes", "notes")
    rows = [[row[part] if row[part] != "" else None for part in parts] for row in agenda_rows(session)]
    title = word("agenda.of", project=_project_name(session))
    return PlainSheet(
        word("panel.agenda"), title, _about(session), [word(f"agenda.column.{part}") for part in parts], rows
    )  # fmt: skip


def _about(session: Session) -> str:
    synthetic = session.word("sheet.synthetic") if session.project.state.synthetic else ""
    return " · ".join(filter(None, (synthetic, total_text(session))))


def _project_name(session: Session) -> str:
    state, path = session.project.state, session.project.path
    own = state.name_en if session.lang == "en" and state.name_en else state.name
    return own or (path.stem if path is not None else "")


def _new_id() -> str:
    return f"stop_{uuid.uuid4().hex[:8]}"


def _replace(session: Session, label: str, stop: Stop, burst: str = "") -> None:
    stops = session.project.state.review.stops
    _put(session, label, tuple(stop if one.id == stop.id else one for one in stops), burst)


def _put(session: Session, label: str, stops: tuple[Stop, ...], burst: str = "") -> None:
    session.history.do(label, lambda state: replace(state, review=replace(state.review, stops=stops)), burst)

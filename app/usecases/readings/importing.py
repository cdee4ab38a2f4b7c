"""Take tables of readings into the store of the project: guess how, look at it, take it in piece by piece.

What was taken in before a cancel or a damaged row stays and is the same when the file is taken in again: a reading is
there once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.notices import notice_of
from app.usecases.readings.readings import store_for_writing
from models.core.errors import UserError
from models.core.progress import Progress
from models.readings.mapping import ReadingMap, guess

if TYPE_CHECKING:
    import pandas as pd

    from app.background.jobs import Job
    from app.session import Session
    from models.io.table_chunks import Damage
    from models.readings.applying import Part, Refused
    from models.store.readings.facts import Appended
    from models.store.readings.store import ReadingStore


@dataclass(slots=True)
class Imported:
    """What became of a table.

    Parameters
    ----------
    file : str
    rows : int
    taken : int
        Values that are readings; ``appended`` says which of them were new.
    appended : Appended
    refused : Refused
    channels : frozenset of int
        Channels that have readings of it.
    zone : str
        In which times without a zone were taken to be.
    replaced : int
        Cells with bytes that are no text in the file's encoding.
    first_us, last_us : int
        Of the readings; 0 where there was none.
    """

    file: str
    rows: int
    taken: int
    appended: Appended
    refused: Refused
    zone: str
    channels: set[int] = field(default_factory=set)
    replaced: int = 0
    first_us: int = 0
    last_us: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-ready form."""
        told = self.appended
        return {
            "file": self.file, "rows": self.rows, "readings": self.taken, "added": told.added, "same": told.same,
            "corrected": told.corrected, "implausible": told.implausible, "channels": len(self.channels),
            "replaced": self.replaced, "zone": self.zone, "first_us": self.first_us, "last_us": self.last_us,
            "refused": {
                reason: {"count": count, "examples": dict(self.refused.examples.get(reason, {}))}
                for reason, count in self.refused.counts.items()
            },
        }  # fmt: skip


def preview(path: Path, *, sheet: str = "", encoding: str = "") -> pd.DataFrame:
    """Return the first rows of a table of readings."""
    from models.io.table_chunks import heads

    return heads(Path(path), sheet, encoding)


def guessed(session: Session, path: Path, *, sheet: str = "", encoding: str = "") -> ReadingMap:
    """Return how a table would be taken in: by its columns, in the zone of the project."""
    path = Path(path)
    columns = [str(name) for name in preview(path, sheet=sheet, encoding=encoding).columns]
    return guess(columns, path.stem, session.project.state.operations.zone.name)


def import_file(
    session: Session,
    path: Path,
    mapping: ReadingMap,
    done: Callable[[Imported], object] | None = None,
    *,
    sheet: str = "",
    encoding: str = "",
) -> Job:
    """Take a table into the readings of the project, as a job.

    Raises
    ------
    UserError
        ``readings.mapping_lacks`` with what it does not say, ``readings.no_project``; from the job what
        :func:`models.io.table_chunks.pieces` and the store say.
    """
    path = Path(path)
    _require(mapping)
    store, kinds = store_for_writing(session), kinds_of(session)

    def work(progress: Progress) -> Imported:
        from models.io.table_chunks import Damage, pieces

        damage = Damage()
        codes = [name for name in (mapping.sensor, mapping.quantity, mapping.unit) if name]
        texts = [*codes, *(mapping.time if len(mapping.time) == 1 else ())]
        found = pieces(path, mapping.columns, texts=texts, sheet=sheet, encoding=encoding, damage=damage)
        return _with_damage(_take_in(store, path.name, found, mapping, kinds, progress), damage)

    return session.run("job.import_readings", work, _after(session, done), reading=True, file=path.name)


def as_read(
    frame: pd.DataFrame, mapping: ReadingMap, kinds: Mapping[str, tuple[str, str]], lang: str
) -> tuple[list[list[str]], str]:
    """Return rows as they will be read (time, device, quantity, value, unit), and what is not taken of them, as a text.

    Nothing is stored. What the mapping lacks or a zone that nobody knows is said, not raised.
    """
    from models.readings.applying import Refused, apply
    from models.readings.quantities import quantity_name
    from models.timeline.zone import DEFAULT_ZONE, moment_text

    refused = Refused()
    try:
        _require(mapping)
        parts = apply(frame.reset_index(drop=True), mapping, refused, kinds)
    except UserError as error:
        notice = notice_of(error)
        return [], f"{notice.text(lang)} {notice.cure(lang)}"
    rows = [
        (int(time_us), part.sensors[code], quantity_name(part.quantity, lang), f"{value:.10g}", part.unit)
        for part in parts
        for code, time_us, value in zip(part.codes, part.time_us, part.value, strict=True)
    ]
    shown = [
        [moment_text(row[0], mapping.zone or DEFAULT_ZONE), *row[1:]] for row in sorted(rows, key=lambda one: one[:2])
    ]
    return shown, "\n".join(_refused_lines(refused, lang))


def import_layer(session: Session, layer_id: str, done: Callable[[Imported], object] | None = None) -> Job:
    """Take a layer of readings that the project holds (role ``readings``) into the store; the layer stays.

    Raises
    ------
    UserError
        As :func:`import_file`.
    """
    layer = session.project.state.layer(layer_id)
    frame = getattr(session.project.data_of(layer_id), "frame", None)
    if frame is None:
        raise UserError("readings.no_columns", file=layer.title(session.lang), columns="time", there="")
    mapping = guess([str(name) for name in frame.columns], layer.name, session.project.state.operations.zone.name)
    _require(mapping)
    store, kinds = store_for_writing(session), kinds_of(session)

    def work(progress: Progress) -> Imported:
        step = 250_000
        parts = ((frame.iloc[row : row + step], (row + step) / len(frame)) for row in range(0, len(frame), step))
        return _take_in(store, layer.name, parts, mapping, kinds, progress)

    return session.run("job.import_readings", work, _after(session, done), file=layer.title(session.lang))


def kinds_of(session: Session) -> dict[str, tuple[str, str]]:
    """Return quantity and unit of each device's values, as the layers of sensors say them (``kind``, ``unit``)."""
    from models.readings.quantities import quantity_named

    found: dict[str, tuple[str, str]] = {}
    for layer in session.project.state.with_role("sensors"):
        frame = getattr(session.project.data.get(layer.id), "frame", None)
        if frame is None or not {"code", "kind"} <= set(frame.columns):
            continue
        units = frame["unit"].fillna("").astype(str) if "unit" in frame.columns else [""] * len(frame)
        for code, kind, unit in zip(
            frame["code"].astype(str), frame["kind"].fillna("").astype(str), units, strict=True
        ):
            known = quantity_named(kind)
            found[code] = (kind if known is None else known.id, unit)
    return found


def _require(mapping: ReadingMap) -> None:
    if mapping.lacking:
        raise UserError("readings.mapping_lacks", what=", ".join(mapping.lacking))


def _after(session: Session, done: Callable[[Imported], object] | None) -> Callable[[Imported], None]:
    def after(imported: Imported) -> None:
        session.readings.changed.emit()
        if done is not None:
            done(imported)

    return after


def _take_in(
    store: ReadingStore, file: str, found: Iterator[tuple[pd.DataFrame, float]], mapping: ReadingMap,
    kinds: Mapping[str, tuple[str, str]], progress: Progress,
) -> Imported:  # fmt: skip
    from models.readings.applying import Refused, apply
    from models.readings.batch import joined
    from models.store.readings.facts import Appended

    told = Imported(file, 0, 0, Appended(), Refused(), mapping.zone)
    for frame, share in found:
        progress.step(min(share, 0.99), "progress.readings.importing")
        told.rows += len(frame)
        parts = apply(frame.reset_index(drop=True), mapping, told.refused, kinds)
        batch = joined(_batch(store, part, told) for part in parts)
        if not len(batch):
            continue
        told.taken += len(batch)
        first, last = int(batch.time_us.min()), int(batch.time_us.max())
        told.first_us = min(told.first_us or first, first)
        told.last_us = max(told.last_us, last)
        told.appended += store.append(batch, history=True)
    store.settle()
    progress.step(1.0, "progress.readings.importing")
    return told


def _with_damage(told: Imported, damage: Damage) -> Imported:
    """Return what became of a table, with the lines of it that no row could be made of."""
    if damage.lines:
        told.rows += damage.lines
        told.refused.counts["bad_line"] += damage.lines
        told.refused.examples["bad_line"] = damage.numbers
    told.replaced = damage.cells
    return told


def _batch(store: ReadingStore, part: Part, told: Imported) -> Any:
    import numpy as np

    from models.readings.batch import readings

    ids = store.channels_for([(sensor, part.quantity, part.unit, 0.0) for sensor in part.sensors])
    told.channels.update(ids)
    return readings(np.asarray(ids, np.int32)[part.codes], part.time_us, part.value)


def lines(imported: Imported, lang: str) -> list[str]:
    """Return what became of a table as sentences."""
    from models.timeline.zone import DEFAULT_ZONE, moment_text
    from resources.words import word

    told, zone = imported.appended, imported.zone or DEFAULT_ZONE
    span = f"{moment_text(imported.first_us, zone)} – {moment_text(imported.last_us, zone)}" if imported.taken else "—"
    found = [
        word("readings.imported", lang, file=imported.file, rows=f"{imported.rows:,}", taken=f"{imported.taken:,}",
             channels=f"{len(imported.channels):,}", span=span, zone=zone),
        word("readings.imported.stored", lang, added=f"{told.added:,}", same=f"{told.same:,}",
             corrected=f"{told.corrected:,}", implausible=f"{told.implausible:,}"),
    ]  # fmt: skip
    if imported.replaced:
        found.append(word("readings.imported.replaced", lang, count=f"{imported.replaced:,}"))
    return found + [f"  {line}" for line in _refused_lines(imported.refused, lang)]


def _refused_lines(refused: Refused, lang: str) -> list[str]:
    """Return a sentence for each reason, with examples of what stood there."""
    from resources.words import word

    found = []
    for reason, count in refused.counts.items():
        examples = word("sheet.comma", lang).join(list(refused.examples.get(reason, {}))[:4])
        text = word(f"readings.refused.{reason}", lang, count=f"{count:,}")
        found.append(f"{text}{': ' if lang == 'en' else '：'}{examples}" if examples else text)
    return found

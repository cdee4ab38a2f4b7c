"""The whole paper set: its parts, what each needs, and what became of it, as ``deliver.json`` keeps it.

Invariants
----------
1. A part is what one folder of the set holds. It is made beside the set and takes its place whole, by one rename.
2. A part is kept where it was made of the same project in the same way and each of its files is still the one that was
   written; what a person has changed in it is put aside, never overwritten.
3. ``SHA256SUMS`` is taken away before anything changes and written last: where it lies, it is true.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from models.core.errors import UserError
from models.core.progress import Progress
from models.delivery.archive import hashed
from models.store import atomic, schema
from models.store.sqlite_guard import own_tables, quoted, reading

RECORD, SUMS, WORK = "deliver.json", "SHA256SUMS", ".deliver"
FORMAT, VERSION = "chengjing-paper-set", 1
_MOST_BYTES = 64 * 1024**2
#: What differs between two savings of the same project.
_OF_SAVING = ("saved_at", "save_id")

State = Literal["making", "made", "failed", "skipped"]
Need = Literal["", "stops", "opinions", "results"]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the set.

    Parameters
    ----------
    id : str
        Also the name of its folder.
    commands : tuple of tuple of str
        Words of the command line, one run after another: ``{project}`` and ``{out}`` are filled in.
    needs : str
        What the project must hold for it; without it the part is passed over, and that is said.
    resumes : bool
        Whether what lies in its folder from a run that was killed is gone on with.
    at_first : bool
        Whether it is made where nobody names parts.
    """

    id: str
    commands: tuple[tuple[str, ...], ...]
    needs: Need = ""
    resumes: bool = False
    at_first: bool = True


#: In the order in which they are made. ``{pdf}`` is left out where nothing can make a PDF of a document.
PARTS: tuple[Part, ...] = (
    Part("report", (("report", "{project}", "--out", "{out}/report.docx", "--xlsx", "{out}/report.xlsx", "{pdf}"),),
         "results"),
    Part("lists", (("health", "lists", "{project}", "--dry-run", "--xlsx", "{out}/lists.xlsx"),), "results"),
    Part("atlas", (("atlas", "{project}", "--out", "{out}", "--by", "{by}", "--dpi", "{dpi}"),), "results",
         resumes=True),
    Part("deck", (("deck", "{project}", "--out", "{out}/deck.pptx"),), "results"),
    Part("agenda", (("agenda", "{project}", "--out", "{out}/agenda.xlsx"),), "stops"),
    Part("findings", (
        ("findings", "{project}", "--out", "{out}/opinions.docx", "--minutes", "{out}/minutes.docx"),
        ("findings", "{project}", "--out", "{out}/opinions.xlsx"),
        ("findings", "{project}", "--out", "{out}/opinions.bcf"),
    ), "opinions"),
    Part("package", (("package", "make", "{project}", "--out", "{out}/{name}.cjreview", "{redact}"),)),
    Part("handover", (("handover", "{project}", "--out", "{out}"),), resumes=True, at_first=False),
    Part("video", (("video", "{project}", "--out", "{out}/video.mp4"),), "stops", resumes=True, at_first=False),
)  # fmt: skip
BY_ID: Mapping[str, Part] = {part.id: part for part in PARTS}


@dataclass(frozen=True, slots=True)
class File:
    """A file of the set: its place in it, with ``/``, its size and hash."""

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Made:
    """What became of a part.

    Parameters
    ----------
    id : str
    state : str
    key : str
        Of what it was made, see :func:`key_of`.
    files : tuple of File
    reason : str
        Why it was passed over (``"no_stops"`` …), or what went wrong.
    seconds : float
        How long it took.
    digest : str
        Of the project of which it was made, see :func:`project_digest`.
    """

    id: str
    state: State
    key: str = ""
    files: tuple[File, ...] = ()
    reason: str = ""
    seconds: float = 0.0
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """What a set says of itself.

    Parameters
    ----------
    project, program, lang : str
    synthetic : bool
    parts : mapping of str to Made
    """

    project: str = ""
    program: str = ""
    lang: str = ""
    synthetic: bool = False
    parts: Mapping[str, Made] = field(default_factory=dict)

    def with_part(self, made: Made) -> Record:
        """Return the record with what became of one part."""
        return replace(self, parts={**self.parts, made.id: made})


def read_record(folder: Path) -> Record:
    """Return what lies in a folder; an empty record for what cannot be read, so that everything is made anew."""
    path = folder / RECORD
    try:
        if path.stat().st_size > _MOST_BYTES:
            return Record()
        told = json.loads(path.read_text(encoding="utf-8"))
        if told["format"] != FORMAT or told["version"] != VERSION:
            return Record()
        parts = {}
        for row in told["parts"]:
            if row["id"] in BY_ID:
                files = tuple(
                    File(str(one["name"]), int(one["size_bytes"]), str(one["sha256"])) for one in row["files"]
                )
                parts[row["id"]] = Made(**{**row, "files": files})
        texts = {name: str(told.get(name, "")) for name in ("project", "program", "lang")}
        return Record(**texts, synthetic=bool(told.get("synthetic")), parts=parts)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return Record()


def write_record(folder: Path, record: Record) -> None:
    """Write what is known of a set, whole or not at all."""
    told = {
        "format": FORMAT, "version": VERSION, "project": record.project, "program": record.program,
        "lang": record.lang, "synthetic": record.synthetic,
        "parts": [asdict(record.parts[one.id]) for one in PARTS if one.id in record.parts],
    }  # fmt: skip
    atomic.write_text(folder / RECORD, json.dumps(told, ensure_ascii=False, indent=1) + "\n")


def key_of(part: Part, digest: str, options: Mapping[str, str], program: str, lang: str) -> str:
    """Return of what a part is made: the project's content and the way of making it."""
    told = json.dumps([part.id, part.commands, digest, dict(sorted(options.items())), program, lang])
    return hashlib.sha256(told.encode()).hexdigest()


def project_digest(path: Path, linked: Iterable[Path] = ()) -> str:
    """Return a digest of what a project holds, the same after it was saved again without a change.

    Of linked files size and time of change count.
    """
    digest = hashlib.sha256()
    with reading(path) as connection:
        tables = own_tables(connection)
        for name in sorted(set(schema.TABLES) & tables):
            for row in connection.execute(f"SELECT * FROM {quoted(name)} ORDER BY id"):  # noqa: S608
                cells = [str(cell) for cell in row]
                if name != schema.META or cells[1] not in _OF_SAVING:
                    digest.update(json.dumps(cells).encode("utf-8", "replace"))
        try:
            for row in connection.execute("SELECT table_name, last_change FROM gpkg_contents ORDER BY table_name"):
                if not str(row[0]).startswith("chengjing_"):
                    digest.update(repr(row).encode("utf-8", "replace"))
        except sqlite3.Error as error:
            raise UserError("store.corrupt", file=path.name, reason=str(error)) from error
    for file in sorted(linked):
        if file.is_file():
            facts = file.stat()
            digest.update(repr((file.name, facts.st_size, facts.st_mtime_ns)).encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def files_of(folder: Path, name: str, progress: Progress | None = None) -> tuple[File, ...]:
    """Return the files below a folder under the name that it has in the set, hidden ones left out."""
    found = []
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(".") for part in inside.parts):
            member = hashed(path, f"{name}/{inside.as_posix()}", progress)
            found.append(File(member.name, member.size_bytes, member.sha256))
    return tuple(found)


def is_whole(folder: Path, made: Made, progress: Progress | None = None) -> bool:
    """Whether a part lies in its folder as it was written."""
    if made.state != "made" or not made.files:
        return False
    for one in made.files:
        path = folder / one.name
        if not path.is_file() or path.stat().st_size != one.size_bytes:
            return False
        if hashed(path, one.name, progress).sha256 != one.sha256:
            return False
    return True


def put_aside(folder: Path, made: Made) -> Path | None:
    """Move a part that somebody changed out of the way, and return where it lies; None where nobody did.

    Files that were written and changed since, and files that were put beside them, are somebody's work.
    """
    place = folder / made.id
    if not place.is_dir() or made.state != "made":
        return None
    known = {one.name: one for one in made.files}
    now = files_of(place, made.id)
    if all(known.get(one.name) == one for one in now):
        return None
    number = 1
    while (aside := folder / f"{made.id}-{number}").exists():
        number += 1
    place.rename(aside)
    return aside


def take_place(folder: Path, part: str, work: Path) -> None:
    """Let a part that was made take its place whole; the one before goes."""
    place, old = folder / part, folder / WORK / f"old-{part}"
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    work.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def write_sums(folder: Path, files: Sequence[File]) -> None:
    """Write the list of checksums, as ``sha256sum -c`` reads it."""
    lines = [f"{one.sha256}  {one.name}\n" for one in sorted(files, key=lambda one: one.name)]
    atomic.write_text(folder / SUMS, "".join(lines))


def told_of(made: Made) -> dict[str, Any]:
    """Return what became of a part as plain values."""
    return {"id": made.id, "state": made.state, "reason": made.reason, "files": len(made.files),
            "bytes": sum(one.size_bytes for one in made.files), "seconds": round(made.seconds, 1)}  # fmt: skip

"""Deliver: the whole paper set of a project in one folder, part after part, each in a child process of its own.

What is there, whole and made of the same project in the same way is kept, so that a run that was stopped or killed goes
on where it was. See :mod:`models.delivery.paper_set` for what holds at any moment.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.background.jobs import Job
from app.usecases.project.trust import is_withheld, remember
from models.core.errors import UserError
from models.core.program import version
from models.core.progress import Progress
from models.delivery import paper_set
from models.delivery.archive import hashed
from models.delivery.paper_set import BY_ID, PARTS, WORK, File, Made, Part, Record
from models.layers.layer import LayerData
from models.project.project import ProjectState

if TYPE_CHECKING:
    from app.session import Session

log = logging.getLogger(__name__)

#: The module that runs a verb in a child, see there.
CHILD = "app.command_line.apart"
#: Names of the project as it is open where that is not saved, and with results where it has none.
PREPARED, COMPUTED = "prepared.gpkg", "computed.gpkg"
#: Lines of a child that failed which are told.
_LAST_LINES = 4


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the set is made, and how.

    Parameters
    ----------
    parts : tuple of str
        Ids; empty for those that are made at first.
    force : bool
        Make again what is there.
    compute : bool
        Compute indicators and make lists before, in a copy; done anyway where a project has no results.
    redact : tuple of str
        Of :data:`models.delivery.choices.REDACTIONS`, for the package.
    by : str
        Of the atlas: a sheet for each of what.
    dpi : int
        Of the sheets of the atlas.
    lang : str
        Empty for the session's.
    """

    parts: tuple[str, ...] = ()
    force: bool = False
    compute: bool = False
    redact: tuple[str, ...] = ()
    by: str = "district"
    dpi: int = 150
    lang: str = ""

    @property
    def chosen(self) -> tuple[Part, ...]:
        """The parts, in the order in which they are made."""
        return tuple(part for part in PARTS if (part.id in self.parts if self.parts else part.at_first))


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a run came to.

    Parameters
    ----------
    folder : Path
    parts : tuple of Made
        Of the chosen parts, in their order.
    kept : frozenset of str
        Ids of those that were there already.
    files : int
    size_bytes : int
    """

    folder: Path
    parts: tuple[Made, ...]
    kept: frozenset[str]
    files: int
    size_bytes: int

    @property
    def failed(self) -> tuple[Made, ...]:
        """The parts that could not be made."""
        return tuple(one for one in self.parts if one.state == "failed")


#: Told of each part as it begins and ends: its id, ``"making"``, ``"made"``, ``"kept"``, ``"failed"`` or ``"skipped"``.
OnPart = Callable[[str, str], object]


def missing(state: ProjectState, part: Part, *, computes: bool = True) -> str:
    """Return what a project lacks for a part (``"no_stops"``, ``"no_opinions"``, ``"no_results"``), or nothing."""
    has = {
        "": True,
        "stops": bool(state.review.stops),
        "opinions": any(topic.is_opinion for topic in state.topics),
        "results": bool(state.results) or computes,
    }
    return "" if has[part.needs] else f"no_{part.needs}"


def deliver(
    session: Session, out: Path, wanted: Wanted, done: Callable[[Delivered], object] = lambda _: None,
    on_part: OnPart = lambda _id, _state: None,
) -> Job:  # fmt: skip
    """Make the paper set of the open project in a folder.

    Parameters
    ----------
    session : Session
        Its project, as it is now, unsaved changes included.
    out : Path
        Made where it is not there.
    wanted : Wanted
    done : callable
        Gets what it came to.
    on_part : callable
        Is told of each part, on the thread of the job.

    Raises
    ------
    UserError
        ``deliver.nothing`` for a project without layers, ``deliver.no_part``; from the job ``deliver.busy``,
        ``deliver.foreign_folder`` and what writing files raises. A part that fails ends no run.
    """
    for name in wanted.parts:
        if name not in BY_ID:
            raise UserError("deliver.no_part", part=name, known=", ".join(BY_ID))
    if not session.project.state.layers:
        raise UserError("deliver.nothing")
    run = _Run(session, Path(out).resolve(), replace(wanted, lang=wanted.lang or session.lang), on_part)

    def finished(delivered: Delivered) -> None:
        key = "notice.deliver.done" if not delivered.failed else "notice.deliver.partly"
        facts = {"count": delivered.files, "failed": len(delivered.failed), "folder": str(delivered.folder)}
        session.notices.info(key, **facts)
        done(delivered)

    return session.run("job.deliver", run.work, finished, file=run.out.name)


class _Run:
    """One run: what is open at its beginning, and what becomes of it.

    Parameters
    ----------
    session : Session
    out : Path
    wanted : Wanted
    on_part : callable
    """

    def __init__(self, session: Session, out: Path, wanted: Wanted, on_part: OnPart) -> None:
        project = session.project
        self._session, self.out, self._wanted, self._on_part = session, out, wanted, on_part
        self._state: ProjectState = project.state
        self._data: dict[str, LayerData] = dict(project.data)
        self._path = project.path
        self._is_saved = project.is_saved and project.path is not None and project.path.exists()
        self._linked = [
            Path(layer.source.path) for layer in project.state.layers
            if layer.source.path and not is_withheld(session, layer)
        ]  # fmt: skip
        self._computes = wanted.compute or not project.state.results
        self._kept: set[str] = set()
        self._aside: list[Path] = []
        self._wants_results = wanted.compute or any(part.needs == "results" for part in wanted.chosen)
        self._plain_file: Path | None = None
        self._computed_file: Path | None = None
        #: Why nothing could be computed.
        self._failure: UserError | None = None

    def work(self, progress: Progress) -> Delivered:
        """Make the set, on the thread of the job."""
        began = time.monotonic()
        with self._held():
            record = paper_set.read_record(self.out)
            self._require_ours(record)
            digest = self._digest(progress.part(0.0, 0.02))
            (self.out / paper_set.SUMS).unlink(missing_ok=True)
            name = self._state.name or (self._path.stem if self._path else "")
            record = replace(
                record, project=name, program=version(), lang=self._wanted.lang, synthetic=self._state.synthetic
            )
            parts = self._wanted.chosen
            for number, part in enumerate(parts):
                share = progress.part(0.05 + 0.9 * number / len(parts), 0.05 + 0.9 * (number + 1) / len(parts))
                record = self._part(record, part, digest, share)
            return self._end(record, digest, time.monotonic() - began, progress)

    # --- one part ---------------------------------------------------------------------------------------------------
    def _part(self, record: Record, part: Part, digest: str, progress: Progress) -> Record:
        progress.step(0.0, f"progress.deliver.{part.id}")
        key = paper_set.key_of(part, digest, self._options(part), version(), self._wanted.lang)
        before = record.parts.get(part.id)
        if lacks := missing(self._state, part, computes=self._computes):
            self._on_part(part.id, "skipped")
            if before is not None and before.state == "made":  # made of a project that had it
                return record
            return self._noted(record, Made(part.id, "skipped", reason=lacks))
        is_same = before is not None and before.key == key and not self._wanted.force
        if before is not None and is_same and paper_set.is_whole(self.out, before, progress):
            self._kept.add(part.id)
            self._on_part(part.id, "kept")
            return record
        self._on_part(part.id, "making")
        if before is not None and (aside := paper_set.put_aside(self.out, before)) is not None:
            self._aside.append(aside)
        record = self._noted(record, Made(part.id, "making", key))
        work, began = self.out / WORK / part.id, time.monotonic()
        if not (part.resumes and self._mark(part).exists() and self._mark(part).read_text() == key):
            shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True, exist_ok=True)
        self._mark(part).write_text(key)
        try:
            self._run_all(part, work, progress)
        except UserError as error:
            made = Made(part.id, "failed", key, reason=str(error.facts.get("reason", error.code)),
                        seconds=time.monotonic() - began)  # fmt: skip
            self._on_part(part.id, "failed")
            return self._noted(record, made)
        files = paper_set.files_of(work, part.id, progress)
        for hidden in work.rglob(".*"):  # what a child left that was killed before
            shutil.rmtree(hidden) if hidden.is_dir() else hidden.unlink()
        paper_set.take_place(self.out, part.id, work)
        self._mark(part).unlink(missing_ok=True)
        self._on_part(part.id, "made")
        return self._noted(record, Made(part.id, "made", key, files, "", time.monotonic() - began, digest))

    def _run_all(self, part: Part, work: Path, progress: Progress) -> None:
        """Run the commands of a part; each must leave a file."""
        project = self._project(part, progress.part(0.0, 0.1))
        fill = {"project": str(project), "out": str(work), "name": _file_name(self._state.name), **self._options(part)}
        rest = progress.part(0.1, 1.0)
        for number, words in enumerate(part.commands):
            asked: list[str] = []
            for one in words:
                if one == "{pdf}":
                    asked += ["--pdf"] if fill["pdf"] else []
                elif one == "{redact}":
                    asked += [text for kind in self._wanted.redact for text in ("--redact", kind)]
                else:
                    asked.append(one.format(**fill))
            self._run(part, asked, rest.part(number / len(part.commands), (number + 1) / len(part.commands)))
        if not any(path.is_file() for path in work.rglob("*")):
            raise UserError("deliver.failed", part=part.id, reason="–")

    def _run(self, part: Part, words: list[str], progress: Progress) -> None:
        from app.background.workers import Child

        child = Child(module=CHILD, words=("--lang", self._wanted.lang, *words))
        try:
            for answer in child.answers(progress):
                if "crash" in answer:
                    break
                progress.step(float(answer.get("fraction", -1.0)), f"progress.deliver.{part.id}")
            code, last = child.process.returncode, child.last_words
        finally:
            child.end()
        if code:
            reason = " ".join(line.strip() for line in last[-_LAST_LINES:] if line.strip()) or f"exit {code}"
            log.error("%s failed: %s", part.id, reason)
            raise UserError("deliver.failed", part=part.id, reason=reason[:400])

    def _options(self, part: Part) -> dict[str, str]:
        """Return what of the way of making decides over a part."""
        told = {"by": "", "dpi": "", "pdf": "", "redact": "", "compute": "1" if self._computes else ""}
        if part.id == "atlas":
            told |= {"by": self._wanted.by, "dpi": str(self._wanted.dpi)}
        if part.id == "report":
            told["pdf"] = "1" if shutil.which("soffice") or shutil.which("libreoffice") else ""
        if part.id == "package":
            told["redact"] = ",".join(self._wanted.redact)
        return told

    # --- the project ------------------------------------------------------------------------------------------------
    def _digest(self, progress: Progress) -> str:
        path = self._path
        if path is None or not self._is_saved:
            path = self._plain_file = self._written(self.out / WORK / PREPARED, progress)
        return paper_set.project_digest(path, self._linked)

    def _project(self, part: Part, progress: Progress) -> Path:
        """Return the project file that a child opens: what is open here, with results and lists where they are wanted.

        Raises
        ------
        UserError
            ``deliver.failed`` for a part that needs results, where nothing can be computed.
        """
        needed = part.needs == "results"
        if self._computes and self._failure is None and (needed or self._wants_results):
            try:
                self._computed_file = self._computed_file or self._computed(progress)
            except UserError as error:
                self._failure = error
        if self._computed_file is not None:
            return self._computed_file
        if needed and self._failure is not None:
            raise self._failure
        if self._plain_file is None:
            is_there = self._is_saved and self._path is not None
            self._plain_file = self._path if is_there else self._written(self.out / WORK / PREPARED, progress)
        assert self._plain_file is not None  # noqa: S101 - one of the two
        return self._plain_file

    def _written(self, path: Path, progress: Progress) -> Path:
        from models.store import project_file

        path.parent.mkdir(parents=True, exist_ok=True)
        project_file.save_project(self._state, self._data, path, progress, self._path)
        remember(self._session, self._state, path)
        return path

    def _computed(self, progress: Progress) -> Path:
        """Have a child compute indicators and make lists in a copy."""
        path = self._written(self.out / WORK / COMPUTED, progress.part(0.0, 0.2))
        self._run(BY_ID["lists"], ["health", "lists", str(path), "--compute", "--make"], progress.part(0.2, 1.0))
        return path

    # --- the folder -------------------------------------------------------------------------------------------------
    @contextlib.contextmanager
    def _held(self) -> Iterator[None]:
        """Let nobody else work in the folder."""
        from models.store import atomic
        from models.store.held import hold

        lock = self.out / WORK / "lock"
        try:
            lock.parent.mkdir(parents=True, exist_ok=True)
            held = hold(lock)
        except OSError as error:
            raise atomic.translated(error, lock) from error
        if held is None:
            raise UserError("deliver.busy", folder=str(self.out))
        try:
            with held:
                yield
        except OSError as error:
            raise atomic.translated(error, self.out / paper_set.RECORD) from error

    def _require_ours(self, record: Record) -> None:
        """Refuse a folder in which something of another lies under the name of a part."""
        for part in self._wanted.chosen:
            place = self.out / part.id
            if part.id not in record.parts and place.exists() and (not place.is_dir() or any(place.iterdir())):
                raise UserError("deliver.foreign_folder", folder=str(place))

    def _mark(self, part: Part) -> Path:
        return self.out / WORK / f"{part.id}.key"

    def _noted(self, record: Record, made: Made) -> Record:
        record = record.with_part(made)
        paper_set.write_record(self.out, record)
        return record

    def _end(self, record: Record, digest: str, seconds: float, progress: Progress) -> Delivered:
        """Write the logs and the list of checksums, and take the workshop away."""
        from models.store import atomic
        from resources.words import LANGUAGES
        from viewers.documents.delivery_log import log_text

        progress.step(0.96, "progress.deliver.sums")
        parts = tuple(record.parts[part.id] for part in self._wanted.chosen)
        for lang in LANGUAGES:
            text = log_text(record, digest, self._kept, [path.name for path in self._aside], seconds, lang)
            atomic.write_text(self.out / f"log.{lang}.txt", text)
        files: list[File] = [one for made in record.parts.values() if made.state == "made" for one in made.files]
        for name in (paper_set.RECORD, *(f"log.{lang}.txt" for lang in LANGUAGES)):
            member = hashed(self.out / name, name)
            files.append(File(member.name, member.size_bytes, member.sha256))
        paper_set.write_sums(self.out, files)
        if not any(one.state == "failed" for one in parts):
            shutil.rmtree(self.out / WORK, ignore_errors=True)
        return Delivered(self.out, parts, frozenset(self._kept), len(files), sum(one.size_bytes for one in files))


def told(delivered: Delivered) -> dict[str, Any]:
    """Return what a run came to as plain values."""
    rows: list[Mapping[str, Any]] = [
        paper_set.told_of(one) | {"kept": one.id in delivered.kept} for one in delivered.parts
    ]
    return {"folder": str(delivered.folder), "files": delivered.files, "bytes": delivered.size_bytes, "parts": rows}


def _file_name(name: str) -> str:
    """Return a project's name as a file can have it."""
    plain = "".join(sign for sign in name if sign not in '<>:"/\\|?*' and sign.isprintable()).strip(" .")
    return plain[:60] or "review"

"""From a model file to results: what is prepared before an engine runs and kept after it has.

The engine itself runs in a child process, which is the caller's business (``app.usecases.network.simulation``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from models.core.errors import UserError
from models.network.hydraulics.document import InpDocument, read_document
from models.network.hydraulics.files import REPORT, prepare_run
from models.network.hydraulics.report import Message, messages_of
from models.network.hydraulics.results import FACTS, Results, open_results
from models.store import atomic


@dataclass(frozen=True, slots=True)
class Prepared:
    """A model that waits for its engine.

    Parameters
    ----------
    document : InpDocument
        The person's file.
    path : Path
        Where it lies.
    folder : Path
        Of the run.
    arguments : mapping
        For :func:`models.network.hydraulics.engines.run`.
    """

    document: InpDocument
    path: Path
    folder: Path
    arguments: Mapping[str, Any]


class EngineRefusedError(UserError):
    """The engine did not run a model to its end; :attr:`messages` is all that it said."""

    def __init__(self, messages: tuple[Message, ...], dialect: str, **facts: object) -> None:
        super().__init__("network.engine_refused", **facts)
        self.messages, self.dialect = messages, dialect


def prepare(path: Path, folder: Path, document: InpDocument | None = None) -> Prepared:
    """Copy a model and what it reads into the folder of a run.

    Parameters
    ----------
    path : Path
    folder : Path
        Empty.
    document : InpDocument or None
        The model with changes that its file does not have; None for the file as it is.

    Raises
    ------
    UserError
        As :func:`models.network.hydraulics.document.read_document` and
        :func:`models.network.hydraulics.files.prepare_run`.
    """
    document = document or read_document(path)
    prepare_run(document, Path(path).resolve().parent, folder)
    arguments = {"path": str(folder), "file": document.file, "dialect": document.dialect, "days": days_of(document)}
    return Prepared(document, Path(path), folder, arguments)


def finish(prepared: Prepared, answer: Mapping[str, Any]) -> Results:
    """Read what an engine left in the folder of its run, and note how it ran beside it.

    Raises
    ------
    EngineRefusedError
        Where it stopped with an error.
    """
    document, folder = prepared.document, prepared.folder
    messages = messages_of(folder / REPORT, document.dialect, document.encoding)
    failed = str(answer.get("failed", ""))
    if failed:
        errors = tuple(one for one in messages if one.severity == "error" and one.number != 200)
        first = errors[0].text if errors else failed
        count = max(len(errors), 1)
        engine = engine_of(answer)
        raise EngineRefusedError(errors, document.dialect, file=document.file, engine=engine, count=count, first=first)
    facts = {
        "model": document.file, "dialect": document.dialect, "encoding": document.encoding,
        "engine": answer["engine"], "version": answer["version"], "build": answer["build"],
        "continuity_percent": answer["continuity"], "cpu_s": round(float(answer["cpu_s"]), 3),
        "messages": [asdict(one) for one in messages],
    }  # fmt: skip
    atomic.write_text(folder / FACTS, json.dumps(facts, ensure_ascii=False, indent=1))
    return open_results(folder, document.encoding)


def engine_of(facts: Mapping[str, Any]) -> str:
    """Return engine, version and build in one text: what a result must name."""
    return f"{facts['engine']} {facts['version']} ({facts['build']})"


def messages_in(facts: Mapping[str, Any]) -> list[Message]:
    """Return the messages that the facts of a run hold."""
    return [Message(**one) for one in facts.get("messages", ())]


def days_of(document: InpDocument) -> float:
    """Return how long a SWMM model simulates, days; 0 where it does not say readably, and in EPANET, which tells."""
    options = document.options()
    try:
        start, end = (
            datetime.strptime(options[f"{at}_DATE"].replace("-", "/"), "%m/%d/%Y")
            + _clock(options.get(f"{at}_TIME", "0"))
            for at in ("START", "END")
        )
    except (KeyError, ValueError):
        return 0.0
    return max((end - start).total_seconds() / 86400, 0.0)


def _clock(text: str) -> timedelta:
    parts = [float(one) for one in text.split(":")] + [0.0, 0.0]
    return timedelta(hours=parts[0], minutes=parts[1], seconds=parts[2])

"""Make review packages: one file with the project, its sources, and what a review holds.

Making is no resumable work: it takes as long as saving and packing, and begins anew where it was stopped. Nothing lies
under the package's name before it is whole.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.background.jobs import Job
from app.usecases.health import health
from app.usecases.project.trust import is_withheld
from app.usecases.views.snapshots import content_hash
from models.core.errors import UserError
from models.core.program import version
from models.core.progress import Progress
from models.delivery import contents, personal
from models.delivery.choices import ALL, Choices
from models.delivery.contents import Part
from models.delivery.manifest import INDEX, PROJECT, SUFFIX, LeftOut, Manifest, Redacted
from models.delivery.needles import Needles
from models.delivery.personal import FieldProposal
from models.layers.layer import Layer, LayerData, VectorData
from models.project.project import ProjectState

if TYPE_CHECKING:
    from app.session import Session
    from models.health.results import IndicatorResult

#: The moment that a project file states which was never saved.
NEVER = "1980-01-01T00:00:00"
FONTS = Path(__file__).parents[3] / "resources" / "fonts"


@dataclass(frozen=True, slots=True)
class Made:
    """A package that was written."""

    path: Path
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class Preview:
    """What would go into a package.

    Parameters
    ----------
    parts : tuple of Part
    evidence : int
        Photos and papers beside the project.
    size_bytes : int
        About what all of it takes, unpacked.
    """

    parts: tuple[Part, ...]
    evidence: int
    size_bytes: int


def preview(session: Session, choices: Choices = ALL) -> Preview:
    """Return what would go into a package; reads names and sizes only."""
    state, data = session.project.state, session.project.data
    parts = contents.parts_of(state, data, _withheld(session), choices.without)
    photos = {} if "photos" in choices.redact else contents.evidence(state, data, _folder(session))
    size = sum(part.size_bytes for part in parts if part.how != "left_out")
    return Preview(parts, len(photos), size + sum(file.stat().st_size for file in photos.values()))


def make_package(
    session: Session, out: Path, choices: Choices = ALL, done: Callable[[Made], object] = lambda _: None
) -> Job:
    """Write a review package of the open project.

    Parameters
    ----------
    session : Session
    out : Path
        Gets the suffix of packages.
    choices : Choices
    done : callable
        Gets :class:`Made` on the thread of the window.

    Raises
    ------
    UserError
        From the job: ``package.source_changed``, ``package.not_redacted``, and what writing files raises.
    """
    out = Path(out).resolve()
    out = out if out.suffix.lower() == SUFFIX else out.with_name(out.name + SUFFIX)
    state, data, lang = session.project.state, dict(session.project.data), session.lang
    path, folder, withheld = session.project.path, _folder(session), _withheld(session)
    results = {code: one for code, one in health.all_kept(session).items() if one.is_known}
    is_same = path is not None and session.project.is_saved and choices == ALL

    def work(progress: Progress) -> Made:
        content = content_hash(session, path, state) if path is not None and is_same else ""
        return _make(out, state, data, path, folder, withheld, choices, results, content, lang, progress)

    def finished(made: Made) -> None:
        session.notices.info("notice.package.made", file=made.path.name, count=len(made.manifest.members))
        done(made)

    return session.run("job.package.make", work, finished, file=out.name)


def proposals(session: Session) -> tuple[FieldProposal, ...]:
    """Return the fields that are proposed to be dropped with ``"fields"``."""
    from models.delivery.personal import CHOICE_OF

    found = personal.proposals(session.project.state, session.project.data)
    return tuple(one for one in found if one.kind not in CHOICE_OF)


def layer_named(session: Session, name: str) -> Layer:
    """Return the layer of an id or a name.

    Raises
    ------
    UserError
        ``project.no_layer``.
    """
    low = name.casefold()
    for layer in session.project.state.layers:
        if low in (layer.id.casefold(), layer.name.casefold(), layer.name_en.casefold()):
            return layer
    raise UserError("project.no_layer", layer=name)


def field_named(session: Session, text: str) -> tuple[str, str]:
    """Return layer and field of ``"layer:field"``.

    Raises
    ------
    UserError
        ``project.no_layer``, ``package.no_field``.
    """
    layer = layer_named(session, text.partition(":")[0])
    kept, name = session.project.data.get(layer.id), text.partition(":")[2]
    if not isinstance(kept, VectorData) or name not in kept.fields:
        raise UserError("package.no_field", field=text)
    return layer.id, name


def _make(
    out: Path, state: ProjectState, data: dict[str, LayerData], path: Path | None, folder: Path | None,
    withheld: frozenset[str], choices: Choices, results: Mapping[str, IndicatorResult], content: str, lang: str,
    progress: Progress,
) -> Made:  # fmt: skip
    from models.delivery import archive, redacted_files, redaction
    from models.store import project_file
    from viewers.documents.package_page import page

    progress.step(0.0, "progress.package.gathering")
    parts = contents.parts_of(state, data, withheld, choices.without)
    files = {name: file for part in parts for name, file in part.files}
    if "photos" not in choices.redact:
        files |= contents.evidence(state, data, folder)
    held, left_out = contents.packed(state, parts, lang)
    redacted: tuple[Redacted, ...] = ()
    moment, needles = _saved_at(path), Needles(())
    with tempfile.TemporaryDirectory(prefix="chengjing_") as name:
        work = Path(name)
        if choices.redact:
            found = redaction.redacted(held, data, choices, lang, progress.part(0.02, 0.1))
            sources = redacted_files.redacted_sources(found.state, files, work, lang)
            held, files, needles = sources.state, sources.files, found.needles
            left_out, redacted = (*left_out, *sources.left_out), (*found.redacted, *sources.redacted)
            progress.step(0.1, "progress.package.redacting")
            held, data = redaction.true_again(held, found.data, state, data), found.data
            results = redaction.masked_results(results, needles)
        project_file.save_project(held, data, work / PROJECT, progress.part(0.15, 0.5), stamp=moment or NEVER)
        manifest = _manifest(held, results, moment, content, left_out, redacted)
        how = {part.layer: part.how for part in parts}
        redacted_files.require_gone(needles, (work / PROJECT,))
        (work / INDEX).write_text(page(manifest, held, results, how), encoding="utf-8")
        files |= {PROJECT: work / PROJECT, INDEX: work / INDEX}
        return Made(out, archive.write(out, files, manifest, progress.part(0.5, 1.0)))


def _manifest(
    state: ProjectState, results: Mapping[str, IndicatorResult], saved_at: str, content: str,
    left_out: tuple[LeftOut, ...], redacted: tuple[Redacted, ...],
) -> Manifest:  # fmt: skip
    from models.health.definitions.freeze import in_force

    freeze, frame, review = in_force(state.health.freezes), state.frame, state.review
    counts = {
        "layers": len(state.layers), "results": len(results), "sheets": len(review.sheets), "stops": len(review.stops),
        "topics": len(state.topics), "opinions": sum(topic.is_opinion for topic in state.topics),
        "changes": len(state.health.changes),
    }  # fmt: skip
    return Manifest(
        name=state.name, name_en=state.name_en, program=version(),
        horizontal="" if frame is None else frame.horizontal, vertical=(frame.vertical or "") if frame else "",
        synthetic=state.synthetic, saved_at=saved_at,
        origin=review.title_block.organisation or state.about.author or state.about.source,
        definitions="" if freeze is None else freeze.fingerprint, content=content, counts=counts,
        fonts={font.name: hashlib.sha256(font.read_bytes()).hexdigest() for font in sorted(FONTS.glob("*.otf"))},
        left_out=left_out, redacted=redacted,
    )  # fmt: skip


def _saved_at(path: Path | None) -> str:
    """Return when a project was saved last, empty where it never was."""
    from models.store import project_file

    return project_file.saved_at_of(path) if path is not None and path.exists() else ""


def _folder(session: Session) -> Path | None:
    return session.project.path.parent if session.project.path is not None else None


def _withheld(session: Session) -> frozenset[str]:
    return frozenset(layer.id for layer in session.project.state.layers if is_withheld(session, layer))

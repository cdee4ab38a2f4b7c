"""Check building models: quality, IDS requirements, clashes, two versions. Each ends in a :class:`Report`.

Reports are kept by whoever asked (the window's checks panel, the command line), not in the project: they belong to
the moment in which they were made.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.background.jobs import Job
from app.usecases.checks.check_reports import model_of, parties_of, report_of, stage_cautions
from models.checks.findings import Finding, Group, Report
from models.core.errors import Caution, UserError
from models.core.progress import Progress
from models.layers.layer import Layer, ModelData, VectorData

if TYPE_CHECKING:
    from app.session import Session
    from models.review.topics import Topic

Done = Callable[[Report], object]

#: Depth up to which bodies merely touch.
TOLERANCE_M = 0.01


def check_quality(session: Session, layer_id: str, done: Done | None = None) -> Job:
    """List a model's weaknesses: no geometry, doubled ids, nothing that contains it …"""
    layer, data = model_of(session, layer_id)

    def work(progress: Progress) -> Report:
        from models.checks.quality import issues

        progress.step(0.0, "progress.checks.comparing")
        groups, findings = [], []
        party = parties_of(layer, data, session.lang)
        for issue in issues(data):
            groups.append(
                Group(
                    issue.code,
                    "",
                    f"quality.{issue.code}",
                    "",
                    "",
                    {"failed": len(issue.oids)},
                    {**issue.facts, "severity": issue.severity},
                )
            )
            findings += [
                Finding(f"{issue.code}-{oid}", "quality", issue.severity, f"quality.{issue.code}", issue.code,
                        (party(int(oid)),), None, issue.facts)
                for oid in issue.oids
            ]  # fmt: skip
            if not len(issue.oids):  # a weakness of the model as a whole
                findings.append(
                    Finding(issue.code, "quality", issue.severity, f"quality.{issue.code}", issue.code, (), None,
                            issue.facts)
                )  # fmt: skip
        counts = {"elements": len(data.elements), "issues": len(groups)}
        return report_of(
            session, "quality", [layer], groups, findings, counts, stage_cautions([(layer, data)], session)
        )

    return _run(session, "job.check_quality", work, done, layer)


def check_ids(session: Session, layer_id: str, ids: Path, done: Done | None = None) -> Job:
    """Check a model's file against an IDS, in a child process.

    Raises
    ------
    UserError
        What :func:`models.io.ids.check.run_json` raises; ``checks.no_file`` for a model without a file.
    """
    layer, data = model_of(session, layer_id)
    ids = Path(ids).absolute()
    if not layer.source.path:
        raise UserError("checks.no_file", layer=layer.title(session.lang))
    arguments = {"file": layer.source.path, "ids": str(ids), "encoding": layer.source.options.get("encoding", "")}

    def work(progress: Progress) -> Report:
        from app.background.workers import run_child
        from app.usecases.checks import ids_results

        answer = run_child("models.io.ids.check:run_json", arguments, progress)
        groups, findings, counts = ids_results.tree(answer, layer, data, session.lang)
        cautions = [Caution.from_dict(one) for one in answer["cautions"]]
        facts = {"ids": ids.name, "title": answer["title"], "schema": answer["schema"]}
        tools = {"ifctester": str(answer["version"])}
        return report_of(session, "ids", [layer], groups, findings, counts, cautions, facts, tools)

    return _run(session, "job.check_ids", work, done, layer)


def check_clashes(
    session: Session,
    first: str,
    second: str,
    done: Done | None = None,
    *,
    tolerance_m: float = TOLERANCE_M,
    clearance_m: float | None = 0.0,
) -> Job:
    """Look for clashes between two models, within one, or between a model and underground pipes.

    Parameters
    ----------
    session : Session
    first : str
        Layer id of a model.
    second : str
        Another model, the same one (within it), or a layer of pipes.
    done : callable, optional
    tolerance_m : float
        What goes no deeper merely touches.
    clearance_m : float or None
        Told when nearer than this, 0 for never; with pipes None takes the limits of GB 50289 by kind.

    Raises
    ------
    UserError
        ``checks.no_pipes`` when the second layer is neither a model nor pipes.
    """
    layer, data = model_of(session, first)
    other = session.project.state.layer(second)
    other_data = session.project.data_of(second)
    if not isinstance(other_data, (ModelData, VectorData)) or (
        isinstance(other_data, VectorData) and not hasattr(other_data.frame, "geometry")
    ):
        raise UserError("checks.no_pipes", layer=other.title(session.lang))

    def work(progress: Progress) -> Report:
        from app.usecases.checks import clash_results

        return clash_results.find(session, (layer, data), (other, other_data), progress, tolerance_m, clearance_m)

    return _run(session, "job.check_clash", work, done, layer)


def compare_versions(
    session: Session, old: str, new: str, done: Done | None = None, *, tolerance_m: float = 0.001
) -> Job:
    """Compare an older with a newer version of one model.

    Raises
    ------
    UserError
        ``checks.same_layer``.
    """
    if old == new:
        raise UserError("checks.same_layer")
    one, another = model_of(session, old), model_of(session, new)

    def work(progress: Progress) -> Report:
        from app.usecases.checks import diff_results

        return diff_results.find(session, one, another, progress, tolerance_m)

    return _run(session, "job.compare_models", work, done, another[0])


def export_report(session: Session, report: Report, out: Path) -> Job:
    """Write a report as a workbook (``.xlsx``), ``.json``, its places as ``.gpkg`` or its topics as ``.bcfzip``.

    Raises
    ------
    UserError
        ``export.nothing`` for a GeoPackage without a place; see :func:`viewers.documents.findings.write_report`.
    """
    out = Path(out).resolve()
    lang, synthetic = session.lang, any(
        layer.synthetic for layer in session.project.state.layers if layer.id in report.layers
    )  # fmt: skip
    suffix = out.suffix.lower()
    frame, name = session.project.state.frame, session.project.state.name
    topics: list[Topic] = []
    if suffix in (".bcf", ".bcfzip"):
        from app.usecases.review.topics_from_findings import written_topics

        topics = written_topics(session, report.findings, lambda _: None, report.groups)

    def work(progress: Progress) -> None:
        progress.step(0.1, "progress.writing")
        if suffix == ".gpkg":
            from viewers.documents.findings import write_places

            write_places(out, report, "" if frame is None else frame.horizontal, lang, progress, synthetic=synthetic)
        elif suffix in (".bcf", ".bcfzip"):
            from viewers.documents.bcf import write

            write(topics, out, "3.0", name, progress)
        else:
            from viewers.documents.findings import write_report

            write_report(out, report, lang, synthetic=synthetic)

    return session.run(
        "job.export_report", work, lambda _: session.notices.info("notice.written", file=out.name), file=out.name
    )


def _run(session: Session, title: str, work: Callable[[Progress], Report], done: Done | None, layer: Layer) -> Job:
    return session.run(title, work, done, file=layer.title(session.lang))

"""Clashes as a report: pairs of classes, each with its clashes, deepest first."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.usecases.checks.check_reports import parties_of, report_of, stage_cautions, to_local
from models.checks.clash import Bodies, clashes
from models.checks.findings import Finding, Group, Party, Report
from models.core.errors import Caution
from models.core.progress import Progress
from models.layers.layer import Layer, ModelData, VectorData
from models.project.selection import ObjectKey

if TYPE_CHECKING:
    from app.session import Session

Model = tuple[Layer, ModelData]
Floats = NDArray[np.float64]

_SEVERITY = {"hard": "error", "duplicate": "warning", "clearance": "warning", "touching": "warning",
             "pipe_hard": "error", "pipe_clearance": "warning"}  # fmt: skip


def find(
    session: Session,
    model: Model,
    other: tuple[Layer, ModelData | VectorData],
    progress: Progress,
    tolerance_m: float,
    clearance_m: float | None,
) -> Report:
    """Return the clashes of a model with another, with itself or with pipes; see ``checks.check_clashes``."""
    layer, data = model
    matrix = to_local(session, layer, data)
    facts: dict[str, Any] = {"tolerance_m": tolerance_m, "clearance_m": clearance_m}
    if isinstance(other[1], VectorData):
        return _with_pipes(session, model, (other[0], other[1]), matrix, progress, facts)
    second: Model = (other[0], other[1])
    cautions = stage_cautions([model] if second[0].id == layer.id else [model, second], session)
    bodies, others = Bodies(data, matrix), None
    if second[0].id != layer.id:
        shares = _is_unplaced(*model) and _is_unplaced(*second)
        if shares:
            cautions.append(Caution("checks.own_coordinates"))
        others = Bodies(second[1], matrix if shares else to_local(session, *second))
        cautions += _apart(bodies, others)
    found = clashes(bodies, others, progress, tolerance_m=tolerance_m, clearance_m=clearance_m or 0.0)
    findings = []
    one, another = parties_of(*model, session.lang), parties_of(*second, session.lang)
    for clash in found:
        sides = [one(clash.a), another(clash.b)]
        if second[0].id == layer.id:  # within one model a wall on a slab is the same pair as a slab under a wall
            sides.sort(key=lambda party: party.ifc_class)
        findings.append(
            _finding(session, clash.code, tuple(sides), clash.point, {"distance_m": round(clash.distance_m, 4)})
        )
    layers = [layer] if second[0].id == layer.id else [layer, second[0]]
    return _finish(session, layers, findings, cautions, facts)


def _with_pipes(
    session: Session, model: Model, pipes: tuple[Layer, VectorData], matrix: Floats, progress: Progress,
    facts: dict[str, Any],
) -> Report:  # fmt: skip
    from models.checks.pipe_clash import pipe_clashes, runs_of
    from models.terrain.ground import Ground
    from resources.standards import standard
    from viewers.render.palette.context import PrepareContext

    frame = session.project.state.frame
    assert frame is not None  # noqa: S101 - the model has a place, so there is one
    table = PrepareContext(frame, Ground(None, frame.horizontal)).local_frame(pipes[1])
    runs = runs_of(table, np.asarray(frame.origin, dtype=np.float64), limit_m=facts["clearance_m"])
    found = pipe_clashes(runs, Bodies(model[1], matrix), progress, tolerance_m=facts["tolerance_m"])
    cautions = stage_cautions([model], session)
    name = pipes[0].title(session.lang)
    if runs.skipped["no_height"]:
        cautions.append(Caution("checks.pipes_no_height", count=runs.skipped["no_height"], layer=name))
    if runs.skipped["no_diameter"]:
        cautions.append(Caution("checks.pipes_no_diameter", count=runs.skipped["no_diameter"], layer=name))
    meta = standard("pipe_clearance_gb50289")["meta"]
    if facts["clearance_m"] is None:
        facts = facts | {"standard": f"{meta['standard']} {meta['horizontal']}"}
        cautions.append(Caution("checks.uncertain_limits", standard=facts["standard"]))
    findings = []
    element = parties_of(*model, session.lang)
    for clash in found:
        row = table.loc[clash.pipe]
        label = str(row.get("name") or row.get("code") or "")
        kind = f"pipe.{str(row.get('kind') or 'QT').upper()}"
        pipe = Party(ObjectKey(pipes[0].id, clash.pipe), "", kind, label, name)
        more = {"distance_m": round(clash.distance_m, 4), "required_m": clash.required_m}
        findings.append(_finding(session, clash.code, (pipe, element(clash.oid)), clash.point, more))
    return _finish(session, [model[0], pipes[0]], findings, cautions, facts)


def _finding(
    session: Session, code: str, sides: tuple[Party, ...], point: Floats, facts: dict[str, Any]
) -> Finding:  # fmt: skip
    frame = session.project.state.frame
    east, north, height = point + np.asarray(frame.origin if frame else (0, 0, 0), dtype=np.float64)
    name = "-".join(f"{party.key.layer}:{party.key.oid}" for party in sides if party.key)
    pair = " × ".join(party.ifc_class for party in sides)
    return Finding(f"{code}-{name}", "clash", _SEVERITY[code], f"clash.{code}", pair, sides,
                   (float(east), float(north), float(height)), facts)  # fmt: skip


def _finish(
    session: Session, layers: list[Layer], findings: list[Finding], cautions: list[Caution], facts: dict[str, Any]
) -> Report:
    by_pair: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_pair[finding.group].append(finding)
    order = sorted(by_pair, key=lambda pair: (-len(by_pair[pair]), pair))
    groups = [
        Group(pair, "", "clash.pair", "", "", {"failed": len(by_pair[pair])},
              dict(zip("ab", pair.split(" × "), strict=False)))
        for pair in order
    ]  # fmt: skip
    ranked = [
        finding for pair in order
        for finding in sorted(by_pair[pair], key=lambda one: (one.severity != "error", one.facts["distance_m"], one.id))
    ]  # fmt: skip
    counts = Counter(finding.code.removeprefix("clash.") for finding in ranked)
    counts["clashes"] = len(ranked)
    return report_of(session, "clash", layers, groups, ranked, counts, cautions, facts)


def _is_unplaced(layer: Layer, data: ModelData) -> bool:
    """Whether nobody ever stated where a model stands: neither its file nor a person."""
    return data.info.get("georef") == "none" and layer.place is None


def _apart(a: Bodies, b: Bodies) -> list[Caution]:
    """Say so when the models are nowhere near each other: no clash then means nothing."""
    if not len(a) or not len(b):
        return [Caution("checks.nothing_solid")]
    gaps = np.maximum(a.low.min(axis=0) - b.high.max(axis=0), b.low.min(axis=0) - a.high.max(axis=0))
    distance = float(np.linalg.norm(np.maximum(gaps, 0.0)))
    return [Caution("checks.far_apart", distance_m=round(distance, 1))] if distance > 1.0 else []

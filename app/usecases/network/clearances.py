"""Clear distances of all pipes as a report: among themselves, to buildings, and to the elements of building models."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.usecases.checks.check_reports import report_of
from app.usecases.network.graph import pipe_layers
from app.usecases.network.pipes_together import Together, all_pipes, together
from app.usecases.network.rules import rules_of
from models.checks.findings import Finding, Group, Party, Report
from models.core.errors import Caution
from models.core.progress import Progress
from models.layers.layer import ModelData, VectorData
from models.network.clearance.buildings import near_buildings
from models.network.clearance.rules import BUILDING, Rules
from models.network.clearance.search import clearances
from models.network.pipe_bodies import texts

if TYPE_CHECKING:
    from app.background.jobs import Job
    from app.session import Session

Done = Callable[[Report], object]

#: How urgent a distance that is too small is, by how sure its limit is.
_SEVERITY = {"checked": "warning", "own": "warning", "medium": "warning", "low": "info"}


def check_clearances(
    session: Session, done: Done | None = None, *, kinds: frozenset[str] = frozenset(), buildings: bool = True,
    rules_file: Path | None = None,
) -> Job:  # fmt: skip
    """Hold all pipes of the project against each other, and against what stands over them.

    Parameters
    ----------
    session : Session
    done : callable, optional
        Takes the report.
    kinds : frozenset of str
        Only pairs of which one side is of these kinds; empty for all.
    buildings : bool
        Also against footprints of buildings and elements of building models.
    rules_file : Path, optional
        A file of own limits in the place of the one beside the project.

    Raises
    ------
    UserError
        ``network.no_pipe_layer`` without pipes; what is wrong with the file of limits.
    """
    rules = rules_of(session, rules_file)
    pipes = all_pipes(session)

    def work(progress: Progress) -> Report:
        return _report(session, pipes, rules, kinds, buildings, progress)

    return session.run("job.clearance", work, done)


def _report(
    session: Session, pipes: Together, rules: Rules, kinds: frozenset[str], buildings: bool, progress: Progress
) -> Report:
    found = clearances(pipes.table, rules, progress, kinds=kinds)
    names = [texts(pipes.table, name) for name in ("code", "kind")]
    titles = {layer.id: layer.title(session.lang) for layer in session.project.state.layers}

    def party(number: int) -> Party:
        kind = str(names[1][number]).upper() or "QT"
        key = pipes.key(number)
        return Party(key, "", f"pipe.{kind}", str(names[0][number]) or f"#{key.oid}", titles.get(key.layer, ""))

    findings = [_finding(row, party, rules) for row in found.found.itertuples()]
    groups = [_group(row) for row in found.judged.itertuples()]
    counts = Counter(
        pairs=int(found.judged["pairs"].sum()), unknown=int(found.judged["unknown"].sum()),
        hard=int((found.found["code"] == "hard").sum()), short=int((found.found["code"] != "hard").sum()),
    )  # fmt: skip
    cautions = [
        Caution(f"network.clearance_{name}", count=count)
        for name, count in (("no_height", found.no_height), ("no_size", found.no_size), ("no_wall", found.no_wall))
        if count
    ]
    layers = list(pipe_layers(session))
    if buildings:
        progress.step(0.9, "progress.network.buildings")
        more = _with_buildings(session, pipes, party, rules, kinds)
        groups, findings = groups + more[0], findings + more[1]
        counts["short"] += len(more[1])
        counts["unknown"] += sum(group.counts["unknown"] for group in more[0])
        counts["pairs"] += sum(group.counts["applicable"] for group in more[0])
        models = _with_models(session, progress)
        groups, findings = groups + models[0], findings + models[1]
        counts["hard"] += sum(one.severity == "error" for one in models[1])
        counts["short"] += sum(one.severity != "error" for one in models[1])
        cautions += models[2]
        layers += [layer for layer in session.project.state.layers if layer.id in models[3]]
    used = {one.facts.get("certainty") for one in findings}
    if used & {"low", "medium"}:
        cautions.append(Caution("checks.uncertain_limits", standard=rules.standard))
    if rules.own_file:
        cautions.append(Caution("network.own_rules", file=rules.own_file))
    groups.sort(key=lambda group: (-group.counts["failed"], -group.counts.get("unknown", 0), group.id))
    facts = {"standard": rules.standard, "own_rules": rules.own_file, "kinds": sorted(kinds)}
    return report_of(session, "clearance", layers, groups, findings, counts, cautions, facts)


def _finding(row: Any, party: Callable[[int], Party], rules: Rules) -> Finding:
    a, b = sorted((party(int(row.a)), party(int(row.b))), key=lambda one: one.ifc_class)
    rule = rules.rows[row.rule] if row.rule >= 0 and np.isfinite(row.required_m) else None
    facts: dict[str, Any] = {"distance_m": round(float(row.clear_m), 4)}
    if rule is not None:
        facts |= {"required_m": rule.min_m, "clause": rule.clause, "certainty": rule.certainty, "source": rule.source}
    severity = "error" if row.code == "hard" else _SEVERITY.get(rule.certainty if rule else "low", "warning")
    keys = "-".join(f"{one.key.layer}:{one.key.oid}" for one in (a, b) if one.key is not None)
    point = tuple(float(value) for value in (row.x, row.y, row.z))
    z = point[2] if np.isfinite(point[2]) else 0.0
    return Finding(
        f"{row.code}-{keys}", "clearance", severity, f"clearance.{row.code}",
        _id(a.ifc_class.removeprefix("pipe."), b.ifc_class.removeprefix("pipe."), str(row.table)), (a, b),
        (point[0], point[1], z), facts,
    )  # fmt: skip


def _id(kind_a: str, kind_b: str, table: str) -> str:
    low, high = sorted((kind_a or "QT", kind_b or "QT"))
    return f"{table}:{low}×{high}"


def _group(row: Any) -> Group:
    counts = {
        "applicable": int(row.pairs), "passed": int(row.kept), "failed": int(row.short), "unknown": int(row.unknown)
    }  # fmt: skip
    status = "failed" if row.short else "unknown" if row.unknown else "passed"
    facts = {"a": f"pipe.{row.kind_a or 'QT'}", "b": f"pipe.{row.kind_b or 'QT'}"}
    return Group(_id(row.kind_a, row.kind_b, row.table), "", f"clearance.{row.table}", "", status, counts, facts)


def _with_buildings(
    session: Session, pipes: Together, party: Callable[[int], Party], rules: Rules, kinds: frozenset[str]
) -> tuple[list[Group], list[Finding]]:
    """Hold pipes against the footprints of buildings, on plan."""
    houses = together(session, "buildings")
    if houses is None:
        return [], []
    near = near_buildings(pipes.table, houses.table, rules, kinds)
    names = [texts(houses.table, name) for name in ("name", "code")]
    titles = {layer.id: layer.title(session.lang) for layer in session.project.state.layers}
    judged: list[Any] = list(near.judged.itertuples())
    groups = [
        Group(
            f"building:{row.kind}", "", "clearance.building", "",
            "failed" if row.short else "unknown" if row.unknown else "passed",
            {"applicable": int(row.pairs), "passed": int(row.kept), "failed": int(row.short),
             "unknown": int(row.unknown)},
            {"a": f"pipe.{row.kind or 'QT'}", "b": BUILDING},
        )
        for row in judged
    ]  # fmt: skip
    findings = []
    rows: list[Any] = list(near.found.itertuples())
    for row in rows:
        house, rule, key = int(row.house), rules.rows[row.rule], houses.key(int(row.house))
        name = str(names[0][house] or names[1][house]) or f"#{key.oid}"
        one, other = party(int(row.pipe)), Party(key, "", "building", name, titles.get(key.layer, ""))
        facts = {"distance_m": round(float(row.clear_m), 4), "required_m": rule.min_m, "clause": rule.clause,
                 "certainty": rule.certainty, "source": rule.source}  # fmt: skip
        pair = f"{one.key.layer}:{one.key.oid}" if one.key is not None else one.name
        findings.append(Finding(
            f"building-{pair}-{key.layer}:{key.oid}", "clearance", _SEVERITY.get(rule.certainty, "warning"),
            "clearance.building", f"building:{one.ifc_class.removeprefix('pipe.')}", (one, other),
            (float(row.x), float(row.y), float(row.z)), facts,
        ))  # fmt: skip
    return groups, findings


def _with_models(
    session: Session, progress: Progress
) -> tuple[list[Group], list[Finding], list[Caution], set[str]]:  # fmt: skip
    """Hold pipes against the elements of each building model, as the clash check does."""
    from dataclasses import replace

    from app.usecases.checks import clash_results
    from app.usecases.checks.checks import TOLERANCE_M

    data, state = session.project.data, session.project.state
    models = [(layer, held) for layer in state.layers if isinstance(held := data.get(layer.id), ModelData)]
    groups: dict[str, Group] = {}
    findings: list[Finding] = []
    cautions: list[Caution] = []
    for layer, model in models:
        for pipes in pipe_layers(session):
            table = data[pipes.id]
            if not isinstance(table, VectorData) or state.frame is None:
                continue
            report = clash_results.find(session, (layer, model), (pipes, table), progress, TOLERANCE_M, None)
            cautions += [caution for caution in report.cautions if caution.code == "checks.preview"]
            for finding in report.findings:
                name = f"model:{finding.group}"
                old = groups.get(name)
                count = 1 + (old.counts["failed"] if old is not None else 0)
                sides = dict(zip("ab", finding.group.split(" × "), strict=False))
                groups[name] = Group(name, "", "clash.pair", "", "failed", {"failed": count}, sides)
                findings.append(replace(finding, kind="clearance", group=name))
    return list(groups.values()), findings, cautions, {layer.id for layer, _ in models}

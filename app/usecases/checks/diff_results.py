"""The comparison of two versions as a report: changed, added and deleted elements, by class."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from app.usecases.checks.check_reports import parties_of, report_of, stage_cautions
from models.checks.findings import Finding, Group, Report
from models.checks.version_comparison import Difference, compare
from models.core.errors import Caution
from models.core.progress import Progress
from models.layers.layer import Layer, ModelData
from models.views.visibility import RGBA8, ElementAppearance

if TYPE_CHECKING:
    from app.session import Session

Model = tuple[Layer, ModelData]

#: Colours in 3D; the panel's icons wear them too.
COLOURS: dict[str, RGBA8] = {
    "added": (47, 158, 92, 255), "changed": (232, 160, 32, 255), "probably": (232, 160, 32, 255),
    "deleted": (206, 62, 56, 255),
}  # fmt: skip
_SEVERITY = {"added": "info", "changed": "warning", "probably": "warning", "deleted": "error"}


def find(session: Session, old: Model, new: Model, progress: Progress, tolerance_m: float) -> Report:
    """Return the differences; see ``checks.compare_versions``."""
    compared = compare(old[1], new[1], progress, tolerance_m=tolerance_m)
    cautions = stage_cautions([old, new], session)
    stages = {model[1].info.get("stage", "exact") for model in (old, new)}
    if len(stages) > 1:
        cautions.append(Caution("checks.stages_differ"))
    if not np.allclose(old[1].placement, new[1].placement, atol=1e-3) or old[1].crs != new[1].crs:
        cautions.append(Caution("checks.placed_elsewhere"))
    if compared.shift_m.any():
        east, north, up = (f"{value:+.3f}" for value in compared.shift_m + 0.0)
        cautions.append(Caution("checks.moved_as_whole", x=east, y=north, z=up))
    groups: dict[str, Group] = {}
    findings = []
    tally: Counter[str] = Counter()
    older, newer = parties_of(*old, session.lang), parties_of(*new, session.lang)
    for difference in sorted(compared.differences, key=lambda one: _sort_key(one, old, new)):
        code = _code(difference)
        model, oid = _side(difference, old, new)
        main = (newer if model is new else older)(oid)
        group = f"{code}/{main.ifc_class}"
        groups.setdefault(code, Group(code, "", f"diff.{code}"))
        groups.setdefault(group, Group(group, code, "", main.ifc_class))
        tally[code] += 1
        tally[group] += 1
        sides = (main,) if difference.old is None or difference.new is None else (
            main, older(difference.old)
        )  # fmt: skip
        changes = [[c.aspect, c.field, c.old, c.new] for c in difference.changes]
        more: dict[str, Any] = {
            "aspects": list(dict.fromkeys(c.aspect for c in difference.changes if c.field != "guid")),
            "changes": changes, "match": difference.match,
        }  # fmt: skip
        findings.append(Finding(f"{code}-{main.guid or oid}", "diff", _SEVERITY[code], f"diff.{code}", group, sides,
                                None, more))  # fmt: skip
    counted = [Group(g.id, g.parent, g.code, g.title, "", {"failed": tally[g.id]}) for g in groups.values()]
    counts = {
        "old": len(old[1].elements), "new": len(new[1].elements),
        **{code: tally[code] for code in ("changed", "probably", "added", "deleted")},
    }  # fmt: skip
    facts = {"tolerance_m": tolerance_m}
    return report_of(session, "diff", [old[0], new[0]], counted, findings, counts, cautions, facts)


def show(session: Session, report: Report) -> None:
    """Colour both versions: added green, changed amber, the rest faint; of the old one only what was deleted, red."""
    old, new = report.layers
    coloured: dict[str, dict[int, RGBA8]] = {old: {}, new: {}}
    for finding in report.findings:
        key = finding.parties[0].key
        if key is not None:
            coloured[key.layer][key.oid] = COLOURS[finding.code.removeprefix("diff.")]
    for layer_id, colours in coloured.items():
        data = session.project.data.get(layer_id)
        if not isinstance(data, ModelData):
            continue
        rest = frozenset(range(len(data.elements))) - set(colours)
        look = (
            ElementAppearance(hidden=rest, colours=colours)
            if layer_id == old
            else ElementAppearance(ghost=rest, colours=colours)
        )
        session.visibility.set(layer_id, look)


def _code(difference: Difference) -> str:
    return "probably" if difference.code == "changed" and difference.match != "guid" else difference.code


def _side(difference: Difference, old: Model, new: Model) -> tuple[Model, int]:
    """Return the version in which an element is looked at: the newer one that has it."""
    if difference.new is not None:
        return new, difference.new
    return old, -1 if difference.old is None else difference.old


def _sort_key(difference: Difference, old: Model, new: Model) -> tuple[int, str, str]:
    model, oid = _side(difference, old, new)
    row = model[1].elements.iloc[oid]
    order = ("changed", "probably", "added", "deleted")
    return order.index(_code(difference)), str(row["ifc_class"]), str(row["name"])

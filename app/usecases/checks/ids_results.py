"""The results of ifctester as a tree of specifications, requirements and elements."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from models.checks.findings import Finding, Group, Party
from models.layers.layer import Layer, ModelData
from models.project.selection import ObjectKey


def tree(
    answer: Mapping[str, Any], layer: Layer, data: ModelData, lang: str
) -> tuple[list[Group], list[Finding], dict[str, int]]:
    """Return groups, findings and counts of an answer of :func:`models.io.ids.check.run_json`."""
    oids: dict[str, list[int]] = defaultdict(list)
    for oid, guid in enumerate(data.elements["guid"]):
        oids[str(guid)].append(oid)
    title = layer.title(lang)

    def parties(element: Mapping[str, Any]) -> tuple[Party, ...]:
        """Return the element, once a row of the table that has its GUID: a file may hold one twice."""
        same = [oid for oid in oids.get(element["guid"], ()) if element["guid"]]
        found = [
            Party(ObjectKey(layer.id, oid), element["guid"], element["ifc_class"], element["name"], title)
            for oid in same
        ]
        return tuple(found) or (Party(None, element["guid"], element["ifc_class"], element["name"], title),)

    groups: list[Group] = []
    findings: list[Finding] = []
    statuses: Counter[str] = Counter()
    for spec in answer["specifications"]:
        name = f"s{spec['number']}"
        statuses[spec["status"]] += 1
        facts = {
            field: spec[field] for field in ("number", "usage", "description", "instructions", "trouble", "is_version")
        }
        groups.append(Group(name, "", "", spec["name"], spec["status"], spec["counts"],
                            facts | {"versions": ", ".join(spec["versions"])}))  # fmt: skip
        if spec["status"] == "failed" and not spec["counts"]["applicable"]:
            findings.append(Finding(f"{name}-none", "ids", "error", "ids.required", name, (), None, {}))
        if spec["status"] == "unknown" and spec["trouble"]:
            findings.append(
                Finding(f"{name}-trouble", "ids", "warning", "ids.trouble", name, (), None, {"detail": spec["trouble"]})
            )
        findings += [
            Finding(f"{name}-{element['step']}", "ids", "error", "ids.found", name, parties(element), None, {})
            for element in spec["found"]
        ]
        for at, requirement in enumerate(spec["requirements"], 1):
            groups.append(_requirement(f"{name}.{at}", name, requirement))
            findings += [
                _failure(f"{name}.{at}", requirement, failure, parties(failure)) for failure in requirement["failures"]
            ]
    counts = {"specifications": len(answer["specifications"])} | {
        status: statuses.get(status, 0) for status in ("passed", "failed", "idle", "unknown")
    }
    return groups, findings, counts


def _requirement(id_: str, parent: str, requirement: Mapping[str, Any]) -> Group:
    tested = requirement["passed"] + requirement["failed"] + requirement["unknown"]
    if not tested:
        status = "idle"
    else:
        status = "failed" if requirement["failed"] else "unknown" if requirement["unknown"] else "passed"
    counts = {"applicable": tested, **{name: requirement[name] for name in ("passed", "failed", "unknown")}}
    return Group(id_, parent, f"ids.{requirement['kind']}", "", status, counts, _wanted(requirement))


def _wanted(requirement: Mapping[str, Any]) -> dict[str, Any]:
    names = ("kind", "cardinality", "instructions", "name", "value", "set", "property", "data_type", "system",
             "predefined", "relation")  # fmt: skip
    return {name: requirement[name] for name in names}


def _failure(
    group: str, requirement: Mapping[str, Any], failure: Mapping[str, Any], parties: tuple[Party, ...]
) -> Finding:
    facts = _wanted(requirement) | {"actual": failure["actual"], "detail": failure["detail"]}
    is_trouble = failure["outcome"] == "unknown"
    code = "ids.trouble" if is_trouble else f"ids.{requirement['kind']}.{failure['reason']}"
    severity = "warning" if is_trouble else "error"
    return Finding(f"{group}-{failure['step']}", "ids", severity, code, group, parties, None, facts)

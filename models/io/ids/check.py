"""IDS 1.0: what a client demands of a model's information, checked by ifctester.

Runs in a child process (:func:`run_json`), because it parses two untrusted files and the patterns of an IDS can make a
matcher run for ever.

Invariants
----------
1. The IDS is parsed with document types and entities refused, and loses its ``schemaLocation`` before ifctester sees
   it: nothing is fetched and nothing is expanded.
2. An element on which a requirement could not be evaluated is *unknown*: neither passed nor failed.
3. A specification to which nothing in the model applies is ``idle``, never passed; only one that forbids its elements
   passes by their absence.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from models.core.errors import Caution, UserError
from models.core.progress import Progress
from models.io.ids import validity
from models.io.ids.values import replace_values

NAMESPACE = "http://standards.buildingsmart.org/IDS"
MAX_BYTES = 50 * 1024 * 1024
#: Failures listed of one requirement; all are counted.
MAX_LISTED = 100_000


def run_json(arguments: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Check a model against an IDS.

    Parameters
    ----------
    arguments : mapping
        ``file``: the IFC; ``ids``: the IDS; ``encoding``: of the IFC's text, optional.
    progress : Progress

    Returns
    -------
    dict
        ``title``, ``schema``, ``specifications`` (see :func:`_specification`), ``cautions``, ``version``.

    Raises
    ------
    UserError
        ``ids.missing``, ``ids.empty``, ``ids.broken``, ``ids.not_ids``, ``ids.invalid``, ``ids.too_large``; what
        :func:`models.io.ids.validity.check` and the reader of the IFC say.
    """
    from models.io.ifc.open_file import opened

    progress.step(0.0, "progress.checks.ids_reading")
    ids = load(Path(arguments["ids"]))
    path = Path(arguments["file"])
    if not path.is_file():
        raise UserError("io.missing", file=path.name)
    with opened(path, str(arguments.get("encoding") or "")) as (model, header, read_cautions):
        share = 1 / max(len(ids.specifications), 1)
        found = [
            _specification(number, specification, model, progress.part(0.1 + 0.9 * number * share,
                                                                       0.1 + 0.9 * (number + 1) * share))
            for number, specification in enumerate(ids.specifications)
        ]  # fmt: skip
        cautions = [*read_cautions, *_wrong_versions(found, header.label, arguments)]
        return {
            "title": str(ids.info.get("title") or ""),
            "ids_version": str(ids.info.get("version") or ""),
            "schema": header.label or header.schema,
            "specifications": found,
            "cautions": [caution.as_dict() for caution in cautions],
            "version": version("ifctester"),
        }


def load(path: Path) -> Any:
    """Return ifctester's ``Ids`` of a file; see :func:`run_json` for what it refuses."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    if not path.is_file():
        raise UserError("ids.missing", file=path.name)
    if path.stat().st_size > MAX_BYTES:
        raise UserError("ids.too_large", file=path.name, limit_mb=MAX_BYTES // 1024**2)
    raw = path.read_bytes()
    if not raw.strip():
        raise UserError("ids.empty", file=path.name)
    try:
        root = fromstring(raw, forbid_dtd=True)
    except DefusedXmlException as error:
        raise UserError("ids.unsafe", file=path.name) from error
    except (ParseError, ValueError, LookupError) as error:
        raise UserError("ids.broken", file=path.name, reason=str(error)[:200]) from error
    if root.tag != f"{{{NAMESPACE}}}ids":
        raise UserError("ids.not_ids", file=path.name, root=str(root.tag).rsplit("}", 1)[-1][:60])
    for name in [name for name in root.attrib if name.endswith("schemaLocation")]:
        del root.attrib[name]
    return _parsed(root, path.name)


def _parsed(root: Any, name: str) -> Any:
    from xml.etree.ElementTree import tostring

    from ifctester import ids
    from xmlschema.exceptions import XMLSchemaException

    try:
        parsed = ids.from_string(tostring(root, encoding="unicode"))
    except (ids.IdsXmlValidationError, XMLSchemaException) as error:
        cause = getattr(error, "xml_error", None) or error
        reason, place = str(getattr(cause, "reason", "") or cause), str(getattr(cause, "path", "") or "")
        raise UserError("ids.invalid", file=name, reason=f"{place} {reason}".strip()[:300]) from error
    except (KeyError, TypeError, AttributeError, ValueError) as error:  # ifctester trusts what passed the schema
        raise UserError("ids.invalid", file=name, reason=f"{type(error).__name__}: {error}"[:300]) from error
    validity.check(parsed, name)
    for specification in parsed.specifications:
        replace_values(specification)
    return parsed


def _wrong_versions(found: list[dict[str, Any]], label: str, arguments: Mapping[str, Any]) -> list[Caution]:
    others = [spec["name"] for spec in found if not spec["is_version"]]
    if not others:
        return []
    versions = sorted({name for spec in found if not spec["is_version"] for name in spec["versions"]})
    return [Caution("ids.other_version", ids=Path(arguments["ids"]).name, count=len(others), said=", ".join(versions),
                    schema=label)]  # fmt: skip


def _specification(number: int, specification: Any, model: Any, progress: Progress) -> dict[str, Any]:
    """Check one specification.

    Returns
    -------
    dict
        ``number``, ``name``, ``description``, ``instructions``, ``usage``, ``versions``, ``is_version``, ``status``
        (``passed``, ``failed``, ``idle``, ``unknown``), ``counts`` (applicable, passed, failed, unknown elements),
        ``found`` (elements that a prohibited specification found), ``requirements``: facets as :func:`_facet` gives
        them, with ``passed``, ``failed``, ``unknown`` and ``failures``, and ``trouble``: why it could not be tested.
    """
    progress.step(0.0, "progress.checks.ids_testing")
    usage = specification.get_usage()
    versions = specification.ifcVersion
    versions = [versions] if isinstance(versions, str) else list(versions or [])
    result: dict[str, Any] = {
        "number": number + 1, "name": specification.name or "", "description": specification.description or "",
        "instructions": specification.instructions or "", "usage": usage, "versions": versions,
        "is_version": model.schema_identifier in versions, "trouble": "",
        "applies_to": [_facet(facet) for facet in specification.applicability], "requirements": [], "found": [],
    }  # fmt: skip
    try:
        elements = _applicable(specification, model, progress)
    except Exception as error:  # ifctester has gaps; one specification must not cost the others
        return result | {"status": "unknown", "counts": _counts(), "trouble": f"{type(error).__name__}: {error}"[:300]}
    if usage == "prohibited":
        result["found"] = [_element(element) for element in elements[:MAX_LISTED]]
        counts = _counts(len(elements), failed=len(elements))
        return result | {"status": "failed" if elements else "passed", "counts": counts}
    failed: set[int] = set()
    unknown: set[int] = set()
    for at, facet in enumerate(specification.requirements):
        requirement = _facet(facet) | {"passed": 0, "failed": 0, "unknown": 0, "failures": []}
        for count, element in enumerate(elements):
            if count % 100 == 0:
                progress.step((at + count / len(elements)) / len(specification.requirements))
            try:
                verdict = facet(element)
                outcome = "passed" if bool(verdict) or _is_optional_and_empty(facet, verdict) else "failed"
                reason, detail = dict(verdict.reason or {}), str(verdict)
            except Exception as error:
                outcome, reason, detail = "unknown", {"type": "TROUBLE"}, f"{type(error).__name__}: {error}"[:300]
            requirement[outcome] += 1
            if outcome != "passed":
                (failed if outcome == "failed" else unknown).add(element.id())
                if len(requirement["failures"]) < MAX_LISTED:
                    requirement["failures"].append(
                        _element(element)
                        | {"reason": str(reason.get("type", "")).lower(), "actual": _text(reason.get("actual")),
                           "detail": detail, "outcome": outcome}
                    )  # fmt: skip
        result["requirements"].append(requirement)
    unknown -= failed
    counts = _counts(len(elements), failed=len(failed), unknown=len(unknown))
    if not elements:
        status = "failed" if usage == "required" else "idle"
    else:
        status = "failed" if failed else "unknown" if unknown else "passed"
    return result | {"status": status, "counts": counts}


def _is_optional_and_empty(facet: Any, verdict: Any) -> bool:
    """Whether an attribute that may be missing is ``$``, which ifctester calls a failure; an empty text is one."""
    if type(facet).__name__ != "Attribute" or facet.cardinality != "optional":
        return False
    reason = dict(verdict.reason or {})
    actual = reason.get("actual")
    return reason.get("type") == "FALSEY" and (
        actual is None or (isinstance(actual, list) and all(one is None for one in actual))
    )


def _applicable(specification: Any, model: Any, progress: Progress) -> list[Any]:
    """Return the elements to which a specification applies, as ifctester's own loop finds them."""
    from ifctester.facet import Entity

    elements: Any = None
    for facet in specification.applicability:
        elements = facet.filter(model, elements)
    kept = []
    for count, element in enumerate(elements or ()):
        if count % 200 == 0:
            progress.step()
        others = (facet for facet in specification.applicability if not isinstance(facet, Entity))
        if all(bool(facet(element)) for facet in others):
            kept.append(element)
    return sorted(kept, key=lambda element: int(element.id()))


def _counts(applicable: int = 0, *, failed: int = 0, unknown: int = 0) -> dict[str, int]:
    passed = applicable - failed - unknown
    return {"applicable": applicable, "passed": passed, "failed": failed, "unknown": unknown}


def _facet(facet: Any) -> dict[str, Any]:
    """Return what a facet demands: its kind, names, values as text and cardinality."""
    return {
        "kind": type(facet).__name__.lower(),
        "cardinality": str(getattr(facet, "cardinality", "") or "required"),
        "instructions": str(getattr(facet, "instructions", "") or ""),
        **{
            field: _wanted(getattr(facet, attribute, None))
            for field, attribute in (
                ("name", "name"), ("value", "value"), ("set", "propertySet"), ("property", "baseName"),
                ("data_type", "dataType"), ("system", "system"), ("predefined", "predefinedType"),
                ("relation", "relation"),
            )
        },
    }  # fmt: skip


def _wanted(value: Any) -> str:
    """Return a value or restriction as signs that need no language: ``REI60 | REI90``, ``≥ 3``, ``/DT.*/``."""
    options = getattr(value, "options", None)
    if options is None:
        return "" if value is None else str(value)
    signs = {"minInclusive": "≥ ", "maxInclusive": "≤ ", "minExclusive": "> ", "maxExclusive": "< "}
    parts = []
    for name, wanted in options.items():
        many = wanted if isinstance(wanted, list) else [wanted]
        if name == "enumeration":
            parts.append(" | ".join(str(one) for one in many))
        elif name == "pattern":
            parts.append(" ".join(f"/{one}/" for one in many))
        elif name in signs:
            parts.append(signs[name] + str(many[0]))
        else:
            lengths = {"length": "|…| =", "minLength": "|…| ≥", "maxLength": "|…| ≤"}
            parts.append(f"{lengths.get(name, name)} {many[0]}")
    return ", ".join(parts)


def _element(element: Any) -> dict[str, Any]:
    return {
        "step": int(element.id()), "guid": str(getattr(element, "GlobalId", "") or ""),
        "ifc_class": str(element.is_a()), "name": str(getattr(element, "Name", "") or ""),
    }  # fmt: skip


def _text(value: Any) -> str | None:
    """Return what was found as text; None where nothing was."""
    if value is None:
        return None
    if isinstance(value, (list, tuple, set)):
        return ", ".join(sorted(str(one) for one in value if one is not None)) or None
    return str(value)

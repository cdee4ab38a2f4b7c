"""What a finding says, in the reader's language: one place for the panel, the workbook, the command line and BCF."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from models.checks.findings import Finding, Group, Party, Report
from models.core.value_text import coordinate, minus, number
from resources.standards import standard
from resources.words import has, word
from viewers.texts.values import compared_value, field_label

#: Differences of one element that its sentence names, and values of one set; the rest stand in its rows.
_MOST_SAID, _MOST_VALUES = 6, 2


def sentence(finding: Finding, lang: str) -> str:
    """Return what is wrong: ``"Pset_WallCommon.FireRating = EI30, should be REI60"``."""
    key = f"finding.{finding.code}"
    if not has(key) and has(finding.code):  # model quality has words of its own
        key = finding.code
    if finding.code in ("diff.changed", "diff.probably"):
        return word(key, lang, what=differences(finding, lang) or word("finding.aspect.guid", lang))
    if not has(key):
        return str(finding.facts.get("detail") or finding.code)
    return word(key, lang, **_fields(finding.facts, lang))


def title(finding: Finding, lang: str) -> str:
    """Return what it is about: the elements' names; two of a clash with a cross between."""
    # of a difference the newer self; of an IDS failure one row of several with the same GUID
    parties = finding.parties if finding.kind in ("clash", "clearance") else finding.parties[:1]
    return " × ".join(party_text(party, lang) for party in parties) or sentence(finding, lang)


def remark(finding: Finding, lang: str) -> str:
    """Return what stands below the title: the sentence, or what the group and the title have not said yet."""
    if not finding.parties:
        return ""
    if finding.kind == "quality":  # its group says what is wrong
        return class_text(finding.parties[0].ifc_class, lang)
    if finding.kind == "clash":
        return " × ".join(["", *(party_text(party, lang) for party in finding.parties[1:])]).strip()
    return sentence(finding, lang)


def figure(finding: Finding) -> str:
    """Return the figure of a clash: how deep (with a minus), or how far apart."""
    distance = finding.facts.get("distance_m")
    return "" if distance is None else minus(f"{coordinate(float(distance))} m")


def party_text(party: Party, lang: str) -> str:
    """Return an element's name, its class where it has none."""
    return party.name or class_text(party.ifc_class, lang)


def class_text(name: str, lang: str) -> str:
    """Return an IFC class as it is written, the kind of a pipe in words."""
    if name == "building":
        return word("finding.building", lang)
    if not name.startswith("pipe."):
        return name
    kind = _pipe_kinds().get(name.removeprefix("pipe."))
    return word("finding.pipe", lang, kind=kind[lang] if kind else name.removeprefix("pipe."))


def group_title(group: Group, lang: str) -> str:
    """Return the title of a specification, a requirement, a pair of classes, a kind of change."""
    if group.title:
        return group.title
    if group.code == "clash.pair":
        return " × ".join(class_text(str(group.facts.get(side, "")), lang) for side in "ab")
    if group.code.startswith("clearance."):
        pair = " × ".join(class_text(str(group.facts[side]), lang) for side in "ab")
        return word(f"finding.group.{group.code}", lang, pair=pair)
    if group.code.startswith("ids."):
        return _requirement(group.facts, lang)
    key = f"finding.group.{group.code}"
    if has(key):
        return word(key, lang)
    return word(group.code, lang, **_fields(group.facts, lang)) if has(group.code) else group.code


def status_text(status: str, lang: str) -> str:
    """Return a status as a word, empty for none."""
    return word(f"finding.status.{status}", lang) if status else ""


def summary(report: Report, lang: str) -> str:
    """Return the outcome in one line."""
    if report.kind not in ("ids", "clearance") and not report.findings:
        return word(f"finding.none.{report.kind}", lang)
    names = {
        "quality": ("elements", "issues"),
        "ids": ("specifications", "passed", "failed", "idle", "unknown"),
        "clash": ("clashes",),
        "diff": ("changed", "probably", "added", "deleted"),
        "clearance": ("hard", "short", "unknown"),
        "gate": ("objects", "rules", "failed", "unjudged"),
    }[report.kind]
    return word(f"finding.summary.{report.kind}", lang, **{name: f"{report.counts.get(name, 0):,}" for name in names})


def cautions(report: Report, lang: str) -> list[str]:
    """Return what makes the report less certain, as sentences."""
    return [word(f"caution.{caution.code}", lang, **caution.facts) for caution in report.cautions]


def differences(finding: Finding, lang: str) -> str:
    """Return what changed as one list: ``"material layers 混凝土 200 mm → 混凝土 240 mm; place 0.500 m"``.

    Of shape and place the kind alone, with the way moved; of a set with many changed values the set and their number.
    """
    changes = [change for change in finding.facts.get("changes", ()) if change[1] != "guid"]
    said: list[str] = []
    for aspect in dict.fromkeys(str(change[0]) for change in changes):
        mine = [change for change in changes if change[0] == aspect]
        name = word(f"finding.aspect.{aspect}", lang)
        if aspect == "geometry":
            said.append(name)
        elif aspect == "moved":
            said.append(f"{name} {_way(mine[0])}".strip())
        elif aspect in ("property", "quantity"):
            said += _sets(name, mine, lang)
        else:
            said += [" ".join(change_row(change, lang)) for change in mine]
    more = "" if len(said) <= _MOST_SAID else " …"
    return word("finding.several", lang).join(said[:_MOST_SAID]) + more


def _sets(name: str, changes: Sequence[Sequence[Any]], lang: str) -> list[str]:
    by_set: dict[str, list[Sequence[Any]]] = {}
    for change in changes:
        by_set.setdefault(str(change[1]).partition(".")[0], []).append(change)
    said = []
    for held, mine in by_set.items():
        if len(mine) <= _MOST_VALUES:
            said += [f"{name} {' '.join(change_row(change, lang))}" for change in mine]
        else:
            said.append(f"{name} {word('finding.set_values', lang, set=held, count=len(mine))}")
    return said


def _way(change: Sequence[Any]) -> str:
    """Return how far the middle went; empty where only the box turned."""
    _, field, old, new = change
    return metres(sum((b - a) ** 2 for a, b in zip(old, new, strict=True)) ** 0.5) if field == "middle_m" else ""


def rows(finding: Finding, lang: str) -> list[tuple[str, str]]:
    """Return everything known of a finding, as label and value."""
    found = [change_row(change, lang) for change in finding.facts.get("changes", ())]
    if finding.kind == "quality" and has(f"{finding.code}.tip"):
        found.append((word("finding.row.cure", lang), word(f"{finding.code}.tip", lang)))
    for party in finding.parties:
        text = f"{class_text(party.ifc_class, lang)}  {party.name}".strip()
        if party.guid and party.guid not in text:
            text = f"{text}\n{party.guid}"
        found.append((party.model or word("finding.row.element", lang), text))
    for name in ("distance_m", "required_m"):
        if finding.facts.get(name) is not None:
            found.append((word(f"finding.row.{name}", lang), metres(finding.facts[name])))
    if finding.facts.get("clause"):
        found.append((word("finding.row.clause", lang), str(finding.facts["clause"])))
        found.append(
            (word("finding.row.certainty", lang), word(f"profile.certainty.{finding.facts['certainty']}", lang))
        )
    if finding.point is not None:
        found.append((word("finding.row.point", lang), ", ".join(number(value) for value in finding.point)))
    if finding.facts.get("match") in ("tag", "shape"):
        found.append((word("finding.row.match", lang), word(f"finding.match.{finding.facts['match']}", lang)))
    for name in ("instructions", "detail"):
        if finding.facts.get(name):
            found.append((word(f"finding.row.{name}", lang), str(finding.facts[name])))
    return found


def change_row(change: Sequence[Any], lang: str) -> tuple[str, str]:
    """Return one change as the field and ``old → new``."""
    _, field, old, new = change
    before, after = (compared_value(value, lang) for value in (old, new))
    if field == "middle_m":  # a place, not a size
        before, after = before.replace(" × ", ", "), after.replace(" × ", ", ")
    return field_text(str(field), lang), f"{before} → {after}"


def field_text(field: str, lang: str) -> str:
    """Return the name of a compared field; properties keep the model's own."""
    key = f"finding.field.{field}"
    return word(key, lang) if has(key) else field_label(field, lang)


def metres(value: Any) -> str:
    """Return a length with as many digits as an estimate deserves."""
    return f"{coordinate(abs(float(value)))} m"


def _requirement(facts: Mapping[str, Any], lang: str) -> str:
    text = word(f"finding.group.ids.{facts['kind']}", lang, **_fields(facts, lang))
    if facts.get("value") and facts["kind"] != "entity":
        text = f"{text} = {facts['value']}" if not str(facts["value"]).startswith(("≥", "≤", ">", "<")) else (
            f"{text} {facts['value']}"
        )  # fmt: skip
    for name in ("predefined", "system"):
        if facts.get(name):
            text = f"{text} · {facts[name]}"
    if facts.get("cardinality") in ("prohibited", "optional"):
        text = word(f"finding.cardinality.{facts['cardinality']}", lang, what=text)
    return text


def _fields(facts: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """Return facts as they stand in a sentence: nothing said is "any", nothing found is "not there"."""
    fields: dict[str, Any] = dict(facts)
    for name in ("value", "name", "system", "predefined", "data_type", "property", "set"):
        if name in fields and not fields[name]:
            fields[name] = word("finding.any", lang)
    if "actual" in fields:
        fields["actual"] = compared_value(fields["actual"], lang)
    for name in ("distance_m", "required_m"):
        if fields.get(name) is not None:
            fields[name] = metres(fields[name])
    return fields


@lru_cache(maxsize=1)
def _pipe_kinds() -> Mapping[str, Mapping[str, str]]:
    return {row["code"]: {"zh": row["zh"], "en": row["en"]} for row in standard("pipes_cjj61")["kind"]}

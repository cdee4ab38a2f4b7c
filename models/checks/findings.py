"""What a check found: one shape for model quality, IDS requirements, clashes and differences.

A :class:`Report` is values only; it crosses process borders and becomes a table, a workbook or BCF topics. Its texts
are codes with facts, put into the reader's language by ``viewers/texts/finding_texts.py``.

Invariants
----------
1. A finding names its elements twice: by key, for this session, and by ``GlobalId``, for every other program.
2. Groups form a tree of at most a few thousand nodes; findings hang on its leaves, any number of them.
3. "Nothing applied" is a status of its own. It is never counted as passed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from models.core.errors import Caution
from models.project.selection import ObjectKey
from models.views.camera import Vector

KINDS = ("quality", "ids", "clash", "diff", "gate", "clearance")
#: Those of building models, and of what lies in the ground beside them.
MODEL_KINDS = ("quality", "ids", "clash", "diff", "clearance")
#: Worst first.
SEVERITIES = ("error", "warning", "info")
#: Of a group: ``idle`` is "nothing in the model to which it applies", ``unknown`` "could not be tested".
STATUSES = ("failed", "unknown", "passed", "idle", "")


@dataclass(frozen=True, slots=True)
class Party:
    """One element that takes part in a finding, as a person and another program know it.

    Parameters
    ----------
    key : ObjectKey or None
        None for what is not in this session.
    guid, ifc_class, name : str
        Of a pipe: its code, its kind, its name.
    model : str
        Name of its model or layer.
    """

    key: ObjectKey | None
    guid: str = ""
    ifc_class: str = ""
    name: str = ""
    model: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-ready form."""
        return {
            "model": self.model, "layer": self.key.layer if self.key else "", "oid": self.key.oid if self.key else None,
            "guid": self.guid, "ifc_class": self.ifc_class, "name": self.name,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that somebody should look at.

    Parameters
    ----------
    id : str
        Stable within its report, and from run to run while the models stay the same.
    kind : str
        One of :data:`KINDS`.
    severity : str
        One of :data:`SEVERITIES`.
    code : str
        ``finding.<code>`` is its sentence (``quality.<code>`` for model quality).
    group : str
        Id of the group it hangs on.
    parties : tuple of Party
    point : (E, N, H) or None
        Where it is, in the project's CRS.
    facts : mapping
        Values for the sentence, and ``detail``: the message of the checking library, untranslated.
    """

    id: str
    kind: str
    severity: str
    code: str
    group: str
    parties: tuple[Party, ...] = ()
    point: Vector | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[ObjectKey, ...]:
        """Return the keys of its elements that are in this session."""
        return tuple(party.key for party in self.parties if party.key is not None)

    @property
    def guids(self) -> tuple[str, ...]:
        """Return the global ids of its elements."""
        return tuple(party.guid for party in self.parties if party.guid)

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-ready form."""
        return {
            "id": self.id, "kind": self.kind, "severity": self.severity, "code": self.code, "group": self.group,
            "parties": [party.as_dict() for party in self.parties],
            "point": list(self.point) if self.point else None, "facts": dict(self.facts),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Group:
    """A node of a report's tree: a specification, a requirement, a pair of classes, a kind of change.

    Parameters
    ----------
    id, parent : str
        ``parent`` is empty for a group at the top.
    code : str
        ``finding.group.<code>`` is its title; empty where ``title`` is the data's own text.
    title : str
    status : str
        One of :data:`STATUSES`.
    counts : mapping
        ``applicable``, ``passed``, ``failed``, ``unknown`` where it was tested element by element.
    facts : mapping
    """

    id: str
    parent: str = ""
    code: str = ""
    title: str = ""
    status: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-ready form."""
        return {
            "id": self.id, "parent": self.parent, "code": self.code, "title": self.title, "status": self.status,
            "counts": dict(self.counts), "facts": dict(self.facts),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Report:
    """What one run of one check found.

    Parameters
    ----------
    kind : str
    models : tuple of (layer id, name)
        What was checked, in the order of the question (old before new).
    made_at : str
        ISO time with zone.
    tools : mapping
        What checked, and its version.
    groups : tuple of Group
        Parents before children.
    findings : tuple of Finding
    counts : mapping
        Figures of the whole: of IDS ``specifications`` by status, of a comparison ``added`` …
    cautions : tuple of Caution
        What makes the result less certain.
    facts : mapping
        The settings of the run: tolerance, name of the IDS …
    """

    kind: str
    models: tuple[tuple[str, str], ...]
    made_at: str
    tools: Mapping[str, str]
    groups: tuple[Group, ...] = ()
    findings: tuple[Finding, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    cautions: tuple[Caution, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def layers(self) -> tuple[str, ...]:
        """Return the ids of the layers that were checked."""
        return tuple(layer for layer, _ in self.models if layer)

    def by_group(self) -> dict[str, list[Finding]]:
        """Return the findings by the group on which they hang."""
        found: dict[str, list[Finding]] = {group.id: [] for group in self.groups}
        for finding in self.findings:
            found.setdefault(finding.group, []).append(finding)
        return found

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-ready form."""
        return {
            "kind": self.kind, "models": [{"layer": layer, "name": name} for layer, name in self.models],
            "made_at": self.made_at, "tools": dict(self.tools), "facts": dict(self.facts), "counts": dict(self.counts),
            "groups": [group.as_dict() for group in self.groups],
            "findings": [finding.as_dict() for finding in self.findings],
            "cautions": [caution.as_dict() for caution in self.cautions],
        }  # fmt: skip

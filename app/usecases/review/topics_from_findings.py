"""Create review topics from the findings of a check, so that they can be discussed and exchanged as BCF.

Invariants
----------
1. The same finding gives the same topic id, so that a check run again adds what is new and leaves what was said.
2. A topic looks at the middle of its elements from the south-west and above, from as far as they are large.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.usecases.review import topics
from models.checks.findings import Finding, Group
from models.core.errors import UserError
from models.review.topics import Topic, TopicView, now
from models.views.camera import Camera, Vector

if TYPE_CHECKING:
    from app.session import Session
    from models.project.project import ProjectState
    from models.project.selection import ObjectKey

#: (2, 3) lower and upper corner in the project's CRS; None for what is not drawn.
Box = NDArray[np.float64]
BoxOf = Callable[[Sequence["ObjectKey"]], Box | None]

_NAMESPACE = uuid.UUID("0b9d1c52-7f0e-4a53-9a86-3f2f4a1f6d17")
_KINDS = {
    "clash": "Clash",
    "clearance": "Clash",
    "ids": "Requirement",
    "quality": "Issue",
    "diff": "Remark",
    "gate": "Issue",
}
_PRIORITIES = {"error": "High", "warning": "Normal", "info": "Low"}
#: So many findings at most are told one by one in the text of a group's topic.
_TOLD = 30
_ASIDE = np.array([-0.6, -0.65, 0.5]) / np.linalg.norm([-0.6, -0.65, 0.5])
#: Metres: half the size of a place without elements, and the nearest and farthest one looks from.
_PLACE_M, _NEAREST_M, _FARTHEST_M = 3.0, 6.0, 400.0


@dataclass(frozen=True, slots=True)
class _Subject:
    """What one topic is about."""

    id: str
    title: str
    text: str
    findings: tuple[Finding, ...]


def topics_from_findings(
    session: Session,
    findings: Iterable[Finding],
    box_of: BoxOf,
    groups: Sequence[Group] = (),
    *,
    grouped: bool = False,
) -> int:
    """Make a topic of each finding, or of each group of them, in one undoable step.

    Parameters
    ----------
    session : Session
    findings : iterable of Finding
    box_of : callable
        Objects → their box as they are drawn.
    groups : sequence of Group
        Of the same report, for titles.
    grouped : bool
        One topic a group instead of one a finding.

    Returns
    -------
    int
        How many topics are new; a finding that has one already is left alone.

    Raises
    ------
    UserError
        ``topic.no_findings``.
    """
    found = list(findings)
    if not found:
        raise UserError("topic.no_findings")
    subjects = _by_group(session, found, groups) if grouped else [_of_one(session, one) for one in found]
    here = {topic.guid for topic in session.project.state.topics}
    fresh = [_topic(session, one, box_of) for one in subjects if one.id not in here]
    # one subject may come twice: two failures of one element against one requirement
    unique = {topic.guid: topic for topic in fresh}
    if unique:

        def change(state: ProjectState) -> ProjectState:
            return replace(state, topics=(*state.topics, *unique.values()))

        session.history.do("history.topics_from_findings", change)
    return len(unique)


def written_topics(
    session: Session, findings: Sequence[Finding], box_of: BoxOf, groups: Sequence[Group] = ()
) -> list[Topic]:
    """Return a topic of each group of findings, for a file: the project's own topics stay as they are."""
    return [_topic(session, one, box_of) for one in _by_group(session, findings, groups)]


def _of_one(session: Session, finding: Finding) -> _Subject:
    from viewers.texts import finding_texts

    lang = session.lang
    title, sentence = finding_texts.title(finding, lang), finding_texts.sentence(finding, lang)
    head = title if title == sentence else f"{title}: {sentence}"
    lines = [sentence, *(f"{name}: {value}" for name, value in finding_texts.rows(finding, lang))]
    parts = (finding.kind, finding.code, finding.id, *finding.guids)
    return _Subject(_id(*parts), head, "\n".join(lines), (finding,))


def _by_group(session: Session, findings: Sequence[Finding], groups: Sequence[Group]) -> list[_Subject]:
    from viewers.texts import finding_texts

    lang, known = session.lang, {group.id: group for group in groups}
    hung: dict[str, list[Finding]] = {}
    for finding in findings:
        hung.setdefault(finding.group, []).append(finding)
    subjects = []
    for name, own in hung.items():
        group = known.get(name)
        above = known.get(group.parent) if group is not None else None
        titles = [finding_texts.group_title(one, lang) for one in (above, group) if one is not None]
        lines = [f"{finding_texts.title(one, lang)}: {finding_texts.sentence(one, lang)}" for one in own[:_TOLD]]
        if len(own) > _TOLD:
            lines.append(f"… +{len(own) - _TOLD:,}")
        title = " · ".join(titles) or finding_texts.sentence(own[0], lang)
        subjects.append(
            _Subject(_id(own[0].kind, "group", name, *own[0].guids[:1]), title, "\n".join(lines), tuple(own))
        )
    return subjects


def _topic(session: Session, subject: _Subject, box_of: BoxOf) -> Topic:
    first = subject.findings[0]
    keys = list(dict.fromkeys(key for finding in subject.findings for key in finding.keys))
    points = [finding.point for finding in subject.findings if finding.point is not None]
    views: tuple[TopicView, ...] = ()
    box = _box(box_of, keys, points)
    if box is not None or keys:
        selected = topics.components_of(session, keys)
        views = (TopicView(_id(subject.id, "view"), None if box is None else _camera(box), selected=selected),)
    return Topic(
        subject.id, subject.title, now(), topics.author(session), subject.text,
        _KINDS.get(first.kind, "Issue"), priority=_PRIORITIES.get(first.severity, "Normal"),
        labels=(session.word(f"finding.kind.{first.kind}"),), files=topics.files_of(session, views), views=views,
    )  # fmt: skip


def _box(box_of: BoxOf, keys: Sequence[ObjectKey], points: Sequence[Vector]) -> Box | None:
    """Return what is to be seen: the places of findings, the elements where they say none."""
    if points:
        places = np.asarray(points, dtype=np.float64)
        return np.stack([places.min(axis=0) - _PLACE_M, places.max(axis=0) + _PLACE_M])
    return box_of(keys) if keys else None


def _camera(box: Box) -> Camera:
    middle = box.mean(axis=0)
    away = float(np.clip(1.6 * np.linalg.norm(box[1] - box[0]), _NEAREST_M, _FARTHEST_M))
    eye = middle + away * _ASIDE
    return Camera((float(eye[0]), float(eye[1]), float(eye[2])), (float(middle[0]), float(middle[1]), float(middle[2])))


def _id(*parts: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, "\n".join(parts)))

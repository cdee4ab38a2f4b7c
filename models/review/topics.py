"""Review topics: title and status, viewpoints, comments.

The words are those of BCF (BIM Collaboration Format, buildingSMART 2.1 and 3.0), the format in which BIM tools hand
such topics to each other.

Invariants
----------
1. A view's camera and planes stand in the project's CRS, or (``in_model``) in the coordinates of the IFC file that the
   topic speaks of, as BCF has them; :mod:`app.usecases.review.topics` goes from one to the other, nobody else.
2. An IFC element is named by its GlobalId, any other object of the city by our system name and ``layer/oid``, with its
   business key behind it where it has one (``layer/oid#ObjID=3701…``), so that a topic survives being sent around and
   coming back, also to a project in which the object stands in another row or layer.
3. Moments are ISO 8601 text with a time zone, people are the text that BCF has for them.
4. An opinion said in a review is a topic of one of :data:`OPINIONS`. What was decided about it is a history: the last
   decision holds, none is written over.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from models.project.selection import ObjectKey
from models.views.camera import Camera, Vector
from models.views.visibility import Plane

#: ``OriginatingSystem`` under which objects that are no IFC elements are named in BCF.
SYSTEM = "Chengjing"

#: States and kinds offered for new topics, as BCF extensions; a topic from elsewhere keeps its own.
STATUSES = ("Open", "In Progress", "Resolved", "Closed")
OPINIONS = ("Expert Opinion", "District Opinion", "Department Opinion")
KINDS = ("Issue", "Clash", "Requirement", "Question", "Remark", *OPINIONS)
PRIORITIES = ("Low", "Normal", "High", "Critical")
#: What can be decided about an opinion; an empty text takes a decision back.
VERDICTS = ("adopted", "partly", "rejected")


@dataclass(frozen=True, slots=True)
class Component:
    """One object in BCF.

    Parameters
    ----------
    ifc_guid : str
        GlobalId of an IFC element, 22 characters; empty for others.
    system, tool_id : str
        ``OriginatingSystem`` and ``AuthoringToolId``: for our own objects :data:`SYSTEM` and what :func:`object_name`
        gives.
    """

    ifc_guid: str = ""
    system: str = ""
    tool_id: str = ""


def object_name(key: ObjectKey, business_key: str = "") -> str:
    """Return how one of our own objects is named in BCF.

    Parameters
    ----------
    key : ObjectKey
    business_key : str
        ``"field=value"``, as :func:`business_key_of` gives it; empty for none.
    """
    return f"{key.layer}/{key.oid}" + (f"#{business_key}" if business_key else "")


def object_of(component: Component) -> ObjectKey | None:
    """Return the row that a component names, None for what is no object of ours."""
    if component.system != SYSTEM:
        return None
    layer, _, oid = component.tool_id.partition("#")[0].rpartition("/")
    return ObjectKey(layer, int(oid)) if layer and oid.isascii() and oid.isdecimal() and len(oid) < 19 else None


def business_key_of(component: Component) -> tuple[str, str]:
    """Return field and value of the business key that a component states, two empty texts for none."""
    field_name, _, value = component.tool_id.partition("#")[2].partition("=")
    return (field_name, value) if component.system == SYSTEM and value else ("", "")


@dataclass(frozen=True, slots=True)
class TopicView:
    """How to look at a topic.

    Parameters
    ----------
    guid : str
    camera : Camera or None
    in_model : bool
        Camera and planes are in the coordinates of the IFC file (metres) instead of the project's CRS.
    aspect : float
        Width by height of the picture, 0 where it is not stated.
    selected : tuple of Component
    shown_by_default : bool
        Whether what ``exceptions`` does not name is shown.
    exceptions : tuple of Component
    colours : tuple of (str, tuple of Component)
        ``"RRGGBB"`` or ``"AARRGGBB"`` and what has that colour.
    planes : tuple of Plane
    lines : tuple of (Vector, Vector)
    snapshot : bytes
        PNG or JPEG, empty for none.
    """

    guid: str
    camera: Camera | None = None
    in_model: bool = False
    aspect: float = 0.0
    selected: tuple[Component, ...] = ()
    shown_by_default: bool = True
    exceptions: tuple[Component, ...] = ()
    colours: tuple[tuple[str, tuple[Component, ...]], ...] = ()
    planes: tuple[Plane, ...] = ()
    lines: tuple[tuple[Vector, Vector], ...] = ()
    snapshot: bytes = b""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment.

    Parameters
    ----------
    guid, date, author, text : str
    view : str
        Guid of the view it is about, or empty.
    modified_date, modified_author : str
    """

    guid: str
    date: str
    author: str
    text: str
    view: str = ""
    modified_date: str = ""
    modified_author: str = ""


@dataclass(frozen=True, slots=True)
class Pin:
    """An object that a topic is pinned to.

    Parameters
    ----------
    component : Component
    name : str
        What the object is called, as it was when the topic was made.
    layer : str
        Title of its layer.
    point : (E, N, H) or None
        Where the pin stands: project CRS, metres; None where the object has no place.
    """

    component: Component
    name: str = ""
    layer: str = ""
    point: Vector | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about an opinion.

    Parameters
    ----------
    guid, date, author : str
        Who decided, and when.
    verdict : str
        One of :data:`VERDICTS`; empty where an earlier decision was taken back.
    reply : str
    """

    guid: str
    date: str
    author: str
    verdict: str
    reply: str = ""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """An IFC file that a topic speaks of: file name, GlobalId of its IfcProject, date."""

    name: str
    ifc_project: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Topic:
    """Something to be talked about; fields as in BCF, and what a review keeps beside them.

    Parameters
    ----------
    number : int
        Running number in the review; 0 for a topic that has none.
    organisation : str
        For whom the author speaks.
    indicator, stop : str
        Code of the indicator, and id of the stop of the agenda, at which it was said.
    pins : tuple of Pin
        Objects it is about.
    decisions : tuple of Decision
        Oldest first; the last one holds.
    """

    guid: str
    title: str
    date: str
    author: str
    description: str = ""
    kind: str = ""
    status: str = "Open"
    priority: str = ""
    stage: str = ""
    labels: tuple[str, ...] = ()
    assigned_to: str = ""
    due_date: str = ""
    modified_date: str = ""
    modified_author: str = ""
    links: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    files: tuple[ModelFile, ...] = ()
    comments: tuple[Comment, ...] = ()
    views: tuple[TopicView, ...] = field(default=())
    number: int = 0
    organisation: str = ""
    indicator: str = ""
    stop: str = ""
    pins: tuple[Pin, ...] = ()
    decisions: tuple[Decision, ...] = ()

    @property
    def is_opinion(self) -> bool:
        """Whether it is an opinion said in a review."""
        return self.kind in OPINIONS

    @property
    def text(self) -> str:
        """Return all that it says: the description, or the title where that is all."""
        return self.description or self.title

    @property
    def decision(self) -> Decision | None:
        """Return the decision that holds, None where nothing is decided."""
        last = self.decisions[-1] if self.decisions else None
        return last if last is not None and last.verdict else None

    @property
    def verdict(self) -> str:
        """Return what was decided, empty for nothing yet."""
        return self.decision.verdict if self.decision else ""

    @property
    def last_change(self) -> str:
        """Return when it was last commented or changed."""
        moments = [self.date, self.modified_date]
        for comment in self.comments:
            moments += [comment.date, comment.modified_date]
        moments += [decision.date for decision in self.decisions]
        return max(filter(None, moments), key=moment_of, default="")


def new_guid() -> str:
    """Return a fresh id as BCF wants it."""
    return str(uuid.uuid4())


def now() -> str:
    """Return this moment, to the second, with its time zone."""
    return datetime.datetime.now().astimezone().isoformat(timespec="seconds")


def moment_of(text: str) -> datetime.datetime:
    """Return a moment that can be compared; text that says none is the oldest."""
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        return datetime.datetime.min.replace(tzinfo=datetime.UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)


def merged(mine: Topic, other: Topic) -> Topic:
    """Return two states of one topic as one: fields of the one changed last; comments, views and decisions of both.

    What only a review keeps stays where the newer state, having been through another tool, does not say it.
    """
    newer, older = (other, mine) if moment_of(other.last_change) > moment_of(mine.last_change) else (mine, other)
    by_guid = {comment.guid: comment for comment in (*older.comments, *newer.comments)}
    seen = {view.guid: view for view in (*older.views, *newer.views)}
    values = {name: getattr(newer, name) for name in Topic.__dataclass_fields__}
    values["comments"] = tuple(sorted(by_guid.values(), key=lambda comment: moment_of(comment.date)))
    values["views"] = tuple(seen.values())
    decided = {one.guid: one for one in (*older.decisions, *newer.decisions)}
    values["decisions"] = tuple(sorted(decided.values(), key=lambda one: moment_of(one.date)))
    for name in ("number", "organisation", "indicator", "stop", "pins"):
        values[name] = getattr(newer, name) or getattr(older, name)
    return Topic(**values)


def next_number(topics: Iterable[Topic]) -> int:
    """Return the running number of the next opinion."""
    return max((topic.number for topic in topics), default=0) + 1

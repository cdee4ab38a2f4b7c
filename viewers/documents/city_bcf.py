"""City BCF: what BCF has no place for, as a JSON document inside the archive (docs/city-bcf.md).

BCF names objects by IFC GUID and looks at them in the coordinates of an IFC file. A manhole has neither. The document
says of each topic which objects it is pinned to (layer, business key, place in the projected CRS and in WGS 84), from
where its views look in real-world coordinates, who spoke for whom, and what was decided. Tools that do not know it
have an attached document and lose nothing; for them decisions stand as comments and labels too.

Invariants
----------
1. Everything is in the projected CRS that the document names, metres; longitude, latitude and height stand beside it.
2. What is read is a stranger's: a document that is not sound is left out with a caution, never half taken in.
"""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from models.crs.frame import Frame
from models.review.topics import (
    VERDICTS,
    Comment,
    Component,
    Decision,
    Pin,
    Topic,
    TopicView,
    business_key_of,
    object_of,
)
from models.views.camera import Camera, Vector
from models.views.visibility import Plane
from resources.words import word

FORMAT, VERSION = "city-bcf", "1.0"
#: Name of the document, and how it is described in the archive.
FILE_NAME = "city-bcf.json"
DESCRIPTION = "City BCF 1.0: municipal objects, real-world coordinates, decisions"
#: A document larger than this is refused.
LIMIT_BYTES = 64 * 1024**2
_NAMESPACE = uuid.UUID("c4c6e3b2-0d5b-4b0e-9d0e-8f5a1d7a2e61")
_FAULTS = (ValueError, TypeError, KeyError, LookupError, AttributeError, RecursionError, OverflowError)


@dataclass(frozen=True, slots=True)
class Told:
    """What a document says of one topic."""

    number: int = 0
    organisation: str = ""
    indicator: str = ""
    stop: str = ""
    label: str = ""
    pins: tuple[Pin, ...] = ()
    decisions: tuple[Decision, ...] = ()
    views: tuple[TopicView, ...] = ()


@dataclass(frozen=True, slots=True)
class City:
    """A document: the projected CRS of its coordinates, and its topics by guid."""

    crs: str
    topics: Mapping[str, Told] = field(default_factory=dict)


def guid_of(*parts: str) -> str:
    """Return an id that follows from what it names, so that the same topics give the same file."""
    return str(uuid.uuid5(_NAMESPACE, "\n".join(parts)))


# --- writing ----------------------------------------------------------------------------------------------------------


def for_others(topic: Topic, lang: str) -> Topic:
    """Return a topic as other tools can show it: each decision a comment, the last one a label too."""
    if not topic.decisions:
        return topic
    said = []
    for one in topic.decisions:
        verdict = word(f"topics.verdict.{one.verdict or 'open'}", lang)
        said.append(Comment(one.guid, one.date, one.author, f"【{verdict}】{one.reply}"))
    label = _label(topic, lang)
    labels = topic.labels if not label or label in topic.labels else (*topic.labels, label)
    return replace(topic, comments=(*topic.comments, *said), labels=labels)


def _label(topic: Topic, lang: str) -> str:
    return word(f"topics.verdict.{topic.verdict}", lang) if topic.verdict else ""


def document(topics: Sequence[Topic], frame: Frame, project: str, lang: str) -> bytes:
    """Return the document of some topics, UTF-8.

    Parameters
    ----------
    topics : sequence of Topic
        Views in the project's CRS, but for those that are kept in a model's coordinates, of which nothing is said.
    frame : Frame
        Of the project.
    project : str
        Its name.
    lang : str
        Language of the labels that :func:`for_others` adds.
    """
    told = {
        "format": FORMAT,
        "version": VERSION,
        "system": "Chengjing",
        "project": project,
        "crs": {"horizontal": frame.horizontal, "vertical": frame.vertical, "unit": "metre"},
        "topics": {topic.guid: _topic(topic, frame, lang) for topic in topics},
    }
    return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False).encode()


def _topic(topic: Topic, frame: Frame, lang: str) -> dict[str, Any]:
    added = _label(topic, lang)
    return {
        "number": topic.number,
        "organisation": topic.organisation,
        "indicator": topic.indicator,
        "stop": topic.stop,
        "label": "" if added in topic.labels else added,
        "objects": [_object(pin, frame) for pin in topic.pins],
        "decisions": [
            {"guid": one.guid, "date": one.date, "author": one.author, "verdict": one.verdict, "reply": one.reply}
            for one in topic.decisions
        ],
        "views": {view.guid: _view(view, frame) for view in topic.views if not view.in_model},
    }


def _object(pin: Pin, frame: Frame) -> dict[str, Any]:
    field_name, value = business_key_of(pin.component)
    row = object_of(pin.component)
    return {
        "ifc_guid": pin.component.ifc_guid,
        "originating_system": pin.component.system,
        "authoring_tool_id": pin.component.tool_id,
        "name": pin.name,
        "layer": pin.layer,
        "layer_id": "" if row is None else row.layer,
        "key_field": field_name,
        "key": value,
        "position": None if pin.point is None else list(pin.point),
        "lonlat": _lonlat(pin.point, frame),
    }


def _view(view: TopicView, frame: Frame) -> dict[str, Any]:
    camera = view.camera
    return {
        "camera": None
        if camera is None
        else {
            "position": list(camera.position),
            "focal_point": list(camera.focal_point),
            "up": list(camera.up),
            "angle_deg": camera.angle_deg,
            "parallel_scale_m": camera.parallel_scale_m,
        },
        "lonlat": None if camera is None else _lonlat(camera.position, frame),
        "planes": [{"point": list(one.point), "normal": list(one.normal)} for one in view.planes],
        "lines": [[list(start), list(end)] for start, end in view.lines],
    }


def _lonlat(point: Vector | None, frame: Frame) -> list[float] | None:
    """Return longitude and latitude (WGS 84, degrees) and the height as it is; None where there are none."""
    if point is None:
        return None
    lon, lat = frame.lonlat(point[0], point[1])
    return [round(lon, 9), round(lat, 9), point[2]] if math.isfinite(lon) and math.isfinite(lat) else None


# --- reading ----------------------------------------------------------------------------------------------------------


def parse(data: bytes) -> City | None:
    """Return what a document says, None where it is none of ours, of a later major version, or not sound."""
    try:
        raw = json.loads(data, parse_constant=_refused)
        if raw["format"] != FORMAT or str(raw["version"]).partition(".")[0] != VERSION.partition(".")[0]:
            return None
        return City(_text(raw["crs"]["horizontal"]), {_text(guid): _told(one) for guid, one in raw["topics"].items()})
    except _FAULTS:
        return None


def _refused(text: str) -> float:
    raise ValueError(text)


def _told(raw: Mapping[str, Any]) -> Told:
    decisions = tuple(
        Decision(*(_text(one[name]) for name in ("guid", "date", "author", "verdict", "reply")))
        for one in raw["decisions"]
    )
    if any(one.verdict and one.verdict not in VERDICTS for one in decisions):
        raise ValueError("verdict")
    return Told(
        max(int(raw["number"]), 0), _text(raw["organisation"]), _text(raw["indicator"]), _text(raw["stop"]),
        _text(raw["label"]), tuple(_pin(one) for one in raw["objects"]), decisions,
        tuple(_read_view(_text(guid), one) for guid, one in raw["views"].items()),
    )  # fmt: skip


def _pin(raw: Mapping[str, Any]) -> Pin:
    component = Component(*(_text(raw[name]) for name in ("ifc_guid", "originating_system", "authoring_tool_id")))
    point = raw["position"]
    return Pin(component, _text(raw["name"]), _text(raw["layer"]), None if point is None else _vector(point))


def _read_view(guid: str, raw: Mapping[str, Any]) -> TopicView:
    seen = raw["camera"]
    camera = None
    if seen is not None:
        scale = seen["parallel_scale_m"]
        camera = Camera(
            _vector(seen["position"]), _vector(seen["focal_point"]), _vector(seen["up"]), _number(seen["angle_deg"]),
            None if scale is None else _number(scale),
        )  # fmt: skip
    planes = tuple(Plane(_vector(one["point"]), _vector(one["normal"])) for one in raw["planes"])
    lines = tuple((_vector(start), _vector(end)) for start, end in raw["lines"])
    return TopicView(guid, camera, planes=planes, lines=lines)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(type(value).__name__)
    return value


def _number(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(value)
    return number


def _vector(values: Iterable[Any]) -> Vector:
    x, y, z = (_number(value) for value in values)
    return x, y, z


def taken_in(topic: Topic, city: City) -> Topic:
    """Return a topic with what a document says of it; what was added for other tools is taken out again."""
    told = city.topics.get(topic.guid)
    if told is None:
        return topic
    ours = {one.guid for one in told.decisions}
    return replace(
        topic,
        comments=tuple(one for one in topic.comments if one.guid not in ours),
        labels=tuple(one for one in topic.labels if one != told.label),
        number=told.number,
        organisation=told.organisation,
        indicator=told.indicator,
        stop=told.stop,
        pins=told.pins,
        decisions=told.decisions,
    )


def in_world(view: TopicView, topic: Topic, city: City) -> TopicView:
    """Return a view as a document says it in real-world coordinates; the very view where it says nothing."""
    told = city.topics.get(topic.guid)
    world = next((one for one in told.views if one.guid == view.guid), None) if told is not None else None
    if world is None:
        return view
    return replace(view, in_model=False, camera=world.camera, planes=world.planes, lines=world.lines)

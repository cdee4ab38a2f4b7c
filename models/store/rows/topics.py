"""Topics of a review as plain values, for the project file."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from models.review.topics import Comment, Component, Decision, ModelFile, Pin, Topic, TopicView
from models.views.camera import Camera
from models.views.visibility import Plane


def as_dict(topic: Topic) -> dict[str, Any]:
    """Return a topic as values that JSON knows; pictures as base64."""
    values = asdict(topic)
    for view in values["views"]:
        view["snapshot"] = base64.b64encode(view["snapshot"]).decode()
    return values


def from_dict(values: Mapping[str, Any]) -> Topic:
    """Rebuild what :func:`as_dict` gave."""
    plain = {name: tuple(values[name]) for name in ("labels", "links", "related")}
    return Topic(
        **{
            **values,
            **plain,
            "files": tuple(ModelFile(**one) for one in values["files"]),
            "comments": tuple(Comment(**one) for one in values["comments"]),
            "views": tuple(_view(one) for one in values["views"]),
            "pins": tuple(_pin(one) for one in values.get("pins", ())),
            "decisions": tuple(Decision(**one) for one in values.get("decisions", ())),
        }
    )


def _pin(values: Mapping[str, Any]) -> Pin:
    return Pin(**{**values, "component": Component(**values["component"]), "point": _tuples(values["point"])})


def _view(values: Mapping[str, Any]) -> TopicView:
    camera = values["camera"]
    return TopicView(
        **{
            **values,
            "camera": None if camera is None else Camera(**{name: _tuples(value) for name, value in camera.items()}),
            "selected": _components(values["selected"]),
            "exceptions": _components(values["exceptions"]),
            "colours": tuple((colour, _components(things)) for colour, things in values["colours"]),
            "planes": tuple(Plane(_tuples(one["point"]), _tuples(one["normal"])) for one in values["planes"]),
            "lines": tuple((_tuples(start), _tuples(end)) for start, end in values["lines"]),
            "snapshot": base64.b64decode(values["snapshot"]),
        }
    )


def _components(things: list[dict[str, str]]) -> tuple[Component, ...]:
    return tuple(Component(**one) for one in things)


def _tuples(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value

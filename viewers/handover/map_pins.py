"""Opinions, topics and problems as pins: number, title, state, picture, and where they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from models.crs.frame import transformer
from models.delivery.pins import Pin, PinFolder
from models.health.results import IndicatorResult
from models.layers.layer import LayerData, VectorData
from models.project.project import ProjectState
from models.review.topics import Topic
from resources.words import word
from viewers.render.palette.status_colours import status

TOPIC, PROBLEM = "topic", "problem"
#: Problems of one indicator that are put on the map, worst first.
MOST_PROBLEMS = 2_000


def styles_of() -> dict[str, str]:
    """Return the colour of each kind of pin."""
    general = status()["general"]
    return {TOPIC: general["site"], PROBLEM: general["problem"]}


def folders_of(
    state: ProjectState, data: Mapping[str, LayerData], results: Mapping[str, IndicatorResult], lang: str
) -> tuple[list[PinFolder], int]:
    """Return the pins of a project, and how many topics have no place."""
    topics, without = _topics(state, lang)
    folders = [PinFolder(word("handover.kml.topics", lang), topics)]
    for code in sorted(results):
        pins = _problems(state, data, results[code], lang)
        title = results[code].definition.title(lang)
        folders.append(PinFolder(f"{word('handover.kml.problems', lang)} · {title}", pins))
    return folders, without


def _topics(state: ProjectState, lang: str) -> tuple[list[Pin], int]:
    assert state.frame is not None  # noqa: S101 - whoever hands over has a frame
    found: list[Pin] = []
    placed: list[tuple[float, float]] = []
    without = 0
    for topic in state.topics:
        point = _place(topic)
        if point is None:
            without += 1
            continue
        facts = {
            word("handover.kml.state", lang): _state(topic, lang), word("handover.kml.author", lang): topic.author,
            word("handover.kml.indicator", lang): topic.indicator,
        }  # fmt: skip
        picture = next((view.snapshot for view in topic.views if view.snapshot), b"")
        number = f"{topic.number} · " if topic.number else ""
        reply = topic.decision.reply if topic.decision is not None else ""
        words = "\n".join([topic.description, reply, *(f"{one.author}: {one.text}" for one in topic.comments)]).strip()
        found.append(Pin(f"{number}{topic.title}", 0.0, 0.0, facts, words, TOPIC, picture))
        placed.append(point)
    return _located(found, placed, state.frame.horizontal), without


def _state(topic: Topic, lang: str) -> str:
    """Return what was decided about an opinion, else the state of the topic."""
    return word(f"topics.verdict.{topic.verdict}", lang) if topic.verdict else topic.status


def _place(topic: Topic) -> tuple[float, float] | None:
    """Return where a topic is: its first pin, else what its first view looks at."""
    for pin in topic.pins:
        if pin.point is not None:
            return float(pin.point[0]), float(pin.point[1])
    for view in topic.views:
        if view.camera is not None and not view.in_model:
            return float(view.camera.focal_point[0]), float(view.camera.focal_point[1])
    return None


def _problems(state: ProjectState, data: Mapping[str, LayerData], result: IndicatorResult, lang: str) -> list[Pin]:
    """Return the problems of an indicator where their objects stand."""
    assert state.frame is not None  # noqa: S101 - whoever hands over has a frame
    by_layer: dict[str, list[tuple[int, Any]]] = defaultdict(list)
    for rank, problem in enumerate(result.problems[:MOST_PROBLEMS], start=1):
        by_layer[problem.key.layer].append((rank, problem))
    found: list[tuple[int, Pin]] = []
    for layer, rows in by_layer.items():
        table = data.get(layer)
        if not isinstance(table, VectorData) or "geometry" not in getattr(table.frame, "columns", ()):
            continue
        frame: Any = table.frame
        there = [row for row in rows if row[1].key.oid in frame.index]
        shapes = frame.geometry.loc[[row[1].key.oid for row in there]]
        places = shapely.get_coordinates(shapely.point_on_surface(shapely.force_2d(shapes.to_numpy())))
        if len(places) != len(there):
            continue
        pins = []
        for rank, problem in there:
            name = (problem.name_en if lang == "en" and problem.name_en else problem.name) or problem.code
            facts = {
                word("handover.kml.indicator", lang): result.definition.title(lang),
                word("handover.column.finding", lang): word(f"problem.{problem.reason}", lang),
                word("handover.column.key", lang): problem.code,
            }
            pins.append(Pin(f"{rank} · {name}".strip(" ·"), 0.0, 0.0, facts, "", PROBLEM))
        crs = str(frame.crs) if frame.crs is not None else state.frame.horizontal
        located = _located(pins, places.tolist(), crs)
        found += [(rank, pin) for (rank, _), pin in zip(there, located, strict=True)]
    return [pin for _, pin in sorted(found, key=lambda row: row[0])]


def _located(pins: list[Pin], places: Sequence[Sequence[float]], crs: str) -> list[Pin]:
    if not pins:
        return []
    at = np.asarray(places, dtype=np.float64)
    lon, lat = transformer(crs, "EPSG:4326").transform(at[:, 0], at[:, 1])
    return [
        Pin(pin.name, float(x), float(y), pin.facts, pin.text, pin.style, pin.picture)
        for pin, x, y in zip(pins, np.atleast_1d(lon), np.atleast_1d(lat), strict=True)
    ]

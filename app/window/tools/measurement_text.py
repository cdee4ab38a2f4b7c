"""Measurements in numbers and words: one title, one line of detail, and what is written into the picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.bim import measure
from models.core.value_text import area_in, coordinate, measured, number, percent, quantity
from models.geometry.meshes import MeshStore
from models.layers.layer import ModelData
from models.terrain import relief
from models.terrain.ground import Ground

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Word = Callable[..., str]
Detail = tuple[str, dict[str, Any]]

#: Points of a ring that lie farther than this from its plane are reported.
FLAT_M = 0.02


@dataclass(frozen=True, slots=True)
class Area:
    """An area among the facts of a figure, written in the unit that its reader wants."""

    m2: float


def in_unit(word: Word, unit: str) -> Word:
    """Return ``word``, areas among its facts written in a unit of the settings."""

    def written(key: str, **facts: Any) -> str:
        return word(key, **{
            name: _area_text(fact.m2, unit, word) if isinstance(fact, Area) else fact for name, fact in facts.items()
        })  # fmt: skip

    return written


@dataclass(frozen=True, slots=True)
class Figure:
    """A measurement that can be written in any language.

    Parameters
    ----------
    text : str
        Title where it is a plain number with its unit; else empty.
    key : str
        Word of the title where it is none.
    details : tuple of (word key, facts)
        What is written below, parted by dots.
    facts : mapping
        Facts of ``key``.
    brief : str
        Word that is written into the picture where there is no ``text``.
    """

    text: str
    key: str = ""
    details: tuple[Detail, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    brief: str = ""

    def title(self, word: Word) -> str:
        """Return the figure with its unit."""
        return self.text or word(self.key, **self.facts)

    def detail(self, word: Word) -> str:
        """Return the rest in one line."""
        return " · ".join(word(key, **facts) for key, facts in self.details)

    def short(self, word: Word) -> str:
        """Return what is written into the picture."""
        return self.text or word(self.brief, **self.facts)


def ground_figure(kind: str, points: Floats, ground: Ground, level_m: float | None = None) -> tuple[Figure, Any]:
    """Return the figure of points (n, 3) on the terrain, and the profile where it is one.

    ``kind`` is ``"profile"``, ``"ground_area"`` or ``"earthwork"``; earth is counted to ``level_m``, None for the mean
    height of the corners.
    """
    if kind == "profile":
        line = relief.profile(points, ground)
        return _profile(line), line
    if kind == "ground_area":
        return _ground_area(relief.surface(points, ground)), None
    corners = relief.heights(ground, points[:, :2])
    if level_m is None:
        level_m = float(np.nanmean(corners)) if np.isfinite(corners).any() else 0.0
    return _earthwork(relief.earthwork(points, ground, level_m)), None


def _profile(line: relief.Profile) -> Figure:
    details: list[Detail] = [("tools.detail.flat", {"flat": number(line.plan_m, 3)})]
    if line.rise_m is not None:
        details.append(("tools.detail.rise", {"rise": number(line.rise_m, 2, signed=True)}))
        details.append(
            ("tools.detail.mean_slope", {"slope": coordinate(100 * line.rise_m / line.plan_m, 2, signed=True)})
        )
    if line.steepest is not None:
        details.append(("tools.detail.steepest", {"slope": percent(line.steepest, 1, signed=True)}))
        up, down = line.climb_m
        details.append(("tools.detail.climb", {"up": number(up, 1), "down": number(down, 1)}))
    if line.known < 1.0:
        details.append(("tools.detail.known", {"share": percent(line.known)}))
    if line.surface_m is None:
        return Figure("", "tools.figure.no_ground", tuple(details), brief="tools.figure.no_ground.short")
    return Figure(quantity(line.surface_m, "m", 2), details=tuple(details))


def _ground_area(piece: relief.Surface) -> Figure:
    details: list[Detail] = [("tools.detail.plan_area", {"area": Area(piece.plan_m2)})]
    if piece.surface_m2 is None:
        return Figure("", "tools.figure.no_ground", tuple(details), brief="tools.figure.no_ground.short")
    if piece.known < 0.999:
        details.append(("tools.detail.known", {"share": percent(piece.known)}))
    details.append(("tools.detail.cell", {"cell": coordinate(piece.cell_m, 1)}))
    return _area_figure(piece.surface_m2, details)


def _area_text(m2: float, unit: str, word: Word) -> str:
    value, unit = area_in(m2, unit)
    return word(f"unit.area.{unit}", value=measured(value))


def _area_figure(m2: float, details: list[Detail]) -> Figure:
    return Figure("", "tools.figure.area", tuple(details), {"area": Area(m2)}, brief="tools.figure.area")


def _earthwork(work: relief.Earthwork) -> Figure:
    details: list[Detail] = [
        ("tools.detail.level", {"level": number(work.level_m, 2)}),
        ("tools.detail.plan_area", {"area": Area(work.plan_m2)}),
    ]
    if work.cut_m3 is None or work.fill_m3 is None:
        return Figure("", "tools.figure.no_ground", tuple(details), brief="tools.figure.no_ground.short")
    if work.known < 0.999:
        details.append(("tools.detail.known", {"share": percent(work.known)}))
    details.append(("tools.detail.cell", {"cell": coordinate(work.cell_m, 1)}))
    facts = {"cut": number(work.cut_m3, 1), "fill": number(work.fill_m3, 1)}
    return Figure("", "tools.figure.earthwork", tuple(details), facts, brief="tools.figure.earthwork")


def figure_of(kind: str, points: Floats, lonlat: tuple[float, float] | None = None) -> Figure:
    """Return the figure of clicked points (n, 3)."""
    if kind == "point":
        return _point(points[0], lonlat)
    if kind == "distance":
        return _distance(points[0], points[1])
    if kind == "polyline":
        return _polyline(points)
    return _area(points) if kind == "area" else _angle(points)


def body_figure(data: ModelData, oid: int, name: str) -> Figure:
    """Return volume and surface of an element with its parts; a mesh that is not closed has no volume."""
    from app.usecases.bim.visibility import with_parts

    rows = np.flatnonzero(np.isin(data.meshes.placement_element, with_parts(data, [oid])))
    body = measure.bodies(_placements(data.meshes, rows), 1)
    volume_m3, area_m2 = body.volume_of(0), float(body.surface_m2[0])
    surface = ("tools.detail.surface", {"area": Area(area_m2)})
    whose = ("tools.detail.of", {"name": name})
    if volume_m3 is None:
        return Figure("", "tools.figure.no_volume", (surface, whose), brief="tools.figure.no_volume.short")
    return Figure(f"{measured(volume_m3)} m³", details=(surface, whose))


def _point(point: Floats, lonlat: tuple[float, float] | None) -> Figure:
    east, north, height = (coordinate(value) for value in point)
    details: tuple[Detail, ...] = ()
    if lonlat is not None:
        lon, lat = (coordinate(value, 7) for value in lonlat)
        details = (("tools.detail.lonlat", {"lon": lon, "lat": lat}),)
    facts = {"east": east, "north": north, "height": height}
    return Figure("", "tools.figure.point", details, facts, brief="tools.figure.point.short")


def _distance(start: Floats, stop: Floats) -> Figure:
    step = stop - start
    flat = float(np.hypot(step[0], step[1]))
    east, north, height = (coordinate(value, signed=True) for value in step)
    details: list[Detail] = [
        ("tools.detail.flat", {"flat": number(flat, 3)}),
        ("tools.detail.steps", {"east": east, "north": north, "height": height}),
    ]
    if flat > 0.01 and abs(step[2]) > 0.001:
        details.append(("tools.detail.slope", {"slope": coordinate(100 * step[2] / flat, 2, signed=True)}))
    return Figure(quantity(measure.distance_m(start.tolist(), stop.tolist()), "m", 3), details=tuple(details))


def _polyline(points: Floats) -> Figure:
    flat = ("tools.detail.flat", {"flat": number(measure.length_m(points[:, :2]), 3)})
    return Figure(
        quantity(measure.length_m(points), "m", 3), details=(flat, ("tools.detail.parts", {"count": len(points) - 1}))
    )


def _area(points: Floats) -> Figure:
    area, flat, bent = measure.area_m2(points), measure.horizontal_area_m2(points), measure.off_plane_m(points)
    around = measure.length_m(np.concatenate([points, points[:1]]))
    details: list[Detail] = [("tools.detail.around", {"length": number(around, 3)})]
    if area - flat > 0.0005 * max(area, 1.0):
        details.append(("tools.detail.plan_area", {"area": Area(flat)}))
    if bent > FLAT_M:
        details.append(("tools.detail.bent", {"gap": coordinate(bent, 2)}))
    return _area_figure(area, details)


def _angle(points: Floats) -> Figure:
    one, corner, two = (point.tolist() for point in points)
    turn = measure.angle_deg(one, corner, two)
    arms = {"one": number(measure.distance_m(one, corner), 3), "two": number(measure.distance_m(two, corner), 3)}
    return Figure("—" if turn is None else f"{coordinate(turn, 2)}°", details=(("tools.detail.arms", arms),))


def _placements(meshes: MeshStore, rows: Ints) -> MeshStore:
    """Return some placements of a model as a store of their own: one element, each mesh scaled as it is placed.

    Vertices are float64, so that corners that were one stay one.
    """
    mesh = np.asarray(meshes.placement_mesh)[rows]
    linear = np.asarray(meshes.placement_matrix, dtype=np.float64)[rows, :3, :3]
    points = [
        np.asarray(meshes.vertices[meshes.mesh_vertices[m] : meshes.mesh_vertices[m + 1]], np.float64) @ turn.T
        for m, turn in zip(mesh, linear, strict=True)
    ]
    faces = [np.asarray(meshes.faces[meshes.mesh_faces[m] : meshes.mesh_faces[m + 1]]) for m in mesh]
    return MeshStore(
        np.concatenate([np.zeros((0, 3)), *points]),
        np.concatenate([np.zeros((0, 3), np.int32), *faces]),
        np.zeros(sum(map(len, faces)), np.int32),
        np.cumsum([0, *map(len, points)]),
        np.cumsum([0, *map(len, faces)]),
        np.arange(len(rows), dtype=np.int32),
        np.zeros(len(rows), np.int32),
        np.tile(np.eye(4), (len(rows), 1, 1)),
        np.zeros((0, 4), np.float32),
    )

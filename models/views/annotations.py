"""Annotations (批注): words, arrows and shapes that people write into the city, in world coordinates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from models.crs.frame import Frame
from models.views.camera import Vector

#: Kinds with the points that each needs at least.
KINDS = {"text": 1, "pin": 1, "arrow": 2, "line": 2, "freehand": 2, "area": 3}
#: Colours that are offered; any ``"#rrggbb"`` may be kept.
COLOURS = ("#d6336c", "#e8590c", "#f0b400", "#2f9e44", "#1c7ed6", "#7048e8", "#343a40")


@dataclass(frozen=True, slots=True)
class Note:
    """One annotation.

    Parameters
    ----------
    id : str
    kind : str
        See :data:`KINDS`. An arrow points at its last point; an area is a ring; freehand is a line drawn in one go.
    points : tuple of (E, N, H)
        World coordinates, project CRS, metres.
    text : str
        May hold line breaks; may be empty for shapes.
    colour : str
        ``"#rrggbb"``.
    author, date : str
        Who wrote it, and the ISO date.
    number : int
        Of a pin, from 1; 0 for other kinds.
    """

    id: str
    kind: str
    points: tuple[Vector, ...]
    text: str = ""
    colour: str = COLOURS[0]
    author: str = ""
    date: str = ""
    number: int = 0

    @property
    def anchor(self) -> Vector:
        """Return where the words stand: the tail of an arrow, the middle of an area, else the first point."""
        if self.kind != "area":
            return self.points[0]
        east, north, height = (sum(point[k] for point in self.points) / len(self.points) for k in range(3))
        return east, north, height


def moved(note: Note, by: Vector) -> Note:
    """Return a note shifted by (east, north, up) metres."""
    return replace(note, points=tuple((p[0] + by[0], p[1] + by[1], p[2] + by[2]) for p in note.points))


def next_number(notes: Iterable[Note]) -> int:
    """Return the number of the next pin."""
    return max((note.number for note in notes), default=0) + 1


def as_geojson(notes: Iterable[Note], frame: Frame) -> dict[str, Any]:
    """Return notes as a GeoJSON FeatureCollection in longitude, latitude and height (RFC 7946).

    Parameters
    ----------
    notes : iterable of Note
    frame : Frame
        Of the notes' coordinates.
    """

    def place(point: Vector) -> list[float]:
        lon, lat = frame.lonlat(point[0], point[1])
        return [round(lon, 9), round(lat, 9), round(point[2], 3)]

    features = []
    for note in notes:
        places = [place(point) for point in note.points]
        if note.kind in ("text", "pin"):
            geometry: dict[str, Any] = {"type": "Point", "coordinates": places[0]}
        elif note.kind == "area":
            ring = places if _turns_left(note.points) else places[::-1]
            geometry = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
        else:
            geometry = {"type": "LineString", "coordinates": places}
        told = {name: getattr(note, name) for name in ("kind", "text", "colour", "author", "date", "number")}
        features.append({"type": "Feature", "id": note.id, "geometry": geometry, "properties": told})
    return {"type": "FeatureCollection", "features": features}


def _turns_left(ring: tuple[Vector, ...]) -> bool:
    """Whether a ring goes round against the clock, as RFC 7946 wants outer rings."""
    pairs = zip(ring, (*ring[1:], ring[0]), strict=True)
    return sum((b[0] - a[0]) * (b[1] + a[1]) for a, b in pairs) < 0

"""Corrections of a layer's coordinates before they are in a CRS, each step with its exact inverse.

Invariants
----------
1. Every step is a function of a point alone and has an inverse, so that a layer whose steps were changed is set right
   from the numbers it has, without reading its file again.
2. Steps know nothing of layers: arrays (n, 2) in, arrays (n, 2) out. :func:`placed` applies them to a layer's data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.errors import UserError
from models.crs.doctor import gcj02
from models.crs.frame import parse_crs, transformer

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing done to coordinates.

    Parameters
    ----------
    name : str
        ``"swap"``: northing came first. ``"scale"`` (k): another unit. ``"shift"`` (dx, dy): a false origin.
        ``"similarity"`` (tx, ty, a, b): the 4-parameter fit X = tx + a·x − b·y, Y = ty + b·x + a·y.
        ``"negate_x"``: longitude with the wrong sign. ``"dms"``: DDD.MMSS packed degrees; ``"dms_whole"``: DDDMMSS;
        ``"dmm"``: DDDMM.mmmm, degrees and decimal minutes.
        ``"gcj02"``, ``"bd09"``: shifted degrees undone. ``"reproject"``: from one CRS to another, ``text`` =
        ``"EPSG:3857>EPSG:4326"``. ``"helmert"`` (dx, dy, dz in m; rx, ry, rz in arc seconds; scale in ppm): the
        7-parameter shift between the datums of the two CRSs in ``text``. ``"height"`` (dz): metres
        added to heights; leaves the plane alone.
    values : tuple of float
    text : str
    """

    name: str
    values: tuple[float, ...] = ()
    text: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-ready form."""
        return {"name": self.name, "values": list(self.values), "text": self.text}

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Step:
        """Rebuild what :meth:`as_dict` wrote."""
        return cls(str(row["name"]), tuple(float(v) for v in row.get("values", ())), str(row.get("text", "")))


def apply(steps: Iterable[Step], points: Array) -> Array:
    """Return points (n, 2) after all steps.

    Raises
    ------
    UserError
        ``crs_doctor.unknown_step`` for a step of a later version.
    """
    points = np.array(points, dtype=np.float64, copy=True).reshape(-1, 2)
    for step in steps:
        points = _forward(step)(points)
    return points


def undo(steps: Sequence[Step], points: Array) -> Array:
    """Return points (n, 2) before all steps."""
    points = np.array(points, dtype=np.float64, copy=True).reshape(-1, 2)
    for step in reversed(steps):
        points = _backward(step)(points)
    return points


def height_offset_m(steps: Iterable[Step]) -> float:
    """Return the metres that the steps add to heights."""
    return float(sum(step.values[0] for step in steps if step.name == "height"))


def in_plane(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Return the steps that move points in the plane."""
    return tuple(step for step in steps if step.name != "height")


def _forward(step: Step) -> Callable[[Array], Array]:
    v = step.values
    match step.name:
        case "swap":
            return lambda p: p[:, ::-1].copy()
        case "scale":
            return lambda p: p * v[0]
        case "shift":
            return lambda p: p + np.array(v)
        case "negate_x":
            return lambda p: p * np.array([-1.0, 1.0])
        case "similarity":
            return lambda p: np.column_stack(
                [v[0] + v[2] * p[:, 0] - v[3] * p[:, 1], v[1] + v[3] * p[:, 0] + v[2] * p[:, 1]]
            )
        case "dms":
            return degrees_of_dms
        case "dms_whole":
            return lambda p: degrees_of_dms(p / 1e4)
        case "dmm":
            return degrees_of_minutes
        case "gcj02":
            return gcj02.wgs84_of_gcj02
        case "bd09":
            return gcj02.wgs84_of_bd09
        case "reproject":
            return _between(*step.text.split(">"))
        case "helmert":
            return _helmert(v, *step.text.split(">"))
        case "height":
            return lambda p: p
    raise UserError("crs_doctor.unknown_step", step=step.name)


def _backward(step: Step) -> Callable[[Array], Array]:
    v = step.values
    match step.name:
        case "swap" | "negate_x" | "height":
            return _forward(step)
        case "scale":
            return lambda p: p / v[0]
        case "shift":
            return lambda p: p - np.array(v)
        case "similarity":
            a, b = v[2], v[3]
            square = a * a + b * b

            def back(p: Array) -> Array:
                x, y = p[:, 0] - v[0], p[:, 1] - v[1]
                return np.column_stack([(a * x + b * y) / square, (a * y - b * x) / square])

            return back
        case "dms":
            return dms_of_degrees
        case "dms_whole":
            return lambda p: dms_of_degrees(p) * 1e4
        case "dmm":
            return minutes_of_degrees
        case "gcj02":
            return gcj02.gcj02_of
        case "bd09":
            return gcj02.bd09_of
        case "reproject":
            source, target = step.text.split(">")
            return _between(target, source)
        case "helmert":
            return _back_by_rounds(_helmert(v, *step.text.split(">")))
    raise UserError("crs_doctor.unknown_step", step=step.name)


def _between(source: str, target: str) -> Callable[[Array], Array]:
    def move(points: Array) -> Array:
        return np.column_stack(transformer(source, target).transform(points[:, 0], points[:, 1]))

    return move


def _helmert(values: Sequence[float], source: str, target: str) -> Callable[[Array], Array]:
    """Return the way from one plane to another by seven parameters (position vector, EPSG 9606), heights being 0.

    A CRS with the shift in it (``+towgs84``) will not do: PROJ applies it on the way to WGS 84 and silently leaves it
    out on the way to CGCS2000, which is 70 m.
    """
    from pyproj import Transformer

    first, second = parse_crs(source), parse_crs(target)
    ends = [
        f"+a={crs.ellipsoid.semi_major_metre!r} +rf={crs.ellipsoid.inverse_flattening!r}" for crs in (first, second)
    ]
    names = ("x", "y", "z", "rx", "ry", "rz", "s")
    shift = " ".join(f"+{name}={value!r}" for name, value in zip(names, values, strict=True))
    change = Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
        f"+step +proj=cart {ends[0]} +step +proj=helmert {shift} +convention=position_vector "
        f"+step +inv +proj=cart {ends[1]} +step +proj=unitconvert +xy_in=rad +xy_out=deg"
    )
    out_of = None if first.is_geographic else transformer(source, str(first.geodetic_crs.to_wkt()))
    into = None if second.is_geographic else transformer(str(second.geodetic_crs.to_wkt()), target)

    def move(points: Array) -> Array:
        x, y = points[:, 0], points[:, 1]
        if out_of is not None:
            x, y = out_of.transform(x, y)
        x, y, _ = change.transform(x, y, np.zeros(len(points)))
        if into is not None:
            x, y = into.transform(x, y)
        return np.column_stack([x, y])

    return move


def _back_by_rounds(forward: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """Return the inverse of a move that changes all points by nearly the same, exact to a micrometre."""

    def back(points: Array) -> Array:
        found = points.copy()
        for _ in range(12):
            miss = forward(found) - points
            miss[~np.isfinite(miss)] = 0.0
            found = found - miss
            if not miss.size or np.abs(miss).max() < 1e-9:
                break
        return found

    return back


def degrees_of_dms(packed: Array) -> Array:
    """Return decimal degrees of DDD.MMSSss: 117.0730 is 117° 07′ 30″.

    Rounded at a ten-millionth of a second, since 36.3 is stored as 36.29999… and would otherwise gain 40 seconds.
    """
    sign, value = np.sign(packed), np.abs(packed)
    seconds_all = np.round(value * 1e4, 7)  # DDDMMSS.ss
    degrees = np.floor(seconds_all / 1e4)
    minutes = np.floor((seconds_all - degrees * 1e4) / 1e2)
    seconds = seconds_all - degrees * 1e4 - minutes * 1e2
    return np.asarray(sign * (degrees + minutes / 60.0 + seconds / 3600.0))


def dms_of_degrees(degrees_all: Array) -> Array:
    """Return DDD.MMSSss of decimal degrees."""
    sign, value = np.sign(degrees_all), np.round(np.abs(degrees_all) * 3600.0, 7)
    degrees = np.floor(value / 3600.0)
    minutes = np.floor((value - degrees * 3600.0) / 60.0)
    seconds = value - degrees * 3600.0 - minutes * 60.0
    return np.asarray(sign * (degrees + minutes / 1e2 + seconds / 1e4))


def degrees_of_minutes(packed: Array) -> Array:
    """Return decimal degrees of DDDMM.mmmm: 12021.488 is 120° 21.488′."""
    sign, value = np.sign(packed), np.round(np.abs(packed), 11)
    degrees = np.floor(value / 100.0)
    return np.asarray(sign * (degrees + (value - degrees * 100.0) / 60.0))


def minutes_of_degrees(degrees_all: Array) -> Array:
    """Return DDDMM.mmmm of decimal degrees."""
    sign, value = np.sign(degrees_all), np.round(np.abs(degrees_all) * 60.0, 11)
    degrees = np.floor(value / 60.0)
    return np.asarray(sign * (degrees * 100.0 + value - degrees * 60.0))

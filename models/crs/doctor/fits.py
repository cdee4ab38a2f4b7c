"""Fits from control points: 4 parameters in the plane, 7 in space, with residuals and a test for outliers.

4 parameters (平面四参数, 2-D similarity): X = tx + a·x − b·y, Y = ty + b·x + a·y with a = k·cos α, b = k·sin α. It
leads from a city's own plane to a projected CRS and holds for the area of its points, a town of some 20–40 km.

7 parameters (布尔莎七参数, Helmert, position vector convention as EPSG 9606): three shifts, three small turns, a scale,
between two ellipsoids. It leads from Beijing 1954 or Xian 1980 to CGCS2000.

Invariants
----------
1. Coordinates are taken to their middle before anything is solved: with northings of 4 400 000 m the normal equations
   would otherwise lose a millimetre.
2. A fit without a check is not a fit: with the least number of points residuals are zero and say nothing, and
   ``redundancy`` is 0.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.core.errors import UserError
from models.core.spreadsheet_text import guarded, unguarded
from models.crs.doctor.steps import Step
from models.crs.frame import parse_crs, transformer

Array = NDArray[np.float64]

_ARC_SECOND = math.pi / 180.0 / 3600.0
#: Critical value of Baarda's w-test at a level of 0.1 %, as usual for surveying networks.
CRITICAL = 3.29
HEADS = ("name", "x", "y", "h", "easting", "northing", "height", "used")


@dataclass(frozen=True, slots=True)
class ControlPoint:
    """One point known in both systems.

    Parameters
    ----------
    name : str
    x, y, h : float
        In the layer's own system: easting, northing, height (0 where there is none), metres.
    easting, northing, height : float
        In the target system.
    used : bool
        Whether it takes part in the fit; one that does not is a check point.
    """

    name: str
    x: float
    y: float
    easting: float
    northing: float
    h: float = 0.0
    height: float = 0.0
    used: bool = True


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted transformation.

    Parameters
    ----------
    kind : str
        ``"plane4"`` or ``"space7"``.
    values : tuple of float
        plane4: tx, ty (m), a, b. space7: dx, dy, dz (m), rx, ry, rz (arc seconds), scale (ppm).
    residuals_m : tuple of (float, float)
        Target minus transformed, easting and northing, one a point (check points too).
    heights_m : tuple of float
        The same of heights; zeros for plane4.
    normalised : tuple of float
        Residual over its own standard deviation, one a point; NaN where nothing is left over to judge by.
    outliers : tuple of int
        Points whose normalised residual is beyond :data:`CRITICAL`, worst first.
    rms_m : float
        Root mean square of the used points' residual vectors.
    redundancy : int
        Observations beyond what the parameters need.
    """

    kind: str
    values: tuple[float, ...]
    residuals_m: tuple[tuple[float, float], ...]
    heights_m: tuple[float, ...]
    normalised: tuple[float, ...]
    outliers: tuple[int, ...]
    rms_m: float
    redundancy: int

    @property
    def scale(self) -> float:
        """Return the scale factor."""
        return math.hypot(*self.values[2:4]) if self.kind == "plane4" else 1.0 + self.values[6] * 1e-6

    @property
    def turn_deg(self) -> float:
        """Return the turn in the plane, degrees counter-clockwise (plane4)."""
        return math.degrees(math.atan2(self.values[3], self.values[2]))

    def step(self, source_crs: str = "", target_crs: str = "") -> Step:
        """Return the fit as what is done to a layer's numbers; the CRSs are those of the fit in space."""
        if self.kind == "plane4":
            return Step("similarity", self.values)
        return Step("helmert", self.values, f"{source_crs}>{target_crs}")


def fit_plane(points: Sequence[ControlPoint]) -> Fit:
    """Return the 4-parameter fit of the points that are used, least squares.

    Raises
    ------
    UserError
        ``crs_doctor.few_points`` for fewer than two; ``crs_doctor.one_spot`` where all lie on one spot.
    """
    used = np.array([point.used for point in points], dtype=bool)
    _require(points, used, 2)
    source = np.array([[point.x, point.y] for point in points], dtype=np.float64)
    target = np.array([[point.easting, point.northing] for point in points], dtype=np.float64)
    from_middle, to_middle = source[used].mean(axis=0), target[used].mean(axis=0)
    p, q = source - from_middle, target - to_middle
    n = len(points)
    design = np.zeros((2 * n, 4))
    design[0::2] = np.column_stack([np.ones(n), np.zeros(n), p[:, 0], -p[:, 1]])
    design[1::2] = np.column_stack([np.zeros(n), np.ones(n), p[:, 1], p[:, 0]])
    rows = np.repeat(used, 2)
    scaled = np.abs(p[used]).max()
    if scaled < 1e-6:
        raise UserError("crs_doctor.one_spot")
    unit = np.array([1.0, 1.0, 1.0 / scaled, 1.0 / scaled])
    solved = np.linalg.lstsq(design[rows] * unit, q.reshape(-1)[rows], rcond=None)[0] * unit
    miss = q.reshape(-1) - design @ solved
    tx, ty, a, b = solved
    x0, y0 = from_middle
    values = (
        float(to_middle[0] + tx - a * x0 + b * y0), float(to_middle[1] + ty - b * x0 - a * y0), float(a), float(b)
    )  # fmt: skip
    return _judged("plane4", values, miss.reshape(-1, 2), np.zeros(n), design * unit, miss, used, 2)


def fit_space(points: Sequence[ControlPoint], source_crs: str, target_crs: str) -> Fit:
    """Return the 7-parameter fit between the datums of two CRSs.

    Parameters
    ----------
    points : sequence of ControlPoint
        At least three; heights are above the respective ellipsoid, or 0 everywhere, which costs little in the plane.
    source_crs, target_crs : str
        CRSs in which the two sets of coordinates stand, e.g. ``"EPSG:2415"`` and ``"EPSG:4527"``.

    Raises
    ------
    UserError
        ``crs_doctor.few_points``, ``crs_doctor.one_spot``.
    """
    used = np.array([point.used for point in points], dtype=bool)
    _require(points, used, 3)
    n = len(points)
    source = geocentric(np.array([[p.x, p.y, p.h] for p in points]), source_crs)
    target = geocentric(np.array([[p.easting, p.northing, p.height] for p in points]), target_crs)
    middle = source[used].mean(axis=0)
    p = source - middle
    size = np.abs(p[used]).max()
    if size < 1.0:
        raise UserError("crs_doctor.one_spot")
    design = np.zeros((3 * n, 7))
    zero, one = np.zeros(n), np.ones(n)
    # Position vector: T = S + d + r × S + m·S, here about the middle of the points.
    design[0::3] = np.column_stack([one, zero, zero, zero, p[:, 2], -p[:, 1], p[:, 0]])
    design[1::3] = np.column_stack([zero, one, zero, -p[:, 2], zero, p[:, 0], p[:, 1]])
    design[2::3] = np.column_stack([zero, zero, one, p[:, 1], -p[:, 0], zero, p[:, 2]])
    unit = np.array([1.0] * 3 + [1.0 / size] * 4)
    rows = np.repeat(used, 3)
    wanted = (target - source).reshape(-1)
    solved = np.linalg.lstsq(design[rows] * unit, wanted[rows], rcond=None)[0] * unit
    turn, scale = solved[3:6], solved[6]
    shift = solved[:3] - np.cross(turn, middle) - scale * middle
    values = (*(float(v) for v in shift), *(float(v / _ARC_SECOND) for v in turn), float(scale * 1e6))
    miss_space = wanted - design @ solved
    east_north_up = np.einsum("nij,nj->ni", _local_axes(points, target_crs), miss_space.reshape(-1, 3))
    return _judged("space7", values, east_north_up[:, :2], east_north_up[:, 2], design * unit, miss_space, used, 3)


def geocentric(points: Array, crs: str) -> Array:
    """Return geocentric X, Y, Z (n, 3) of coordinates (n, 3) on the ellipsoid of their own CRS, no datum changed."""
    known = parse_crs(crs)
    lonlat = np.column_stack(_to_degrees(points, crs))
    a, flat = known.ellipsoid.semi_major_metre, 1.0 / known.ellipsoid.inverse_flattening
    square = flat * (2.0 - flat)
    lon, lat, h = np.radians(lonlat[:, 0]), np.radians(lonlat[:, 1]), points[:, 2]
    n = a / np.sqrt(1.0 - square * np.sin(lat) ** 2)
    return np.column_stack(
        [(n + h) * np.cos(lat) * np.cos(lon), (n + h) * np.cos(lat) * np.sin(lon), (n * (1 - square) + h) * np.sin(lat)]
    )


def _to_degrees(points: Array, crs: str) -> tuple[Array, Array]:
    known = parse_crs(crs)
    base = known.geodetic_crs
    if known.is_geographic or base is None:
        return points[:, 0], points[:, 1]
    lon, lat = transformer(crs, str(base.to_wkt())).transform(points[:, 0], points[:, 1])
    return np.asarray(lon), np.asarray(lat)


def _local_axes(points: Sequence[ControlPoint], crs: str) -> Array:
    """Return the matrices (n, 3, 3) from geocentric to east, north, up at the target points."""
    lon, lat = _to_degrees(np.array([[p.easting, p.northing, 0.0] for p in points]), crs)
    lam, phi = np.radians(lon), np.radians(lat)
    zero = np.zeros_like(lam)
    east = np.column_stack([-np.sin(lam), np.cos(lam), zero])
    north = np.column_stack([-np.sin(phi) * np.cos(lam), -np.sin(phi) * np.sin(lam), np.cos(phi)])
    up = np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])
    return np.stack([east, north, up], axis=1)


def _judged(
    kind: str, values: tuple[float, ...], plane: Array, heights: Array, design: Array, miss: Array,
    used: NDArray[np.bool_], dimension: int,
) -> Fit:  # fmt: skip
    """Test the residuals: each over the deviation it should have (Baarda's w), estimated without itself."""
    rows = np.repeat(used, dimension)
    a, v = design[rows], miss[rows]
    redundancy = int(len(v) - design.shape[1])
    normalised = np.full(len(used), np.nan)
    if redundancy > 0:
        hat = np.einsum("ij,jk,ik->i", a, np.linalg.pinv(a.T @ a), a)
        total = float(v @ v)
        part = np.clip(1.0 - hat, 1e-9, None)
        # Studentised from outside: the variance without the observation itself, else one blunder hides its own size.
        others = np.maximum(total - v**2 / part, 0.0) / max(redundancy - 1, 1)
        floor = (1e-6 + 1e-9 * np.abs(miss).max()) ** 2
        w = np.abs(v) / np.sqrt(np.maximum(others, floor) * part)
        w[part < 1e-6] = np.nan
        normalised[used] = np.nanmax(w.reshape(-1, dimension), axis=1) if redundancy > 1 else np.nan
    ranked = sorted((k for k in range(len(used)) if normalised[k] > CRITICAL), key=lambda k: -normalised[k])
    rms = float(np.sqrt((plane[used] ** 2).sum(axis=1).mean()))
    return Fit(
        kind, values, tuple((float(e), float(n)) for e, n in plane), tuple(float(h) for h in heights),
        tuple(float(w) for w in normalised), tuple(ranked), rms, redundancy,
    )  # fmt: skip


def _require(points: Sequence[ControlPoint], used: NDArray[np.bool_], least: int) -> None:
    numbers = np.array([[p.x, p.y, p.h, p.easting, p.northing, p.height] for p in points], dtype=np.float64)
    if int(used.sum()) < least:
        raise UserError("crs_doctor.few_points", count=int(used.sum()), least=least)
    if not np.isfinite(numbers[used]).all() or np.abs(numbers[used]).max() > 1e11:
        raise UserError("crs_doctor.bad_points")


def without_outliers(points: Sequence[ControlPoint], fit: Fit) -> list[ControlPoint]:
    """Return the points with the worst outlier made a check point; one at a time, since one blunder spoils others."""
    if not fit.outliers:
        return list(points)
    worst = fit.outliers[0]
    return [replace(point, used=False) if at == worst else point for at, point in enumerate(points)]


def to_csv(points: Sequence[ControlPoint]) -> str:
    """Return control points as a CSV table."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(HEADS)
    for p in points:
        numbers = (p.x, p.y, p.h, p.easting, p.northing, p.height)
        table.writerow([guarded(p.name), *(repr(float(value)) for value in numbers), int(p.used)])
    return out.getvalue()


def from_text(text: str) -> list[ControlPoint]:
    """Return control points from a CSV table, or from cells pasted out of a spreadsheet.

    With a head of names as :func:`to_csv` writes them, columns may stand in any order. Without one: four numbers are
    x, y, easting, northing; five with the first a name; six x, y, h, easting, northing, height; seven with a name.

    Raises
    ------
    UserError
        ``crs_doctor.bad_points`` naming the line.
    """
    lines = [line for line in text.replace("，", ",").replace("；", ";").splitlines() if line.strip()]
    if not lines:
        return []
    mark = max("\t;,", key=lines[0].count)
    if not lines[0].count(mark):
        mark = " "
    rows = [
        [unguarded(cell.strip()) for cell in row if cell.strip() or mark != " "]
        for row in csv.reader(lines, delimiter=mark)
    ]
    heads = [cell.lower() for cell in rows[0]]
    named = {"x", "y", "easting", "northing"} <= set(heads)
    if not named and not any(_is_number(cell) for cell in rows[0][1:]):
        rows = rows[1:]
    found: list[ControlPoint] = []
    for at, row in enumerate(rows[1:] if named else rows, 1):
        try:
            found.append(_named(dict(zip(heads, row, strict=False))) if named else _bare(row, at))
        except (ValueError, KeyError):
            raise UserError("crs_doctor.bad_line", line=at) from None
    return found


def _named(row: dict[str, str]) -> ControlPoint:
    def number(name: str) -> float:
        return float(row[name].replace(" ", "")) if row.get(name) else 0.0

    used = (row.get("used") or "1").lower() not in ("0", "false", "no", "否")
    if not all(row.get(name) for name in ("x", "y", "easting", "northing")):
        raise ValueError
    return ControlPoint(
        row.get("name", ""), number("x"), number("y"), number("easting"), number("northing"), number("h"),
        number("height"), used,
    )  # fmt: skip


def _bare(row: list[str], at: int) -> ControlPoint:
    name = ""
    if len(row) in (5, 7):
        name, row = row[0], row[1:]
    numbers = [float(cell.replace(" ", "")) for cell in row]
    if len(numbers) == 4:
        x, y, easting, northing = numbers
        return ControlPoint(name or str(at), x, y, easting, northing)
    x, y, h, easting, northing, height = numbers
    return ControlPoint(name or str(at), x, y, easting, northing, h, height)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True

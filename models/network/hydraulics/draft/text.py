"""The text of a drafted SWMM model, as its own editor would write it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import shapely

from models.network.hydraulics.draft.catchments import Catchments
from models.network.hydraulics.draft.parts import Parts
from models.network.hydraulics.draft.rain import chicago
from models.network.hydraulics.draft.rules import Storm

#: Horton's parameters and depression storage that SWMM's manual gives for want of a survey: mm/h, mm/h, 1/h, days, mm.
HORTON = (76.0, 3.3, 4.0, 7.0, 0.0)
#: Manning's n and depression storage (mm) of impervious and pervious ground, share without storage.
GROUND = (0.013, 0.15, 1.5, 5.0, 25.0)
#: After the rain the model runs on for so long, minutes.
AFTER_MIN = 60.0


def model_text(parts: Parts, catchments: Catchments, storm: Storm, crs: str) -> str:
    """Return the model."""
    rain = chicago(storm.formula, storm.years, storm.minutes, storm.peak, storm.step_min)
    names, areas = parts.node_name, [f"S{at + 1}" for at in range(len(catchments.area_m2))]
    junction = np.flatnonzero(~parts.is_outfall)
    end = storm.minutes + AFTER_MIN
    sections: list[tuple[str, list[tuple[str, ...]]]] = [
        ("TITLE", [("Draft from a register of drains; not calibrated. Every assumption stands in the list beside it.",),
                   (f"Coordinates: {crs or 'as in the register'}",)]),
        ("OPTIONS", [
            ("FLOW_UNITS", "CMS"), ("INFILTRATION", "HORTON"), ("FLOW_ROUTING", "DYNWAVE"), ("LINK_OFFSETS", "DEPTH"),
            ("ALLOW_PONDING", "NO"), ("START_DATE", "01/01/2000"), ("START_TIME", "00:00:00"),
            ("REPORT_START_DATE", "01/01/2000"), ("REPORT_START_TIME", "00:00:00"),
            ("END_DATE", f"01/{1 + int(end // 1440):02d}/2000"),
            ("END_TIME", f"{int(end // 60 % 24):02d}:{int(end % 60):02d}:00"), ("REPORT_STEP", "00:01:00"),
            ("WET_STEP", "00:01:00"), ("DRY_STEP", "00:05:00"), ("ROUTING_STEP", "5"), ("VARIABLE_STEP", "0.75"),
            ("LENGTHENING_STEP", "5"), ("MINIMUM_STEP", "1"),
            ("MIN_SURFAREA", "1.167"), ("MAX_TRIALS", "8"), ("HEAD_TOLERANCE", "0.0015"), ("THREADS", "1"),
        ]),
        ("RAINGAGES", [("Rain", "INTENSITY", f"0:{int(storm.step_min):02d}", "1.0", "TIMESERIES", "Storm")]),
        ("SUBCATCHMENTS", [
            (area, "Rain", names[outlet], _n(size / 10_000, 4), _n(imperv, 1), _n(np.sqrt(size), 1), _n(slope, 2), "0")
            for area, outlet, size, imperv, slope in zip(
                areas, catchments.outlet, catchments.area_m2, catchments.imperv_percent, catchments.slope_percent,
                strict=True)
        ]),
        ("SUBAREAS", [(area, *(f"{one:g}" for one in GROUND), "OUTLET") for area in areas]),
        ("INFILTRATION", [(area, *(f"{one:g}" for one in HORTON)) for area in areas]),
        ("JUNCTIONS", [(names[at], _n(parts.invert[at]), _n(parts.ground[at] - parts.invert[at]), "0", "0", "0")
                       for at in junction]),
        ("OUTFALLS", [(names[at], _n(parts.invert[at]), "FREE", "NO") for at in np.flatnonzero(parts.is_outfall)]),
        ("CONDUITS", [
            (name, names[start], names[end], _n(length), _n(rough, 4), _n(up), _n(down), "0", "0")
            for name, start, end, length, rough, up, down in zip(
                parts.link_name, parts.start, parts.end, parts.length, parts.roughness, parts.start_offset,
                parts.end_offset, strict=True)
        ]),
        ("XSECTIONS", [(name, shape, _n(height), _n(width), "0", "0", "1") for name, shape, height, width in zip(
            parts.link_name, parts.shape, parts.height, parts.width, strict=True)]),
        ("TIMESERIES", [("Storm", f"{int(at * storm.step_min // 60)}:{int(at * storm.step_min % 60):02d}", _n(one))
                        for at, one in enumerate([*rain.tolist(), 0.0])]),
        ("REPORT", [("INPUT", "NO"), ("CONTROLS", "NO"), ("SUBCATCHMENTS", "ALL"), ("NODES", "ALL"), ("LINKS", "ALL")]),
        ("COORDINATES", [(name, _n(x), _n(y)) for name, (x, y) in zip(names, parts.xy.tolist(), strict=True)]),
        ("VERTICES", [(name, _n(x), _n(y)) for name, corners in zip(parts.link_name, parts.inner, strict=True)
                      for x, y in corners.tolist()]),
        ("POLYGONS", [(area, _n(x), _n(y)) for area, shape in zip(areas, catchments.shape, strict=True)
                      for x, y in _ring(shape)]),
    ]  # fmt: skip
    return "\n".join(_section(title, rows) for title, rows in sections)


def _section(title: str, rows: Iterable[tuple[str, ...]]) -> str:
    lines = ["  ".join(f"{token:<16}" for token in row).rstrip() for row in rows]
    return "\n".join([f"[{title}]", *lines, ""])


def _n(value: float, digits: int = 3) -> str:
    return f"{float(value):.{digits}f}"


def _ring(shape: object) -> list[list[float]]:
    """Return the outline of an area; of several parts that of the largest, for a model holds one."""
    parts = shapely.get_parts(shape)
    largest = parts[int(np.argmax(shapely.area(parts)))]
    corners: list[list[float]] = shapely.get_coordinates(shapely.get_exterior_ring(largest)).tolist()
    return corners

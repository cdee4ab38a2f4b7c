"""What readers of flat data share: is a CRS known, can it be true, and what geometry must be left out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models.core.errors import Caution, UserError
from models.crs.frame import UNSETTLED, parse_crs

if TYPE_CHECKING:
    import geopandas as gpd

#: Validity of areas costs microseconds each; it is asked of tables up to this size.
_VALID_LIMIT = 200_000
#: So many records are named in a caution.
_ROWS_NAMED = 5


def crs_text(crs: Any) -> str:
    """Return a pyproj or rasterio CRS as ``"EPSG:4548"`` where it is exactly that, else as WKT; empty for None."""
    if not crs:
        return ""
    known = parse_crs(crs if isinstance(crs, str) else crs.to_wkt())
    authority = known.to_authority(min_confidence=100)
    return ":".join(authority) if authority else str(known.to_wkt())


def are_degrees(bounds: Any) -> bool:
    """Whether bounds (xmin, ymin, xmax, ymax) can be longitudes and latitudes."""
    xmin, ymin, xmax, ymax = (float(value) for value in bounds)
    return (
        min(xmin, xmax) >= -180.0 and max(xmin, xmax) <= 180.0 and min(ymin, ymax) >= -90.0 and max(ymin, ymax) <= 90.0
    )


def settle_crs(declared: str, asked: str, bounds: Any, file: str) -> tuple[str, list[Caution]]:
    """Decide in which CRS a layer stands; only the CRS doctor (:mod:`models.crs.doctor`) moves numbers.

    Small numbers under a projected CRS may be degrees, or metres of a local plane: both are left as they are.

    Parameters
    ----------
    declared, asked : str
        What the file declares and what the user asks for; either may be empty.
    bounds : sequence of 4 float or None
        Extent of the data, None for data without geometry.
    file : str
        Name for messages.

    Returns
    -------
    crs : str
    cautions : list of Caution
        ``io.metres_in_degrees`` when degrees were claimed for metres and the user named a projected CRS.

    Raises
    ------
    UserError
        ``io.no_crs`` when nobody knows; ``io.metres_in_degrees`` when degrees were claimed for metres.
    """
    if asked == UNSETTLED:  # the CRS doctor judges, not the reader
        return declared or UNSETTLED, []
    if not declared:
        if not asked:
            raise UserError("io.no_crs", file=file)
        parse_crs(asked)
        declared = asked
    if bounds is None or not np.all(np.isfinite(bounds)):
        return declared, []
    known = parse_crs(declared)
    if known.is_geographic and not are_degrees(bounds) and _far_outside(bounds):
        if asked and parse_crs(asked).is_projected:
            return asked, [Caution("io.metres_in_degrees", file=file, crs=_short(declared), used=asked)]
        raise UserError("io.metres_in_degrees", file=file, crs=_short(declared))
    return declared, []


def clean_geometry(frame: gpd.GeoDataFrame, file: str) -> tuple[gpd.GeoDataFrame, list[Caution]]:
    """Leave out features without usable geometry and say how many; never mend silently.

    Empty and missing geometries, and those with NaN or infinite coordinates, go; heights that are NaN cost the
    feature its heights, not its place; several geometry types in one layer stay, with a caution. Measures along lines
    (M) go, collections of like shapes become one shape of many parts, areas whose rings cross themselves stay as they
    are and are counted.
    """
    import shapely

    cautions: list[Caution] = []
    geometry = np.asarray(frame.geometry.array, dtype=object)
    bad = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    empty = named_rows(frame.index[bad]), int(bad.sum())
    coordinates, owner = shapely.get_coordinates(geometry, include_z=False, return_index=True)
    wrong = np.unique(owner[~np.isfinite(coordinates).all(axis=1)])
    if empty[1]:
        cautions.append(Caution("io.empty_geometry", file=file, count=empty[1], rows=empty[0]))
    if len(wrong):
        cautions.append(Caution("io.nan_geometry", file=file, count=len(wrong), rows=named_rows(frame.index[wrong])))
        bad[wrong] = True
    if bad.any():
        frame, geometry = frame[~bad], geometry[~bad]
    has_z = shapely.has_z(geometry)
    if has_z.any():
        z, owner = shapely.get_coordinates(geometry, include_z=True, return_index=True)
        lost = np.intersect1d(np.unique(owner[~np.isfinite(z[:, 2])]), np.flatnonzero(has_z))
        if len(lost):
            geometry = geometry.copy()
            geometry[lost] = shapely.force_2d(geometry[lost])
            frame = frame.assign(**{frame.geometry.name: geometry}).set_geometry(frame.geometry.name, crs=frame.crs)
            cautions.append(Caution("io.nan_height", file=file, count=len(lost)))
    frame, found = _plain_shapes(frame, file)
    cautions += found
    types = {name.removeprefix("Multi") for name in frame.geom_type.unique()}
    if len(types) > 1:
        cautions.append(Caution("io.mixed_geometry", file=file, types=", ".join(sorted(types))))
    return frame, cautions


def _plain_shapes(frame: gpd.GeoDataFrame, file: str) -> tuple[gpd.GeoDataFrame, list[Caution]]:
    """Drop measures, make one shape of collections of like ones, and count areas that are no valid areas."""
    import shapely

    cautions: list[Caution] = []
    geometry = np.array(frame.geometry.array, dtype=object)
    measured = shapely.has_m(geometry)
    if measured.any():
        tall = measured & shapely.has_z(geometry)
        geometry[measured & ~tall] = shapely.force_2d(geometry[measured & ~tall])
        geometry[tall] = shapely.from_wkb(shapely.to_wkb(geometry[tall], output_dimension=3))
        cautions.append(Caution("vector.measures", file=file, count=int(measured.sum())))
    mixed = np.flatnonzero(shapely.get_type_id(geometry) == 7)
    unlike = 0
    for at in mixed:
        geometry[at] = _one_shape(geometry[at])
        unlike += shapely.get_type_id(geometry[at]) == 7
    if len(mixed):
        cautions.append(Caution("vector.collections", file=file, count=len(mixed), unlike=int(unlike)))
    areas = np.isin(shapely.get_type_id(geometry), (3, 6))
    crossed = int((~shapely.is_valid(geometry[areas])).sum()) if len(geometry) <= _VALID_LIMIT else 0
    if crossed:
        cautions.append(Caution("vector.invalid_rings", file=file, count=crossed))
    if measured.any() or len(mixed):
        frame = frame.assign(**{frame.geometry.name: geometry}).set_geometry(frame.geometry.name, crs=frame.crs)
    return frame, cautions


def _one_shape(collection: Any) -> Any:
    """Return points, lines or areas of a collection as one shape where it holds only these, else the collection."""
    import shapely

    parts = shapely.get_parts(shapely.get_parts(collection))
    parts = shapely.get_parts(parts)
    parts = parts[~shapely.is_empty(parts)]
    kinds = set(shapely.get_type_id(parts).tolist())
    makers = {0: shapely.multipoints, 1: shapely.multilinestrings, 3: shapely.multipolygons}
    if len(kinds) != 1 or next(iter(kinds)) not in makers:
        return collection
    return parts[0] if len(parts) == 1 else makers[next(iter(kinds))](parts)


def named_rows(numbers: Any) -> str:
    """Return the first of the numbers by which records are told: ``"3, 8, 12, 13, 20 …"``."""
    known = list(numbers)
    return ", ".join(str(number) for number in known[:_ROWS_NAMED]) + (" …" if len(known) > _ROWS_NAMED else "")


def stem_of(path: Path) -> str:
    """Return a file's name without its ending, as a layer is called."""
    name = path.name
    for ending in (".city.json", ".city.jsonl", ".osm.pbf"):
        if name.lower().endswith(ending):
            return name[: -len(ending)]
    return path.stem


def _short(crs: str) -> str:
    from models.crs.frame import crs_label

    return crs_label(crs)


def _far_outside(bounds: Any) -> bool:
    """Whether values cannot be sloppy degrees (a polygon that crosses 180° goes to 190°, not to 500 000)."""
    return bool(np.abs(np.asarray(bounds, dtype=np.float64)).max() > 720.0)

"""DXF: a drawing's layers as layers of the city, blocks as their lines, texts as labels.

A drawing has no CRS: somebody has to state the one of its coordinates. The units that it declares are often those of
the template, while the surveyor drew in metres; they are reported, not followed.
"""

from __future__ import annotations

import collections
import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from models.core.errors import Caution, UserError
from models.io.common.coordinates import named_rows
from models.io.common.feature_layers import Found, by_family, families
from models.io.role_guess import guess_role
from models.io.vector.dxf_entities import drawing_of, lost, lost_in_blocks, through
from models.io.vector.encodings.dxf import encoding_of_drawing, with_letters
from models.roles import ROLES

#: $INSUNITS → name and metres (AutoCAD DXF Reference, HEADER section; 0 = not stated).
UNITS = {1: ("in", 0.0254), 2: ("ft", 0.3048), 4: ("mm", 0.001), 5: ("cm", 0.01), 6: ("m", 1.0), 7: ("km", 1000.0)}
_HEADER_BYTES = 1 << 18
#: Behind a layer's name: how its bodies are asked for by themselves.
_BODIES = ":bodies"


def take_apart(path: Path, name: str, frame: gpd.GeoDataFrame, unit: str = "") -> list[Found]:
    """Split the entities of a drawing by layer and by kind of shape.

    Parameters
    ----------
    path : Path
    name : str
        Of the drawing.
    frame : GeoDataFrame
        As GDAL gives it: ``Layer``, ``PaperSpace``, ``Text`` …
    unit : str
        What a person says the drawing's unit is: a name in :data:`UNITS`; metres when empty.

    Returns
    -------
    list of Found
        ``sublayer`` is the drawing's layer; texts stand in a part of their own, labelled with what they say.

    Raises
    ------
    UserError
        ``vector.bad_unit``, ``vector.dxf_nothing_drawn``.
    """
    frame, cautions = _completed(path, frame)
    declared, metres = _unit(path)
    if unit:
        scale = dict(UNITS.values()).get(unit)
        if scale is None:
            raise UserError("vector.bad_unit", unit=unit)
        frame = frame.set_geometry(shapely.transform(frame.geometry.array, lambda xyz: xyz * scale, include_z=True))
    elif declared and metres != 1.0:
        cautions.append(Caution("vector.dxf_units", file=path.name, unit=declared))
    if "PaperSpace" in frame.columns:
        paper = frame["PaperSpace"].fillna(False).astype(bool).to_numpy()
        if paper.any():
            cautions.append(Caution("vector.paper_space", file=path.name, count=int(paper.sum())))
            frame = frame[~paper]
    is_body = _are_bodies(frame)
    frame = frame.drop(columns=[c for c in ("PaperSpace", "SubClasses") if c in frame.columns])
    frame = frame.assign(**{name: with_letters(frame[name]) for name in ("Layer", "Text") if name in frame.columns})
    parts: list[Found] = []
    layers = frame["Layer"].astype("str").fillna("0") if "Layer" in frame.columns else None
    for layer in dict.fromkeys(layers.tolist()) if layers is not None else [name]:
        chosen = np.ones(len(frame), bool) if layers is None else (layers == layer).to_numpy()
        parts += _parts(layer, frame[chosen & ~is_body])
        if (chosen & is_body).any():
            names = (f"{layer} · 体", f"{layer} · bodies") if (chosen & ~is_body).any() else (layer, "")
            bodies = frame[chosen & is_body].dropna(axis="columns", how="all")
            parts.append(Found(bodies, names[0], f"{layer}{_BODIES}", names[1], are_bodies=True))
    for told in cautions if not parts else ():
        if told.code == "vector.dxf_not_drawn":
            raise UserError("vector.dxf_nothing_drawn", file=path.name, kinds=str(told.facts["kinds"]))
    if parts:
        parts[0].cautions += cautions
    whole = frame.total_bounds  # a legend near the origin says nothing of the drawing
    for part in parts:
        part.bounds = whole
    return parts


def _completed(path: Path, frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Caution]]:
    """Add what GDAL passes over and can be drawn all the same, and count by kind what cannot.

    Returns
    -------
    frame : GeoDataFrame
        With a line for each spline that is given by the points it goes through.
    cautions : list of Caution
        ``vector.dxf_fit_splines``, ``vector.dxf_not_drawn`` with counts, kinds and the handles of the first ones.
    """
    drawing = drawing_of(path, encoding_of_drawing(path)[0])
    handles = set(frame["EntityHandle"].dropna().astype(str)) if "EntityHandle" in frame.columns else set()
    missing = lost(drawing, handles)
    curves = [(one, line) for one in missing if one.fit and (line := through(one.fit)) is not None]
    cautions = []
    if curves:
        first = int(frame.index.max()) + 1 if len(frame) else 0
        added = gpd.GeoDataFrame(
            {"Layer": [one.layer for one, _ in curves], "EntityHandle": [one.handle or None for one, _ in curves]},
            geometry=[line for _, line in curves], index=range(first, first + len(curves)), crs=frame.crs,
        )  # fmt: skip
        frame = pd.concat([frame, added])
        cautions.append(Caution("vector.dxf_fit_splines", file=path.name, count=len(curves)))
    drawn = {id(one) for one, _ in curves}
    left = [one for one in missing if id(one) not in drawn]
    counts = collections.Counter(one.kind for one in left) + lost_in_blocks(drawing)
    if counts:
        kinds = ", ".join(f"{kind} {count}" for kind, count in counts.most_common())
        rows = named_rows([one.handle for one in left if one.handle]) or "–"
        cautions.append(Caution("vector.dxf_not_drawn", file=path.name, count=counts.total(), kinds=kinds, rows=rows))
    return frame, cautions


def _are_bodies(frame: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Return which rows are faces in space, one by one or together: a map would show them from above only."""
    nothing = np.zeros(len(frame), dtype=bool)
    if "SubClasses" not in frame.columns:
        return nothing
    shapes = np.asarray(frame.geometry.array, dtype=object)
    faces = (
        frame["SubClasses"]
        .astype("str")
        .fillna("")
        .str.contains(r"AcDb(?:Face|PolyFaceMesh)\b", regex=True)
        .to_numpy(bool)
    )
    faces = faces & np.isin(shapely.get_type_id(shapes), (3, 6))
    heights = shapely.get_coordinates(shapes[faces], include_z=True)[:, 2]
    heights = heights[np.isfinite(heights)]
    return faces if len(heights) and np.ptp(heights) > 0 else nothing


def _parts(layer: str, frame: gpd.GeoDataFrame) -> list[Found]:
    if not len(frame):
        return []
    text = frame["Text"].astype("str").fillna("").str.strip() if "Text" in frame.columns else None
    is_text = np.zeros(len(frame), dtype=bool) if text is None else (text != "").to_numpy() & (families(frame) == 0)
    parts = []
    shapes = frame[~is_text].dropna(axis="columns", how="all")
    if len(shapes):
        parts += by_family(_with_areas(Found(shapes, layer, layer)))
    if is_text.any():
        labels = frame[is_text].dropna(axis="columns", how="all")
        both = (f"{layer} · 注记", f"{layer} · texts") if parts else (layer, "")
        parts.append(Found(labels, both[0], layer, both[1], "other", "Text"))
    return parts


def _with_areas(found: Found) -> Found:
    """Make polygons of closed lines, where the layer's name says that its things are areas."""
    frame = found.frame
    assert isinstance(frame, gpd.GeoDataFrame)  # noqa: S101 - the drawing's own
    role = guess_role(found.name, frame, "Polygon")
    shapes = np.asarray(frame.geometry.array, dtype=object)
    ring = (shapely.get_type_id(shapes) == 1) & shapely.is_closed(shapes) & (shapely.get_num_coordinates(shapes) > 3)
    if ROLES[role].geometry != "Polygon" or not ring.any():
        return found
    shapes = shapes.copy()
    corners, owner = shapely.get_coordinates(shapes[ring], return_index=True)
    shapes[ring] = shapely.polygons(shapely.linearrings(corners, indices=owner))
    found.frame = frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))
    found.cautions.append(Caution("vector.closed_lines", layer=found.name, count=int(ring.sum())))
    return found


def _unit(path: Path) -> tuple[str, float]:
    with path.open("rb") as stream:
        head = stream.read(_HEADER_BYTES)
    found = re.search(rb"\$INSUNITS\s+70\s+(\d+)", head)
    return UNITS.get(int(found.group(1)), ("", 1.0)) if found else ("", 1.0)

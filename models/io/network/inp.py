"""A model file of SWMM or EPANET as layers: nodes, links, subcatchments and rain gages.

The file stays the model; the layers show it. Coordinates are those of its map, which names no coordinate system: that
is asked as of any file without one. A model without coordinates becomes tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from models.core.errors import UserError
from models.core.progress import Progress
from models.io.common.coordinates import stem_of
from models.io.common.feature_layers import Found, opened
from models.io.file_info import FileInfo, SubLayer
from models.io.request import Opened, ReadRequest
from models.network.hydraulics.document import InpDocument, read_document
from models.network.hydraulics.tables import tables_of
from models.roles import Role

if TYPE_CHECKING:
    from models.network.hydraulics.tables import ModelTables


@dataclass(frozen=True, slots=True)
class _Part:
    sublayer: str
    zh: str
    en: str
    role: Role


_PARTS = (
    _Part("subcatchments", "子汇水区", "subcatchments", "other"),
    _Part("raingages", "雨量计", "rain gages", "other"),
    _Part("links", "管段", "links", "pipes"),
    _Part("nodes", "节点", "nodes", "pipe_nodes"),
)
_SCHEMA = {"swmm": "SWMM 5", "epanet": "EPANET 2"}


def read(path: Path, request: ReadRequest, progress: Progress) -> list[Opened]:
    """Read a model as layers.

    Raises
    ------
    UserError
        ``network.unknown_model``, ``network.no_network`` for a model without nodes; ``io.no_crs``.
    """
    path = Path(path)
    progress.step(0.0, "progress.io.reading")
    document = read_document(path)
    tables = _tables(document)
    progress.step(0.5, "progress.io.reading")
    stem, cautions, layers = stem_of(path), list(tables.cautions), []
    bounds = tables.nodes.total_bounds if isinstance(tables.nodes, gpd.GeoDataFrame) else None
    for part in _PARTS:
        frame: pd.DataFrame = getattr(tables, part.sublayer)
        if not len(frame) or (request.sublayers and part.sublayer not in request.sublayers):
            continue
        if isinstance(frame, gpd.GeoDataFrame) and not frame.geometry.notna().any():
            frame = pd.DataFrame(frame.drop(columns="geometry"))
        found = Found(
            frame, f"{stem} · {part.zh}", part.sublayer, f"{stem} · {part.en}", part.role, "", cautions, bounds
        )
        layers.append(opened(path, "inp", request, found, {}))
        cautions = []
    return layers


def inspect(path: Path, info: FileInfo) -> None:
    """Complete what is known of a model: its engine, and how many objects it has."""
    document = read_document(path)
    tables = _tables(document)
    info.schema = _SCHEMA[document.dialect]
    for part in _PARTS:
        frame: pd.DataFrame = getattr(tables, part.sublayer)
        if len(frame):
            is_placed = isinstance(frame, gpd.GeoDataFrame) and frame.geometry.notna().any()
            geometry = str(frame.geometry.dropna().geom_type.iat[0]) if is_placed else ""
            extent: Any = tuple(float(one) for one in frame.total_bounds) if is_placed else None
            fields = [str(name) for name in frame.columns if name != "geometry"]
            types = ["number" if pd.api.types.is_numeric_dtype(frame[name]) else "text" for name in fields]
            info.sublayers.append(SubLayer(part.sublayer, geometry, len(frame), fields, "", extent, types))
            info.counts[part.sublayer] = len(frame)
    info.facts["flow_units"] = tables.units.flow
    info.facts["encoding"] = document.encoding
    info.cautions += tables.cautions


def _tables(document: InpDocument) -> ModelTables:
    tables = tables_of(document)
    if not len(tables.nodes):
        raise UserError("network.no_network", file=document.file)
    return tables

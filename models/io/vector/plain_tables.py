"""From a table of texts (a CSV, a sheet) to a layer: coordinates found, types given."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from models.core.errors import Caution, UserError
from models.core.progress import Progress
from models.crs.frame import parse_crs
from models.io.common.column_types import framed, guessed, kind_of, placed, typed
from models.io.common.feature_layers import Found, opened
from models.io.file_info import FileInfo, SubLayer
from models.io.request import Opened, ReadRequest


def layer_of(
    table: pd.DataFrame,
    path: Path,
    reader: str,
    request: ReadRequest,
    name: str,
    *,
    sublayer: str = "",
    cautions: list[Caution] | None = None,
    options: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> Opened:
    """Make a layer of a table of texts: ``vector`` where coordinates were found, else ``table`` with a caution.

    Raises
    ------
    UserError
        ``io.no_crs`` for coordinates in metres without ``request.crs``, ``io.no_column``, ``io.no_features``.
    """
    cautions = list(cautions or ())
    table = table.set_axis(_unique([str(column).strip() for column in table.columns]), axis="columns")
    table.index = pd.Index(np.arange(1, len(table) + 1, dtype=np.int64), name="fid")
    geometry, crs, used = placed(table, request, path.name, cautions)
    frame, lost = typed(table.drop(columns=list(used)), request, path.name, progress)
    cautions += lost
    if geometry is None:
        cautions.append(Caution("io.table_only", file=path.name))
    elif crs == "EPSG:4326" and not request.crs:
        cautions.append(Caution("io.assumed_wgs84", file=path.name))
    if geometry is not None and crs == "EPSG:4326" and request.crs and parse_crs(request.crs).is_geographic:
        crs = request.crs  # degrees of which system only a person knows
    if geometry is not None and "geometry" in frame.columns:
        frame = frame.rename(columns={"geometry": "geometry_"})
    found = Found(framed(frame, geometry, crs), name, sublayer, cautions=cautions)
    return opened(path, reader, request, found, dict(request.options) | dict(options or {}))


def inspect_table(path: Path, info: FileInfo, table: pd.DataFrame, name: str, sublayer: str) -> None:
    """Tell of a table of texts what reading it would make of it.

    Raises
    ------
    UserError
        ``io.no_rows``, and those of :func:`layer_of` but ``io.no_crs``.
    """
    if not len(table):
        raise UserError("io.no_rows", file=path.name)
    try:
        opened = layer_of(table.copy(), path, info.reader, ReadRequest(), name, sublayer=sublayer)
        crs = opened.layer.source.crs
    except UserError as error:
        if error.code != "io.no_crs":
            raise
        opened, crs = layer_of(table.copy(), path, info.reader, ReadRequest(crs="EPSG:4547"), name), ""
        info.cautions.append(Caution("io.without_crs", file=path.name, layer=name))
    frame: Any = opened.data.frame  # type: ignore[union-attr]
    is_placed = opened.layer.kind == "vector"
    fields = [str(column) for column in frame.columns if column != "geometry"]
    info.sublayers.append(
        SubLayer(
            name, str(frame.geom_type.mode().iat[0]) if is_placed else "", len(frame), fields, crs,
            tuple(float(v) for v in frame.total_bounds) if is_placed else None,  # type: ignore[arg-type]
            [kind_of(frame[column]) for column in fields], sublayer,
        )
    )  # fmt: skip
    info.counts[name] = len(frame)
    info.kind = opened.layer.kind
    info.cautions += opened.data.cautions


def with_types(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of texts with the types that its values look like."""
    return pd.DataFrame({str(name): guessed(table[name]) for name in table.columns})


def _unique(names: list[str]) -> list[str]:
    taken: dict[str, int] = {}
    result = []
    for number, stated in enumerate(names, start=1):
        name = stated or f"F{number}"
        taken[name] = taken.get(name, 0) + 1
        result.append(name if taken[name] == 1 else f"{name}_{taken[name]}")
    return result

"""From a table of texts (a CSV, a sheet) to a layer: coordinates found, types given."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from models.core.errors import Caution
from models.core.progress import Progress
from models.crs.frame import parse_crs
from models.io.common.column_types import framed, placed, typed
from models.io.common.feature_layers import Found, opened
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
    geometry, said, used = placed(table, request, path.name, cautions)
    frame, lost = typed(table.drop(columns=list(used)), request, path.name, progress)
    cautions += lost
    if geometry is None:
        cautions.append(Caution("io.table_only", file=path.name))
    elif said == "EPSG:4326" and not request.crs:
        cautions.append(Caution("io.assumed_wgs84", file=path.name))
    if geometry is not None and said == "EPSG:4326" and request.crs and parse_crs(request.crs).is_geographic:
        said = request.crs  # degrees of which system only a person knows
    if geometry is not None and "geometry" in frame.columns:
        frame = frame.rename(columns={"geometry": "geometry_"})
    found = Found(framed(frame, geometry, said), name, sublayer, cautions=cautions)
    return opened(path, reader, request, found, dict(request.options) | dict(options or {}))


def _unique(names: list[str]) -> list[str]:
    taken: dict[str, int] = {}
    result = []
    for number, said in enumerate(names, start=1):
        name = said or f"F{number}"
        taken[name] = taken.get(name, 0) + 1
        result.append(name if taken[name] == 1 else f"{name}_{taken[name]}")
    return result

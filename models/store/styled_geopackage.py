"""Layers as one plain GeoPackage that QGIS shows in our colours, with nothing of a project in it.

The same layers give the same bytes: GDAL is told which moment to note.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models.core.errors import UserError
from models.core.progress import Progress
from models.io.vector.write_features import write_layers
from models.layers.layer import Layer
from models.store import qgis_style
from models.store.atomic import replacing
from models.store.project_file import steady_gdal
from models.store.whole_files import of_features


def write_styled(
    path: Path, tables: Sequence[tuple[str, Any, Layer]], moment: str, progress: Progress, *, synthetic: bool = False
) -> None:
    """Write tables with the styles that QGIS takes by itself.

    Parameters
    ----------
    path : Path
    tables : sequence of (name, GeoDataFrame or DataFrame, Layer)
        The style of the layer is that of the table.
    moment : str
        ISO 8601 UTC, noted as that of the file.
    progress : Progress
    synthetic : bool

    Raises
    ------
    UserError
        ``export.nothing``, and those of writing files.
    """
    if not tables:
        raise UserError("export.nothing", file=path.name)
    name, last, _ = tables[-1]
    with replacing(path, of_features(name, len(last))) as fresh:
        with steady_gdal(moment):
            write_layers(fresh, {name: frame for name, frame, _ in tables}, synthetic=synthetic, progress=progress)
        with contextlib.closing(sqlite3.connect(fresh)) as connection, connection:
            rows = [(name, frame, _geometry(connection, name), layer) for name, frame, layer in tables]
            for name, _, layer in tables:
                connection.execute(
                    "UPDATE gpkg_contents SET identifier = ?, description = ? WHERE table_name = ?",
                    (f"{layer.name} ({name})", " · ".join(filter(None, (layer.name_en, layer.data_source))), name),
                )
            qgis_style.write(connection, rows, moment)


def _geometry(connection: sqlite3.Connection, table: str) -> str | None:
    found = connection.execute(
        "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?", (table,)
    ).fetchone()
    return None if found is None else str(found[0])

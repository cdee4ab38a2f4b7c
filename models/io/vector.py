"""Tables of features: GeoPackage, GeoJSON, Shapefile, FlatGeobuf, KML, GML, OpenStreetMap, SQLite, through GDAL.

Invariants
----------
1. The index of a frame is the feature's own fid, so that a selection survives closing and opening; where fids repeat
   or do not fit 31 bits (OpenStreetMap) the row number stands in, and ``osm_id`` keeps the name.
2. Nothing is written beside the user's file: what GDAL must repair (a missing ``.shx``) is repaired on a copy.
3. A layer without CRS is refused; guessing a place puts a city into another country.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from models.errors import Caution, UserError
from models.io.coordinates import clean_geometry, crs_text, settle_crs, stem_of
from models.io.dbf import encoding_of_dbf
from models.io.osm import split_osm
from models.io.request import Opened, ReadRequest
from models.io.roles import guess_role, styled
from models.io.table import companions
from models.layers import Layer, Source, VectorData, new_layer_id
from models.progress import Progress

# Housekeeping tables of QGIS, of GDAL and of our own project files.
_HOUSEKEEPING = ("layer_styles", "qgis_projects", "chengjing_", "gpkg_", "sqlite_", "rtree_")
MAX_FID = 2**31 - 1


def is_housekeeping(table: str) -> bool:
    """Whether a table holds no data of the city."""
    return table.lower().startswith(_HOUSEKEEPING)


def read(path: Path, request: ReadRequest, progress: Progress) -> list[Opened]:
    """Read the layers of a file.

    Raises
    ------
    UserError
        ``io.no_crs``, ``io.metres_in_degrees``, ``io.damaged``, ``io.no_sublayer``, ``io.no_features``.
    """
    path = Path(path)
    progress.step(0.0, "progress.io.reading")
    with _prepared(path, request) as (source, encoding, cautions):
        try:
            tables = [(str(name), geometry) for name, geometry in pyogrio.list_layers(source)]
            wanted = request.sublayers or tuple(name for name, _ in tables if not is_housekeeping(name))
            is_osm = source.suffix.lower() in (".osm", ".pbf")
            opened: list[Opened] = []
            unread: UserError | None = None
            for number, name in enumerate(dict.fromkeys(w.partition(":")[0] for w in wanted)):
                progress.step(number / max(len(wanted), 1), "progress.io.reading")
                if name not in dict(tables):
                    raise UserError("io.no_sublayer", file=path.name, name=name)
                frame = pyogrio.read_dataframe(source, layer=name, fid_as_index=True, encoding=encoding)
                if not len(frame):
                    continue
                title = name if len(tables) > 1 else stem_of(path)
                parts = split_osm(name, frame) if is_osm else [(name, "", frame)]
                for sublayer, role, part in parts:
                    if request.sublayers and sublayer not in request.sublayers and name not in request.sublayers:
                        continue
                    label = sublayer.partition(":")[2] or title
                    try:
                        opened.append(_opened(path, sublayer, label, role, part, request, encoding, list(cautions)))
                    except UserError as error:  # one bad table does not cost the others
                        unread = unread or error
        except (DataSourceError, DataLayerError, UnicodeDecodeError, RuntimeError) as error:
            raise UserError("io.damaged", file=path.name, reason=_reason(error)) from error
    if not opened:
        raise unread or UserError("io.no_features", file=path.name)
    if unread is not None:
        opened[0].data.cautions.append(Caution("io.table_skipped", file=path.name, reason=unread.code))
    return opened


def _opened(
    path: Path,
    sublayer: str,
    name: str,
    role: str,
    frame: Any,
    request: ReadRequest,
    encoding: str | None,
    cautions: list[Caution],
) -> Opened:
    """Make a layer of one table: settle its CRS, leave out what has no place, guess its role."""
    if isinstance(frame, gpd.GeoDataFrame):
        frame, found = clean_geometry(frame, name)
        cautions += found
        if not len(frame):
            raise UserError("io.no_features", file=name)
        crs, found = settle_crs(crs_text(frame.crs), request.crs, frame.total_bounds, path.name)
        cautions += found
        frame = frame.set_crs(crs, allow_override=True)
        if frame.geometry.name != "geometry":
            frame = frame.rename_geometry("geometry")
        geometry = str(frame.geom_type.str.removeprefix("Multi").mode().iat[0])
    else:
        crs, geometry = "", ""
    frame = _with_keys(frame)
    role = role or guess_role(name, frame, geometry)
    frame, style, found = styled(role, frame, name)
    cautions += found
    options = dict(request.options) | ({"encoding": encoding} if encoding else {})
    layer = Layer(
        id=new_layer_id(name),
        name=name,
        kind="vector" if geometry else "table",
        role=role,
        source=Source(path=str(path), sublayer=sublayer, reader="vector", crs=crs, options=options),
        style=style,
    )
    return Opened(layer, VectorData(frame, cautions))


def _with_keys(frame: pd.DataFrame) -> pd.DataFrame:
    index = frame.index
    is_fit = index.is_unique and (not len(index) or (int(index.min()) >= 0 and int(index.max()) <= MAX_FID))
    if not is_fit:
        frame = frame.reset_index(drop=True)
    frame.index = pd.Index(np.asarray(frame.index, dtype=np.int64), name="fid")
    return frame


@contextmanager
def _prepared(path: Path, request: ReadRequest) -> Iterator[tuple[Path, str | None, list[Caution]]]:
    """Give the path to read, the text encoding and what had to be mended; shapefiles need all three."""
    if path.suffix.lower() != ".shp":
        yield path, request.encoding or None, []
        return
    beside = {other.suffix.lower(): other for other in companions(path)}
    cautions: list[Caution] = []
    encoding = request.encoding
    if ".dbf" not in beside:
        cautions.append(Caution("io.no_attributes", file=path.name))
    elif not encoding:
        cpg = beside[".cpg"].read_text("ascii", "ignore").strip() if ".cpg" in beside else ""
        encoding, is_guess = encoding_of_dbf(beside[".dbf"], cpg)
        if is_guess:
            cautions.append(Caution("io.encoding_guessed", file=path.name, encoding=encoding))
    if ".shx" in beside:
        yield path, encoding or None, cautions
        return
    cautions.append(Caution("io.no_index", file=path.name))
    with tempfile.TemporaryDirectory(prefix="chengjing_") as folder:
        for other in (path, *beside.values()):
            target = Path(folder) / ("layer" + other.suffix.lower())
            try:
                target.symlink_to(other.resolve())
            except OSError:  # no links on this system: a copy serves
                shutil.copyfile(other, target)
        pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": "YES"})
        try:
            yield Path(folder) / "layer.shp", encoding or None, cautions
        finally:
            pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": None})


def _reason(error: BaseException) -> str:
    """Return the first line of a library's message without the paths of this machine."""
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    return text if len(text) <= 200 else text[:197] + "…"

"""Features as files that other programs open: GeoPackage, GeoJSON, Shapefile, FlatGeobuf, CSV, XLSX.

Invariants
----------
1. A file appears whole or not at all; what was there before stays until then.
2. What a format cannot hold is reported as a caution: names that a Shapefile cuts to ten bytes, geometry types that
   it cannot mix.
3. No text becomes a formula: in CSV an apostrophe stands before it, which our reader takes off; in a workbook the cell
   says that it is text. Whole numbers that Excel would round are text there.
4. Synthetic data carries a column that says so, whatever becomes of the file's name.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from models.core.errors import Caution, UserError
from models.core.plain_values import is_missing, plain
from models.core.progress import Progress
from models.core.spreadsheet_text import guarded, is_formula
from models.io.format import WriteRequest
from models.store.atomic import replacing, replacing_together, unwritten
from models.store.whole_files import of_features, of_rows, of_sheets

#: Column that says that data was made by a generator.
SYNTHETIC = "synthetic"
#: Text that a field of a Shapefile can hold, bytes, and the length of its name.
SHP_NAME_BYTES = 10
#: Rows that a sheet of a workbook holds, with its head.
XLSX_ROWS = 1_048_575
#: Workbooks count days from here on; earlier ones are text.
_FIRST_YEAR = 1901
#: Formats that are written by GDAL as one file.
_DRIVERS = {".gpkg": "GPKG", ".fgb": "FlatGeobuf", ".geojson": "GeoJSON"}


def write_features(path: Path, frame: Any, request: WriteRequest, progress: Progress) -> list[Caution]:
    """Write features.

    Parameters
    ----------
    path : Path
        Its ending says the format.
    frame : GeoDataFrame or DataFrame
        In the CRS in which they are to be written. GeoJSON is written in longitude and latitude, as RFC 7946 asks.
    request : WriteRequest
        Its title is the description of the layer, in formats that hold one; that data is synthetic is written into a
        column of its own.
    progress : Progress

    Returns
    -------
    list of Caution
        What the format could not hold.

    Raises
    ------
    UserError
        ``export.unknown_format``, ``export.nothing``, ``export.too_many_rows``, and those of writing files.
    """
    if not len(frame):
        raise UserError("export.nothing", file=path.name)
    writers: Mapping[str, Callable[[Path, Any, str, str], list[Caution]]] = {
        ".shp": _write_shapefile, ".csv": _write_csv, ".xlsx": _write_xlsx, **dict.fromkeys(_DRIVERS, _write_gdal),
    }  # fmt: skip
    write = writers.get(path.suffix.lower())
    if write is None:
        raise UserError("export.unknown_format", file=path.name, suffix=path.suffix)
    progress.step(0.1, "progress.writing")
    if request.synthetic:
        frame = frame.assign(**{SYNTHETIC: True})
    cautions = write(path, _plain(_with_days(frame)), request.name, request.title)
    progress.step(1.0, "progress.writing")
    return cautions


def write_layers(
    path: Path, frames: Mapping[str, Any], *, synthetic: bool = False, progress: Progress | None = None
) -> list[Caution]:
    """Write several tables into one GeoPackage, whole or not at all.

    Parameters
    ----------
    path : Path
    frames : mapping of str to GeoDataFrame
        By the name of the layer; not empty.
    synthetic : bool
        Whether a column says that a generator made the data.
    progress : Progress, optional

    Raises
    ------
    UserError
        ``export.nothing``, and those of writing files.
    """
    import pyogrio

    if not frames:
        raise UserError("export.nothing", file=path.name)
    progress = progress or Progress()
    name, last = list(frames.items())[-1]
    with replacing(path, of_features(name, len(last))) as fresh, _saying_why(path):
        for at, (layer, frame) in enumerate(frames.items()):
            progress.step(at / len(frames), "progress.writing")
            table = _plain(_with_days(frame.assign(**{SYNTHETIC: True}) if synthetic else frame))
            pyogrio.write_dataframe(table, fresh, layer=layer, driver="GPKG", use_arrow=True, append=at > 0)
    return []


def _write_gdal(path: Path, frame: Any, name: str, title: str) -> list[Caution]:
    import pyogrio

    suffix = path.suffix.lower()
    spatial = isinstance(frame, gpd.GeoDataFrame)
    cautions: list[Caution] = []
    if suffix == ".geojson":
        if not spatial:
            raise UserError("export.no_geometry", file=path.name)
        if frame.crs is not None and not frame.crs.equals("OGC:CRS84"):
            frame = frame.to_crs("OGC:CRS84")
            cautions.append(Caution("export.lonlat", file=path.name))
    options: dict[str, Any] = {"DESCRIPTION": title} if suffix == ".gpkg" and title else {}
    if suffix == ".geojson":
        options = {"RFC7946": "YES", "COORDINATE_PRECISION": "9"}
    with replacing(path, of_features(name, len(frame))) as fresh, _saying_why(path):
        if spatial and suffix == ".fgb" and frame.geom_type.nunique() > 1:
            options["SPATIAL_INDEX"] = "YES"
        pyogrio.write_dataframe(
            frame, fresh, layer=name, driver=_DRIVERS[suffix], layer_options=options, use_arrow=True
        )
    return cautions


def _write_shapefile(path: Path, frame: Any, name: str, title: str) -> list[Caution]:
    """Write one file a geometry type, in UTF-8 with a .cpg that says so, all of them moved into place at the end."""
    import pyogrio

    if not isinstance(frame, gpd.GeoDataFrame):
        raise UserError("export.no_geometry", file=path.name)
    cautions: list[Caution] = []
    names = _short_names([str(column) for column in frame.columns if column != frame.geometry.name])
    changed = {long: short for long, short in names.items() if long != short}
    if changed:
        listed = ", ".join(f"{long} → {short}" for long, short in list(changed.items())[:8])
        cautions.append(Caution("export.names_cut", file=path.name, count=len(changed), names=listed))
        frame = frame.rename(columns=names)
    kinds = frame.geom_type.str.removeprefix("Multi").replace("LinearRing", "LineString")
    parts = {str(kind): frame[kinds == kind] for kind in kinds.dropna().unique() if kind != "GeometryCollection"}
    lost = len(frame) - sum(len(part) for part in parts.values())
    if lost:
        cautions.append(Caution("export.no_shape", file=path.name, count=lost))
    if not parts:
        raise UserError("export.no_geometry", file=path.name)
    with replacing_together(path) as folder, _saying_why(path):
        for kind, part in parts.items():
            stem = path.stem if len(parts) == 1 else f"{path.stem}_{kind.lower()}"
            made = folder / f"{stem}.shp"
            utf8 = {"ENCODING": "UTF-8"}
            pyogrio.write_dataframe(part, made, driver="ESRI Shapefile", layer_options=utf8, use_arrow=True)
            of_features(stem, len(part))(made)
        if len(parts) > 1:
            cautions.append(Caution("export.split", file=path.name, count=len(parts)))
    return cautions


@contextmanager
def _saying_why(path: Path) -> Iterator[None]:
    """Turn GDAL's failure to write into one that a person can act on."""
    from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

    try:
        yield
    except (DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError) as error:
        raise unwritten(path, str(error)) from error


def _write_csv(path: Path, frame: Any, name: str, title: str) -> list[Caution]:
    table, cautions = _flat(path, frame)
    guards = sum(map(is_formula, table.columns)) + _count(table, is_formula)
    if guards:
        cautions.append(Caution("export.guarded", file=path.name, count=guards))
    # The mark at the front lets Excel read the Chinese.
    check = of_rows(len(table) + 1)
    with replacing(path, check) as fresh, fresh.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(map(guarded, table.columns))
        for row in table.itertuples(index=False, name=None):
            writer.writerow(["" if is_missing(value) else guarded(value) for value in row])
    return cautions


def _write_xlsx(path: Path, frame: Any, name: str, title: str) -> list[Caution]:
    from models.io.common import workbook_cells

    table, cautions = _flat(path, frame, wkt=False)
    if len(table) > XLSX_ROWS:
        raise UserError("export.too_many_rows", file=path.name, rows=len(table), most=XLSX_ROWS)
    with replacing(path, of_sheets([len(table) + 1])) as fresh:
        _book(table, name).save(fresh)
    for code, test in (("export.long_numbers", workbook_cells.is_long), ("export.text_cut", workbook_cells.is_cut)):
        if count := _count(table, test):
            cautions.append(Caution(code, file=path.name, count=count))
    return cautions


def _book(table: pd.DataFrame, name: str) -> Any:
    """Return a workbook of one sheet; its rows go to a temporary file, which a full disk may refuse."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font, PatternFill

    from models.io.common import workbook_cells

    book = Workbook(write_only=True)
    sheet = book.create_sheet(_sheet_name(name))
    sheet.freeze_panes = "A2"
    for number, column in enumerate(table.columns, start=1):
        letter = chr(64 + number) if number <= 26 else chr(64 + (number - 1) // 26) + chr(65 + (number - 1) % 26)
        sheet.column_dimensions[letter].width = min(max(len(str(column)) * 1.6 + 2, 9), 40)
    heads = []
    for column in table.columns:
        text = workbook_cells.cell(sheet, str(column))
        head = WriteOnlyCell(sheet, value=text) if isinstance(text, str) else text
        head.font, head.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="24475C")
        heads.append(head)
    sheet.append(heads)
    for row in table.itertuples(index=False, name=None):
        sheet.append([None if is_missing(value) else workbook_cells.cell(sheet, _naive(value)) for value in row])
    sheet.auto_filter.ref = f"A1:{letter}{len(table) + 1}" if len(table.columns) else None
    return book


def _flat(path: Path, frame: Any, *, wkt: bool = True) -> tuple[pd.DataFrame, list[Caution]]:
    """Return a table without geometry: the place of each feature as two columns, and its shape as text."""
    table = pd.DataFrame(frame)
    if not isinstance(frame, gpd.GeoDataFrame):
        return table.reset_index(), []
    shapes = frame.geometry.to_numpy()
    places = shapely.get_coordinates(shapely.point_on_surface(shapely.force_2d(shapes)))
    full = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    at = np.full((len(shapes), 2), np.nan)
    at[full] = places
    names = ("lon", "lat") if frame.crs is not None and frame.crs.is_geographic else ("easting_m", "northing_m")
    table = table.drop(columns=frame.geometry.name).assign(**{names[0]: at[:, 0], names[1]: at[:, 1]})
    if wkt:
        table = table.assign(wkt=shapely.to_wkt(shapes, rounding_precision=9 if names[0] == "lon" else 4))
    label = "" if frame.crs is None else ":".join(frame.crs.to_authority() or (str(frame.crs.name),))
    return table.reset_index(), [Caution("export.place_columns", file=path.name, x=names[0], y=names[1], crs=label)]


def _with_days(frame: Any) -> Any:
    """Return the frame with times that are all midnight, which no zone is stated of, as the days they were."""
    days = {
        column: frame[column].dt.date.where(frame[column].notna(), None).astype(object)
        for column in frame.columns
        if frame[column].dtype.kind == "M"
        and getattr(frame[column].dtype, "tz", None) is None
        and frame[column].notna().any()
        and (frame[column].dropna() == frame[column].dropna().dt.normalize()).all()
    }
    return frame.assign(**days) if days else frame


def _plain(frame: Any) -> Any:
    """Return the frame with columns of mixed things as text, which every format takes."""
    changed = {
        column: frame[column].map(lambda value: None if is_missing(value) else str(value))
        for column in frame.columns
        if frame[column].dtype == object
        and not isinstance(frame[column], gpd.GeoSeries)
        and not frame[column].map(lambda value: isinstance(value, str) or is_missing(value)).all()
        and not frame[column].map(lambda value: type(value) is dt.date or is_missing(value)).all()
    }
    return frame.assign(**changed) if changed else frame


def _short_names(names: list[str]) -> dict[str, str]:
    """Return a name of at most ten bytes for each, no two the same whatever their case."""
    taken: set[str] = set()
    result: dict[str, str] = {}
    for name in names:
        short, number = _cut(name, SHP_NAME_BYTES), 0
        while short.casefold() in taken or not short:
            number += 1
            tail = f"_{number}"
            short = _cut(name, SHP_NAME_BYTES - len(tail)) + tail
        taken.add(short.casefold())
        result[name] = short
    return result


def _cut(text: str, size: int) -> str:
    return text.encode("utf-8")[:size].decode("utf-8", "ignore")


def _sheet_name(name: str) -> str:
    return "".join(char for char in name if char not in "[]:*?/\\")[:31] or "data"


def _naive(value: Any) -> Any:
    """Return a plain value; a moment with an offset is text, for a workbook knows no zones, and so is an early day."""
    value = plain(value)
    if isinstance(value, dt.date) and (value.year < _FIRST_YEAR or getattr(value, "tzinfo", None)):
        return str(value)
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    return value


def _count(table: pd.DataFrame, test: Callable[[Any], bool]) -> int:
    """Return of how many cells something is true; columns of fractions and truths are not looked at."""
    return sum(
        sum(map(test, table.iloc[:, at])) for at in range(table.shape[1]) if table.dtypes.iloc[at].kind not in "fbM"
    )

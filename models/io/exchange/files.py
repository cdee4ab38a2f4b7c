"""Write a package as JSON, GeoJSON or XLSX, and read it back as exactly what it was."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from models.core.errors import UserError
from models.core.foreign import foreign
from models.exchange.kinds import CLASSES
from models.exchange.records import Package
from models.io.exchange.rows import FORMAT, MARKS, MOST_SIGNS, head_of, marks_of, package_of
from models.store.atomic import replacing, write_bytes
from models.store.rows.json_cells import FAULTS, loaded
from models.store.whole_files import of_sheets

JSON, GEOJSON, XLSX = ".json", ".geojson", ".xlsx"
SUFFIXES = (JSON, GEOJSON, XLSX)
#: Larger files are not read into memory.
MOST_BYTES = 1 << 30
#: The sheet, and the member of a GeoJSON, that says what the file is.
_HEAD = "exchange"
#: Before the marks of a record where they stand among its values.
_MARK = "_"


def write(path: Path, package: Package) -> None:
    """Write a package, whole or not at all; the suffix says as what.

    Raises
    ------
    UserError
        ``exchange.format``, ``exchange.too_long`` (a text that no cell holds), and what writing raises.
    """
    suffix = Path(path).suffix.lower()
    if suffix == XLSX:
        _write_book(Path(path), package)
    elif suffix in (JSON, GEOJSON):
        write_bytes(Path(path), as_json(package) if suffix == JSON else _as_geojson(package))
    else:
        raise UserError("exchange.format", file=Path(path).name, suffixes=" ".join(SUFFIXES))


def read(path: Path) -> Package:
    """Return the package of a file.

    Raises
    ------
    UserError
        ``exchange.format``, ``exchange.too_large``, ``io.missing``, and what
        :func:`models.io.exchange.rows.package_of` raises.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UserError("exchange.format", file=path.name, suffixes=" ".join(SUFFIXES))
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UserError("exchange.too_large", file=path.name, limit_mb=MOST_BYTES >> 20)
        content = b"" if suffix == XLSX else path.read_bytes()
    except OSError as error:
        raise UserError("io.missing", file=path.name) from error
    if suffix == XLSX:
        return _of_book(path)
    return of_json(content, path.name)


def as_json(package: Package) -> bytes:
    """Return a package as JSON: the form that it has at a meeting place."""
    records = [{**marks_of(one), "values": dict(one.values)} for one in package.versions]
    return _bytes({**head_of(package), _HEAD: records})


def of_json(content: bytes, name: str) -> Package:
    """Return the package that JSON or GeoJSON holds.

    Raises
    ------
    UserError
        As :func:`read`.
    """
    try:
        told = loaded(content.decode("utf-8-sig"))
        if isinstance(told, Mapping) and told.get("type") == "FeatureCollection":
            return package_of(dict(told[_HEAD]), _geojson_rows(told["features"]), name)
        rows = ((record, record["values"]) for record in told[_HEAD])
        return package_of(told, rows, name)
    except FAULTS as error:
        raise UserError("exchange.not_ours", file=name) from error


def _bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=None, separators=(",", ":"), allow_nan=False).encode()


def _as_geojson(package: Package) -> bytes:
    import shapely

    features = []
    for one in package.versions:
        marks = {f"{_MARK}{name}": value for name, value in marks_of(one).items() if name != "geometry"}
        shape = json.loads(shapely.to_geojson(shapely.from_wkt(one.geometry))) if one.geometry else None
        features.append({"type": "Feature", "geometry": shape, "properties": {**one.values, **marks}})
    told: dict[str, Any] = {"type": "FeatureCollection", _HEAD: head_of(package)}
    if package.crs:
        name = package.crs.replace("EPSG:", "urn:ogc:def:crs:EPSG::")
        told["crs"] = {"type": "name", "properties": {"name": name}}
    return _bytes({**told, "features": features})


def _geojson_rows(features: Any) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    import shapely

    from models.exchange.records import geometry_texts

    for feature in features:
        told = feature["properties"]
        marks = {name: told.get(f"{_MARK}{name}") for name in MARKS}
        shape = feature.get("geometry")
        try:
            marks["geometry"] = geometry_texts([shapely.from_geojson(json.dumps(shape))])[0] if shape else ""
        except shapely.errors.ShapelyError:
            marks["geometry"] = "?"
        yield marks, {name: value for name, value in told.items() if name[: len(_MARK)] != _MARK}


def _write_book(path: Path, package: Package) -> None:
    from openpyxl import Workbook

    from models.io.common.workbook_cells import cells

    book = Workbook(write_only=True)
    sheet = book.create_sheet(_HEAD)
    last = [0]
    for name, value in head_of(package).items():
        sheet.append(cells(sheet, [name, _bytes(value).decode() if isinstance(value, dict) else value]))
        last[0] += 1
    for kind in CLASSES:
        versions = [one for one in package.versions if one.kind == kind]
        if not versions:
            continue
        names = list(dict.fromkeys(name for one in versions for name in one.values))
        sheet = book.create_sheet(kind)
        sheet.freeze_panes = "A2"
        sheet.append(cells(sheet, [*names, *(f"{_MARK}{name}" for name in MARKS)]))
        for one in versions:
            row = [*(one.values.get(name) for name in names), *(value or None for value in marks_of(one).values())]
            if any(isinstance(value, str) and len(value) > MOST_SIGNS for value in row):
                raise UserError("exchange.too_long", file=path.name, key=one.key, limit=MOST_SIGNS)
            sheet.append(cells(sheet, row))
        last.append(len(versions) + 1)
    with replacing(path, of_sheets(last)) as fresh:
        book.save(fresh)


def _of_book(path: Path) -> Package:
    import openpyxl

    with foreign(path):
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            if _HEAD not in book.sheetnames:
                raise UserError("exchange.not_ours", file=path.name)
            told = {str(row[0]): row[1] for row in book[_HEAD].iter_rows(max_col=2, max_row=50, values_only=True)}
            if told.get("format") != FORMAT:
                raise UserError("exchange.not_ours", file=path.name)
            for name in ("editions", "keys"):
                told[name] = loaded(str(told.get(name, "")), dict)
            return package_of(told, _book_rows(book), path.name)
        finally:
            book.close()


def _book_rows(book: Any) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for kind in CLASSES:
        if kind not in book.sheetnames:
            continue
        rows = book[kind].iter_rows(values_only=True)
        heads = ["" if name is None else str(name) for name in next(rows, ())]
        for row in rows:
            told = dict(zip(heads, row, strict=False))
            yield (
                {name: told.get(f"{_MARK}{name}") for name in MARKS},
                {name: value for name, value in told.items() if name and name[: len(_MARK)] != _MARK},
            )

"""Files of every format, made by GDAL or openpyxl from one small city, for tests and for the fuzzer."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

CRS = "EPSG:4548"
EAST, NORTH = 502_000.0, 4_059_000.0


def buildings(crs: str | None = CRS) -> gpd.GeoDataFrame:
    """Return five footprints, one with a hole, one of two parts, with fields of every type, some without value."""
    boxes = [shapely.box(EAST + 40 * i, NORTH, EAST + 40 * i + 20.125, NORTH + 10.375) for i in range(5)]
    boxes[1] = boxes[1].difference(shapely.box(EAST + 45, NORTH + 3, EAST + 50, NORTH + 6))
    boxes[2] = shapely.MultiPolygon([boxes[2], shapely.box(EAST + 80, NORTH + 20, EAST + 85, NORTH + 25)])
    columns: dict[str, Any] = {
        "code": ["0101", "0102", "0103", "0104", None],
        "name": ["城关街道", "泉城路", None, "大明湖", "趵突泉"],
        "storeys": pd.array([6, None, 18, 33, 1], dtype="Int64"),
        "height_m": [18.5, 30.25, None, 99.0, 3.3],
        "built": pd.to_datetime(["1999-05-06", None, "2012-12-31", "2020-02-29", "1987-01-01"]),
        "listed": pd.array([True, False, None, False, True], dtype="boolean"),
    }
    return gpd.GeoDataFrame(columns, geometry=boxes, crs=crs)


def roads(crs: str | None = CRS) -> gpd.GeoDataFrame:
    """Return two lines with heights."""
    lines = [
        shapely.LineString([(EAST, NORTH, 31.5), (EAST + 300.001, NORTH + 10, 32.25)]),
        shapely.LineString([(EAST, NORTH - 20, 30.0), (EAST + 100, NORTH - 20.5, 30.5), (EAST + 200, NORTH, 31.0)]),
    ]
    return gpd.GeoDataFrame({"road": ["经十路", "泉城路"], "lanes": [6, 2]}, geometry=lines, crs=crs)


def degrees(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a frame in longitude and latitude, for formats that know nothing else."""
    return frame.to_crs("EPSG:4326")


def write(folder: Path, name: str) -> Path:
    """Write the file of one format and return it; ``name`` is its ending."""
    path = folder / f"buildings{name}"
    makers[name](path)
    return path


def _plain(driver: str, **options: Any) -> Any:
    return lambda path: pyogrio.write_dataframe(buildings(), path, driver=driver, **options)


def _wgs(driver: str, **options: Any) -> Any:
    return lambda path: pyogrio.write_dataframe(degrees(buildings()), path, driver=driver, **options)


def _gpx(path: Path) -> None:
    points = degrees(gpd.GeoDataFrame({"name": ["甲", "乙"]}, geometry=[shapely.Point(EAST, NORTH),
                     shapely.Point(EAST + 5, NORTH)], crs=CRS))  # fmt: skip
    track = degrees(roads()).geometry.iloc[0]
    body = "".join(
        f'<wpt lat="{p.y!r}" lon="{p.x!r}"><name>{n}</name></wpt>'
        for n, p in zip(points["name"], points.geometry, strict=True)
    )
    body += "<trk><name>巡查</name><trkseg>" + "".join(
        f'<trkpt lat="{y!r}" lon="{x!r}"><ele>{z!r}</ele></trkpt>' for x, y, z in track.coords
    ) + "</trkseg></trk>"  # fmt: skip
    path.write_text(f'<?xml version="1.0" encoding="UTF-8"?><gpx version="1.1" creator="t" '
                    f'xmlns="http://www.topografix.com/GPX/1/1">{body}</gpx>', encoding="utf-8")  # fmt: skip


def _osm(path: Path) -> None:
    corners = shapely.get_coordinates(degrees(buildings()).geometry.iloc[0])[:-1].tolist()
    nodes = "".join(f'<node id="{i}" lat="{y!r}" lon="{x!r}"/>' for i, (x, y) in enumerate(corners, 1))
    refs = "".join(f'<nd ref="{i}"/>' for i in (1, 2, 3, 4, 1))
    tags = '<tag k="building" v="yes"/><tag k="building:levels" v="6"/><tag k="name" v="城关街道"/>'
    path.write_text(f'<?xml version="1.0"?><osm version="0.6">{nodes}<way id="9">{refs}{tags}</way></osm>',
                    encoding="utf-8")  # fmt: skip


def _kml(path: Path) -> None:
    def ring(shape: shapely.Polygon) -> str:
        return " ".join(f"{x!r},{y!r}" for x, y in shapely.get_coordinates(shape.exterior).tolist())

    marks = "".join(
        f"<Placemark><name>{row.name_}</name><ExtendedData><Data name='口径'><value>{row.a}</value></Data>"
        f"<Data name='材质'><value>{row.b}</value></Data></ExtendedData><Polygon><outerBoundaryIs><LinearRing>"
        f"<coordinates>{ring(row.shape)}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
        for row in pd.DataFrame({"name_": ["甲", "乙"], "a": [300, 400], "b": ["铸铁", "PE"],
                                 "shape": degrees(buildings()).geometry.iloc[[0, 3]].to_numpy()}).itertuples()
    )  # fmt: skip
    point = degrees(gpd.GeoDataFrame(geometry=[shapely.Point(EAST, NORTH)], crs=CRS)).geometry.iloc[0]
    loose = f"<Placemark><name>井</name><Point><coordinates>{point.x!r},{point.y!r}</coordinates></Point></Placemark>"
    path.write_text(f'<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
                    f"<Folder><name>房屋</name>{marks}</Folder><Folder><name>检查井</name>{loose}</Folder></Document></kml>",
                    encoding="utf-8")  # fmt: skip


def _kmz(path: Path) -> None:
    inner = path.with_suffix(".inner")
    _kml(inner)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(inner, "doc.kml")
    inner.unlink()


def _zipped(driver: str, inner: str, *names: str) -> Any:
    def make(path: Path) -> None:
        folder = path.with_name(path.name + ".d")
        folder.mkdir()
        for name in names:
            pyogrio.write_dataframe(
                buildings(), folder / f"{name}{inner}", driver=driver, encoding="utf-8", promote_to_multi=True
            )
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(folder.rglob("*")):
                if file.is_file():
                    archive.write(file, file.relative_to(folder))

    return make


def _dxf(path: Path) -> None:
    def pairs(*values: object) -> str:
        return "".join(f"{value}\n" for value in values)

    ring = shapely.get_coordinates(buildings().geometry.iloc[0])[:-1].tolist()
    body = pairs(0, "SECTION", 2, "HEADER", 9, "$DWGCODEPAGE", 3, "ANSI_936", 9, "$INSUNITS", 70, 4, 0, "ENDSEC")
    body += pairs(0, "SECTION", 2, "BLOCKS", 0, "BLOCK", 8, 0, 2, "井", 70, 0, 10, 0, 20, 0, 30, 0)
    body += pairs(0, "LINE", 8, 0, 10, -1, 20, 0, 30, 0, 11, 1, 21, 0, 31, 0, 0, "ENDBLK", 0, "ENDSEC")
    body += pairs(0, "SECTION", 2, "ENTITIES")
    body += pairs(0, "LINE", 8, "道路", 10, EAST, 20, NORTH, 30, 31.5, 11, EAST + 300.001, 21, NORTH + 10, 31, 32.25)
    body += pairs(0, "TEXT", 8, "注记", 10, EAST + 1, 20, NORTH + 1, 30, 0, 40, 2.0, 1, "经十路")
    body += pairs(0, "INSERT", 8, "管点", 2, "井", 10, EAST + 5, 20, NORTH + 5, 30, 0)
    body += pairs(0, "LWPOLYLINE", 8, "房屋", 90, 4, 70, 1) + "".join(pairs(10, x, 20, y) for x, y in ring)
    body += pairs(0, "ENDSEC", 0, "EOF")
    path.write_bytes(body.encode("gb18030"))


def _csv(path: Path) -> None:
    frame = buildings()
    middle = frame.geometry.centroid
    table = pd.DataFrame(frame.drop(columns="geometry")).assign(**{"X坐标": middle.y, "Y坐标": middle.x})
    table.to_csv(path, index=False, encoding="gb18030")


def _workbook(path: Path) -> None:
    import openpyxl

    frame = degrees(buildings())
    middle = buildings().geometry.centroid.to_crs("EPSG:4326")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "房屋"
    sheet.append(["××区房屋普查表"])
    sheet.append(["编码", "名称", "层数", "建成日期", "经度", "纬度"])
    for row, point in zip(frame.itertuples(), middle, strict=True):
        built = None if pd.isna(row.built) else row.built.to_pydatetime()
        storeys = None if pd.isna(row.storeys) else int(row.storeys)
        sheet.append([row.code, row.name, storeys, built, point.x, point.y])
    other = book.create_sheet("产权")
    other.append(["编码", "单位", "面积"])
    for code, owner, area in (("0101", "住建局", 10.5), ("0101", "住建局", 4.5), ("0103", "物业", 7.0)):
        other.append([code, owner, area])
    book.save(path)


def _ods(path: Path) -> None:
    table = pd.DataFrame({"编码": ["0101", "0102"], "经度": [117.02, 117.03], "纬度": [36.66, 36.67], "层数": [6, 11]})
    pyogrio.write_dataframe(table, path, driver="ODS", layer="房屋")


makers: dict[str, Any] = {
    ".gpkg": _plain("GPKG"), ".shp": _plain("ESRI Shapefile", encoding="gb18030"), ".fgb": _plain("FlatGeobuf"),
    ".geojson": _wgs("GeoJSON", layer_options={"COORDINATE_PRECISION": 12}),
    ".geojsonl": _wgs("GeoJSONSeq", layer_options={"RS": "NO", "COORDINATE_PRECISION": 12}),
    ".geojsons": _wgs("GeoJSONSeq", layer_options={"RS": "YES", "COORDINATE_PRECISION": 12}),
    ".gdb": _plain("OpenFileGDB", promote_to_multi=True), ".sqlite": _plain("SQLite", dataset_options={"SPATIALITE": "YES"}),  # noqa: E501
    ".gml": _plain("GML"), ".tab": _plain("MapInfo File", layer_options={"ENCODING": "CP936",
            "BOUNDS": "500000,4000000,510000,4100000"}),
    ".mif": _plain("MapInfo File", layer_options={"ENCODING": "CP936"}),
    ".parquet": lambda path: buildings().to_parquet(path, write_covering_bbox=True),
    ".native.parquet": lambda path: roads().to_parquet(path, geometry_encoding="geoarrow"),
    ".kml": _kml, ".kmz": _kmz, ".gpx": _gpx, ".osm": _osm, ".dxf": _dxf, ".csv": _csv, ".xlsx": _workbook,
    ".ods": _ods, ".zip": _zipped("ESRI Shapefile", ".shp", "房屋", "道路"),
    ".gdb.zip": _zipped("OpenFileGDB", ".gdb", "city"),
}  # fmt: skip

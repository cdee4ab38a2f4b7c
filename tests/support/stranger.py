"""A small project as somebody else might hand it over, and what can be changed in it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.project import opening


def project_of_a_stranger(folder: Path) -> Path:
    """Return a project with a table of its own and a linked raster, made by somebody else in a folder of its own."""
    import numpy as np
    import rasterio

    folder.mkdir()
    write_squares(folder / "houses.geojson")
    place = rasterio.transform.from_origin(116.39, 39.91, 0.001, 0.001)
    kind = {"driver": "GTiff", "height": 8, "width": 8, "count": 1, "dtype": "float32", "crs": "EPSG:4326"}
    with rasterio.open(folder / "ground.tif", "w", transform=place, **kind) as raster:
        raster.write(np.arange(64, dtype=np.float32).reshape(1, 8, 8))
    session = Session(Settings(None), Jobs(inline=True), lang="en", cache_root=folder.parent / "strangers-cache")
    opening.open_files(session, [folder / "houses.geojson", folder / "ground.tif"])
    opening.save_project(session, folder / "city.gpkg")
    session.close()
    return folder / "city.gpkg"


def write_squares(path: Path) -> None:
    """Write a GeoJSON of two triangles in Beijing."""
    rings = [[[x, 39.9], [x + 0.001, 39.9], [x + 0.001, 39.901], [x, 39.9]] for x in (116.39, 116.392)]
    features = [
        {"type": "Feature", "properties": {"name": "a"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        for ring in rings
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")


def change(project: Path, statement: str, *values: object) -> None:
    """Change a project behind the program's back."""
    with closing(sqlite3.connect(project, isolation_level=None)) as db:
        db.execute(statement, values)


def add_basemap(project: Path, url: str, id_: str = "e") -> None:
    """Put a base map into a project that asks for the key of 天地图."""
    options = {"id": id_, "kind": "xyz", "name": "e", "url": url, "key_name": "tianditu", "grid": "mercator"}
    change(
        project,
        "insert into chengjing_layers(layer,name,name_en,kind,role,visible,synthetic,data_source,source_path,"
        "source_sublayer,source_reader,source_crs,source_options,style,filter,cim_level) "
        "values('e','e','e','image','image',1,0,'','','','basemap','EPSG:3857',?,'{}','','')",
        json.dumps(options),
    )

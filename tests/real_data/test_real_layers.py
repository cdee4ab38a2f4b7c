"""Every real file of features opens where GDAL puts it, or is refused by name."""

from __future__ import annotations

from tests.support.paths import DATA
from tools.layer_table import files_in, row_of

#: What cannot be opened, and why: texts, tables without rows, models that name no CRS.
REFUSED = {"**io.unknown_kind**", "**io.no_features**", "**io.no_crs**"}


def test_every_real_file_stands_where_gdal_reads_it_or_is_refused_by_name() -> None:
    rows = [row for path in files_in([DATA / name for name in ("cn", "osm", "networks", "scenes")])
            if (row := row_of(path)) is not None]  # fmt: skip
    opened = [row for row in rows if "layers" in row]
    assert len(opened) > 100
    assert {row["cautions"] for row in rows if "layers" not in row} <= REFUSED
    bodies = [row for row in opened if "vector.surfaces" in row["cautions"]]
    assert len(bodies) == 6
    assert all(float(row["extent differs by"]) < 0.001 for row in bodies)
    moved = [row for row in opened if row not in bodies and row["extent differs by"] not in ("", "0.000000")]
    # The one road without a geometry makes pyogrio's extent begin at zero.
    assert [row["file"] for row in moved] in ([], ["roads.geojson"])
    assert all("io.empty_geometry" in row["cautions"] for row in moved)
    unplaced = [row["file"] for row in rows if row["cautions"] == "**io.no_crs**"]
    assert sorted(unplaced) == ["metroline2.shp", "sz.shp"]

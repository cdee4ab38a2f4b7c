"""Point tables: delimiters, encodings, coordinate columns, degrees and metres."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.core.errors import UserError
from models.core.progress import Progress
from models.io.common import column_types
from models.io.request import Opened, ReadRequest
from models.io.vector.delimited_text import read

CRS = "EPSG:4548"


def open_text(folder: Path, text: str, encoding: str = "utf-8", name: str = "点.csv", **request: object) -> Opened:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return read(path, ReadRequest(**request), Progress())[0]  # type: ignore[arg-type]


def codes(opened: Opened) -> set[str]:
    return {caution.code for caution in opened.data.cautions}


@pytest.mark.parametrize("header", ["lon,lat", "经度,纬度", "Longitude,Latitude", "LNG,LAT", "x,y", "X坐标,Y坐标"])
def test_degree_columns_are_recognised_by_name_or_by_china(tmp_path: Path, header: str) -> None:
    opened = open_text(tmp_path, f"name,{header}\n甲,117.02,36.66\n乙,117.03,36.67\n")
    assert opened.layer.source.crs == "EPSG:4326"
    assert opened.data.frame.geometry.x.tolist() == [117.02, 117.03]
    assert "io.assumed_wgs84" in codes(opened)
    assert opened.data.frame.index.tolist() == [1, 2]


@pytest.mark.parametrize("header", ["x,y", "E,N", "PointX,PointY", "东坐标,北坐标", "Easting,Northing"])
def test_metres_need_a_crs(tmp_path: Path, header: str) -> None:
    text = f"name,{header}\n甲,502000.5,4059000.25\n"
    with pytest.raises(UserError, match=r"io\.no_crs"):
        open_text(tmp_path, text)
    opened = open_text(tmp_path, text, crs=CRS)
    assert opened.data.frame.geometry.iat[0].coords[0] == (502000.5, 4059000.25)


def test_small_numbers_under_x_and_y_are_no_degrees(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"io\.no_crs"):
        open_text(tmp_path, "x,y\n10,20\n30,40\n")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_any_usual_encoding_and_delimiter_opens(tmp_path: Path, encoding: str, mark: str) -> None:
    text = "名称,经度,纬度\n泉城广场,117.02,36.66\n大明湖公园,117.03,36.67\n".replace(",", mark)
    opened = open_text(tmp_path, text, encoding)
    assert opened.data.frame["名称"].tolist() == ["泉城广场", "大明湖公园"]
    assert ("io.encoding_guessed" in codes(opened)) == (encoding == "gb18030")


def test_codes_stay_text_and_numbers_become_numbers(tmp_path: Path) -> None:
    row = "3701020101000001,0101,12,3.5,117.0,36.6\n"
    frame = open_text(tmp_path, "ObjID,class,count,size,lon,lat\n" + row * 3).data.frame
    assert frame["ObjID"].iat[0] == "3701020101000001"
    assert frame["class"].iat[0] == "0101"
    assert (frame["count"].dtype.kind, frame["size"].dtype.kind) == ("i", "f")


def test_a_register_with_16_digit_codes_is_a_facility_layer(tmp_path: Path) -> None:
    rows = "".join(f"3701020101{i:06d},117.0{i},36.6\n" for i in range(5))
    assert open_text(tmp_path, "ObjID,lon,lat\n" + rows).layer.role == "facilities"


def test_wkt_opens_whatever_it_draws(tmp_path: Path) -> None:
    opened = open_text(tmp_path, 'id;wkt\n1;"LINESTRING (117 36, 117.1 36.1)"\n2;"LINESTRING (117 36, 117.2 36)"\n')
    assert opened.data.frame.geom_type.unique().tolist() == ["LineString"]


def test_heights_go_into_the_points_where_there_are_any(tmp_path: Path) -> None:
    geometry = open_text(tmp_path, "x,y,高程\n502000,4059000,31.5\n502001,4059000,\n", crs=CRS).data.frame.geometry
    assert geometry.iat[0].z == 31.5
    assert not geometry.iat[1].has_z


def test_rows_without_coordinates_are_counted_out(tmp_path: Path) -> None:
    opened = open_text(tmp_path, "name,lon,lat\na,117,36\nb,,\nc,nonsense,36\n")
    assert len(opened.data.frame) == 1
    assert {c.code: c.facts["count"] for c in opened.data.cautions if "count" in c.facts} == {"io.empty_geometry": 2}


def test_swapped_columns_are_turned_round_and_said(tmp_path: Path) -> None:
    opened = open_text(tmp_path, "lon,lat\n36.66,117.02\n")
    assert opened.data.frame.geometry.iat[0].coords[0] == (117.02, 36.66)
    assert "io.swapped_axes" in codes(opened)


def test_a_table_without_coordinates_opens_as_a_table(tmp_path: Path) -> None:
    opened = open_text(tmp_path, "time,value\n2025-07-01T00:00:00+08:00,1.5\n")
    assert opened.layer.kind == "table"
    assert "io.table_only" in codes(opened)
    assert np.isclose(opened.data.frame["value"].iat[0], 1.5)


def test_columns_can_be_named(tmp_path: Path) -> None:
    text = "a,b\n117,36\n"
    assert open_text(tmp_path, text, options={"x": "a", "y": "b"}).layer.kind == "vector"
    with pytest.raises(UserError, match=r"io\.no_column"):
        open_text(tmp_path, text, options={"x": "a", "y": "c"})


def test_a_header_alone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"io\.no_rows"):
        open_text(tmp_path, "lon,lat\n")


def test_long_whole_numbers_that_a_person_calls_so_are_exact() -> None:
    texts = pd.Series(["9007199254740993", None, "370211000001234567", "1e3", "99999999999999999999", "x"])
    found = column_types.as_kind(texts, "integer")
    assert found.astype(object).where(found.notna(), None).tolist() == [
        9007199254740993, None, 370211000001234567, 1000, None, None
    ]  # fmt: skip

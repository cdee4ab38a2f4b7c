"""Text of vector files: what is declared is checked, what is guessed is said, what is asked for is obeyed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from models.core.errors import UserError
from models.core.progress import Progress
from models.io.common.text_encoding import guess, python_name, settled
from models.io.inspect import inspect
from models.io.registry import find_format
from models.io.request import ReadRequest
from models.io.vector.encodings.dxf import unescaped

CASES = Path(__file__).parents[4].parent / "shared" / "cases" / "tables"
NAMES = ["住宅楼一号", "实验中学分校", "某某路 12 号"]


def read(path: Path, **asked: Any) -> list[Any]:
    return find_format(path).read(path, ReadRequest(**asked), Progress())


def codes(opened: Any) -> set[str]:
    return {caution.code for caution in opened.data.cautions}


def shapefile(
    folder: Path, words: list[str], encoding: str, language: int, cpg: str = "", field: str = "名称", width: int = 80
) -> Path:
    """Write a shapefile whose table is made by hand: GDAL would state the encoding that it writes."""
    path = folder / "房屋.shp"
    points = [shapely.Point(501000 + n, 4058000) for n in range(len(words))]
    gpd.GeoDataFrame({"n": range(len(words))}, geometry=points, crs="EPSG:4548").to_file(path)
    path.with_suffix(".cpg").unlink()
    if cpg:
        path.with_suffix(".cpg").write_text(cpg)
    head = bytearray(32)
    head[0], head[29] = 3, language
    head[4:8] = len(words).to_bytes(4, "little")
    head[8:10], head[10:12] = (65).to_bytes(2, "little"), (width + 1).to_bytes(2, "little")
    about = field.encode(encoding)[:10].ljust(11, b"\0") + b"C" + bytes(4) + bytes([width, 0]) + bytes(14)
    rows = b"".join(b" " + word.encode(encoding)[:width].ljust(width) for word in words)
    path.with_suffix(".dbf").write_bytes(bytes(head) + about + b"\x0d" + rows + b"\x1a")
    return path


@pytest.mark.parametrize("language", [0x57, 0x03, 0x00, 0x01, 0x4D])
@pytest.mark.parametrize("words", [NAMES, ["区"], ["楼"], ["3楼"], ["门"], ["嵊泗"]], ids=lambda words: words[0])
def test_gbk_is_found_whatever_western_page_the_table_names(tmp_path: Path, language: int, words: list[str]) -> None:
    (one,) = read(shapefile(tmp_path, words, "gb18030", language, field="NAME" if len(words) == 1 else "名称"))
    field = one.data.frame.columns[0]
    assert one.data.frame[field].tolist() == words
    assert field == ("NAME" if len(words) == 1 else "名称")
    assert ("io.encoding_guessed" in codes(one)) == (language != 0x4D)
    assert one.layer.source.options["encoding"] == "gb18030"


def test_a_guess_is_told_by_info_and_can_be_changed(tmp_path: Path) -> None:
    path = shapefile(tmp_path, ["é"], "cp1252", 0x57, field="NAME")
    assert inspect(path).facts["encoding"] == "cp1252"
    path = shapefile(tmp_path, NAMES, "gb18030", 0x57)
    info = inspect(path)
    assert info.facts["encoding"] == "gb18030"
    assert "io.encoding_guessed" in {caution.code for caution in info.cautions}
    (one,) = read(path, encoding="cp1252")
    assert one.data.frame.iloc[0, 0] == "住宅楼一号".encode("gbk").decode("cp1252")
    assert "io.encoding_guessed" not in codes(one)


@pytest.mark.parametrize(
    ("words", "encoding", "language", "cpg"),
    [
        (["Müller", "Straße", "Café"], "cp1252", 0x57, ""),
        (["Müller", "Straße", "Café"], "cp1252", 0x57, "ISO-8859-1"),
        (["Москва", "Улица Ленина"], "cp1251", 0xC9, ""),
        (["住宅樓一號", "實驗中學", "市政設施"], "cp950", 0x78, ""),
        (["住宅樓一號", "實驗中學", "市政設施"], "cp950", 0x00, "Big5"),
        (["㐂田村", "𠮷祥路"], "gb18030", 0x4D, ""),
        (NAMES, "utf-8", 0x00, "UTF-8"),
        (NAMES, "gb18030", 0x00, "936"),
    ],
)
def test_a_declaration_that_can_be_true_is_believed(
    tmp_path: Path, words: list[str], encoding: str, language: int, cpg: str
) -> None:
    (one,) = read(shapefile(tmp_path, words, encoding, language, cpg, field="NAME"))
    assert one.data.frame["NAME"].tolist() == words
    assert "io.encoding_guessed" not in codes(one)


@pytest.mark.parametrize(
    ("words", "encoding", "cpg"),
    [
        (NAMES, "utf-8", "GBK"), (NAMES, "utf-8", "ISO-8859-1"), (NAMES, "utf-8", "1252"), (NAMES, "gb18030", "UTF-8"),
        (["区"], "gb18030", "UTF-8"), (NAMES, "gb18030", "ISO-8859-1"), (["住宅樓一號", "實驗中學"], "cp950", ""),
        (["㐂田村", "𠮷祥路", "住宅楼一号"], "gb18030", "1252"),
    ],
)  # fmt: skip
def test_a_declaration_that_is_not_true_is_found_out_and_said(
    tmp_path: Path, words: list[str], encoding: str, cpg: str
) -> None:
    (one,) = read(shapefile(tmp_path, words, encoding, 0x00, cpg, field="NAME"))
    assert one.data.frame["NAME"].tolist() == words
    assert "io.encoding_guessed" in codes(one)


def test_a_letter_that_the_width_of_a_field_cut_off_is_no_reason_to_doubt(tmp_path: Path) -> None:
    (one,) = read(shapefile(tmp_path, ["住宅楼一号", "实验中学"], "utf-8", 0x00, "UTF-8", width=10))
    assert one.data.frame.iloc[0, 0].startswith("住宅楼")
    assert "io.encoding_guessed" not in codes(one)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("suffix", [".shp", ".csv"])
def test_one_row_in_another_encoding_costs_that_row_and_is_counted(tmp_path: Path, suffix: str, encoding: str) -> None:
    other = "gb18030" if encoding == "utf-8" else "utf-8"
    if suffix == ".shp":
        path = shapefile(tmp_path, [*NAMES, "XXXXXXXXX"], encoding, 0x00, field="NAME")
        path = path.with_suffix(".dbf")
    else:
        path = tmp_path / "a.csv"
        rows = [f"120.3,36.1,{name}" for name in [*NAMES, "XXXXXXXXX"]]
        path.write_bytes("\n".join(["lon,lat,NAME", *rows]).encode(encoding))
    path.write_bytes(path.read_bytes().replace(b"XXXXXXXXX", "测量队".encode(other).ljust(9)))
    (one,) = read(path.with_suffix(suffix))
    assert one.data.frame["NAME"].tolist()[:3] == NAMES
    counted = {c.code: c.facts.get("count") for c in one.data.cautions}
    assert counted.get("vector.odd_texts") == 1


@pytest.mark.parametrize("case", ["gbk_ldid57", "short_gbk"])
def test_the_tables_of_the_cases_read_as_they_were_meant(case: str) -> None:
    path = CASES / f"{case}.shp"
    if not path.exists():
        pytest.skip("no shared cases here")
    (one,) = read(path)
    first = one.data.frame.columns[0]
    assert (first, one.data.frame[first].iat[0]) == (("名称", "住宅楼一号") if case == "gbk_ldid57" else ("NAME", "区"))


# ---------------------------------------------------------------------------------------------- plain text


@pytest.mark.parametrize("suffix", [".csv", ".txt"])
@pytest.mark.parametrize("words", [["区"], ["楼"], ["城关街道办事处"]], ids=lambda words: words[0])
def test_one_row_of_gbk_is_enough_for_a_table(tmp_path: Path, suffix: str, words: list[str]) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes("\n".join(["lon,lat,name", *(f"120.3,36.1,{word}" for word in words)]).encode("gbk"))
    (one,) = read(path)
    assert one.data.frame["name"].tolist() == words
    assert "io.encoding_guessed" in codes(one)


def test_chinese_behind_a_megabyte_of_plain_rows_is_still_found(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    plain = "\n".join(f"120.3,36.1,{n:09d}" for n in range(60_000))
    path.write_bytes(f"lon,lat,name\n{plain}\n120.3,36.1,大明湖公园".encode("gbk"))
    (one,) = read(path)
    assert one.data.attributes["name"].iat[-1] == "大明湖公园"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=4), min_size=3))
def test_chinese_text_is_never_taken_for_another_encoding(words: list[str]) -> None:
    assert guess([word.encode("utf-8") for word in words]) == "utf-8"
    assert guess([word.encode("gb18030") for word in words]) == "gb18030"


@pytest.mark.parametrize("words", [["25 °C"], ["m²"], ["± 5"], ["Café"], ["Straße"], ["Москва"], ["Αθήνα"]])
def test_signs_and_words_of_europe_stay_utf8(words: list[str]) -> None:
    assert settled([word.encode() for word in words]) == ("utf-8", False)


@pytest.mark.parametrize("words", [["住宅楼"], ["楼"], ["路"], ["3楼"], ["墙"], ["门"]])
def test_chinese_that_is_valid_utf8_by_chance_is_found(words: list[str]) -> None:
    assert settled([word.encode("gbk") for word in words]) == ("gb18030", True)


def test_names_of_encodings_are_read_as_people_write_them() -> None:
    names = {"936": "gb18030", "CP936": "gb18030", "ANSI 936": "gb18030", "ANSI_936": "gb18030", "GB2312": "gb18030",
             "gbk": "gb18030", "65001": "utf-8", "UTF8": "utf-8", "88591": "iso8859-1", "OEM 437": "cp437",
             "Shift_JIS": "cp932", "big5": "cp950", "windows-1251": "cp1251", "": ""}  # fmt: skip
    assert {name: python_name(name) for name in names} == names


def test_utf8_is_no_guess_where_nothing_is_declared() -> None:
    assert settled(["名称".encode()]) == ("utf-8", False)


# ---------------------------------------------------------------------------------------------- drawings


def drawing(path: Path, version: str, page: str, layer: str, text: str, encoding: str) -> Path:
    page_lines = ["  9", "$DWGCODEPAGE", "  3", page] if page else []
    lines = [
        "  0", "SECTION", "  2", "HEADER", "  9", "$ACADVER", "  1", version, *page_lines, "  0", "ENDSEC",
        "  0", "SECTION", "  2", "ENTITIES",
        "  0", "LINE", "  5", "1", "  8", layer, " 10", "501000", " 20", "4058000", " 30", "0",
        " 11", "501100", " 21", "4058100", " 31", "0",
        "  0", "TEXT", "  5", "2", "  8", layer, " 10", "501000", " 20", "4058000", " 30", "0", " 40", "2.5",
        "  1", text, "  0", "ENDSEC", "  0", "EOF",
    ]  # fmt: skip
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode(encoding))
    return path


@pytest.mark.parametrize(
    ("version", "page", "encoding", "is_told"),
    [
        ("AC1021", "ANSI_936", "utf-8", False),  # UTF-8 since R2007 whatever the page says
        ("AC1024", "ANSI_1252", "utf-8", False),
        ("AC1032", "ANSI_936", "gb18030", True),  # against the rule, as some programs write
        ("AC1018", "ANSI_936", "gb18030", False),
        ("AC1009", "GB2312", "gb18030", False),
        ("AC1015", "ANSI_1252", "gb18030", True),
        ("AC1009", "", "gb18030", True),
        ("AC1015", "ANSI_936", "utf-8", True),
        ("AC1018", "ANSI_950", "big5", False),
    ],
)
def test_a_drawing_is_read_in_the_encoding_that_it_is_in(
    tmp_path: Path, version: str, page: str, encoding: str, is_told: bool
) -> None:
    words = ("建筑", "人民路小學") if encoding == "big5" else ("建筑", "人民路小学")
    words = ("建築", words[1]) if encoding == "big5" else words
    parts = read(drawing(tmp_path / "a.dxf", version, page, *words, encoding), crs="EPSG:4548")
    assert [part.layer.name for part in parts] == [words[0], f"{words[0]} · 注记"]
    assert parts[1].data.frame["Text"].tolist() == [words[1]]
    assert ("io.encoding_guessed" in codes(parts[0])) == is_told
    assert inspect(tmp_path / "a.dxf").sublayers[0].name == words[0]


def test_letters_that_a_code_page_lacks_are_read_from_their_escapes(tmp_path: Path) -> None:
    path = drawing(tmp_path / "a.dxf", "AC1015", "ANSI_1252", r"\U+5EFA\U+7B51", r"\M+5C8CB\U+6C11路", "utf-8")
    path.write_bytes(path.read_bytes().replace("路".encode(), rb"\U+8DEF"))
    parts = read(path, crs="EPSG:4548")
    assert parts[0].layer.name == "建筑"
    assert parts[1].data.frame["Text"].tolist() == ["人民路"]
    assert unescaped(r"C:\Users\M") == r"C:\Users\M"


def test_the_encoding_of_a_drawing_can_be_named(tmp_path: Path) -> None:
    path = drawing(tmp_path / "a.dxf", "AC1015", "ANSI_1252", "建筑", "小学", "gb18030")
    (one, _) = read(path, crs="EPSG:4548", encoding="gbk")
    assert one.layer.name == "建筑"
    assert one.layer.source.options["encoding"] == "gbk"
    assert "io.encoding_guessed" not in codes(one)


def test_the_drawing_of_the_cases_names_its_layer_building() -> None:
    path = CASES / "utf8_in_ansi936.dxf"
    if not path.exists():
        pytest.skip("no shared cases here")
    names = [part.layer.name for part in read(path, crs="EPSG:4548")]
    assert names[0] == "建筑"
    assert "注记" in names


# ---------------------------------------------------------------------------------------------- MapInfo, XML


@pytest.mark.parametrize("charset", ["WindowsSimpChinese", "Neutral", "WindowsLatin1", "UTF-8", ""])
@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_a_mapinfo_table_is_read_in_the_encoding_that_it_is_in(tmp_path: Path, charset: str, encoding: str) -> None:
    path = tmp_path / "a.mif"
    head = ["Version 300", *([f'Charset "{charset}"'] if charset else []), 'Delimiter ","',
            "CoordSys Earth Projection 1, 104", "Columns 1", "  名称 Char(20)", "Data", "",
            "Point 120 36", ""]  # fmt: skip
    path.write_bytes("\n".join(head).encode(encoding))
    path.with_suffix(".mid").write_bytes('"住宅楼"\n'.encode(encoding))
    (one,) = read(path)
    assert one.data.frame["名称"].tolist() == ["住宅楼"]
    truth = {"WindowsSimpChinese": "gb18030", "UTF-8": "utf-8", "WindowsLatin1": "cp1252"}.get(charset, "utf-8")
    assert ("io.encoding_guessed" in codes(one)) == (truth != encoding)
    (one,) = read(path, encoding=encoding)
    assert one.data.frame["名称"].tolist() == ["住宅楼"]


KML = """<?xml version="1.0" encoding="{said}"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>路</name>
<Placemark><name>人民路小学</name><Point><coordinates>120.3,36.1</coordinates></Point></Placemark></Document></kml>"""
GPX = """<?xml version="1.0" encoding="{said}"?><gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1">
<wpt lat="36.1" lon="120.3"><name>人民路小学</name></wpt></gpx>"""
GML = """<?xml version="1.0" encoding="{said}"?><ogr:FeatureCollection xmlns:ogr="http://ogr.maptools.org/"
 xmlns:gml="http://www.opengis.net/gml"><gml:featureMember><ogr:a fid="a.0"><ogr:geometryProperty>
<gml:Point srsName="EPSG:4548"><gml:coordinates>501000,4058000</gml:coordinates></gml:Point></ogr:geometryProperty>
<ogr:Name>人民路小学</ogr:Name></ogr:a></gml:featureMember></ogr:FeatureCollection>"""


@pytest.mark.parametrize("said", ["UTF-8", "GBK", "gb2312", "GB18030", "UTF-16"])
@pytest.mark.parametrize(("suffix", "text"), [(".kml", KML), (".gpx", GPX), (".gml", GML)])
def test_xml_is_read_in_the_encoding_that_it_declares(tmp_path: Path, said: str, suffix: str, text: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(text.format(said=said).encode("gb18030" if said.upper().startswith("GB") else said))
    (one,) = read(path)
    field = "name" if suffix == ".gpx" else "Name"
    assert one.data.frame[field].tolist() == ["人民路小学"]
    assert "io.encoding_guessed" not in codes(one)


@pytest.mark.parametrize(("suffix", "text"), [(".kml", KML), (".gpx", GPX), (".gml", GML)])
def test_xml_that_declares_another_encoding_than_its_own_is_read_and_said(
    tmp_path: Path, suffix: str, text: str
) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(text.format(said="UTF-8").encode("gb18030"))
    (one,) = read(path)
    assert one.data.frame["name" if suffix == ".gpx" else "Name"].tolist() == ["人民路小学"]
    assert "io.encoding_guessed" in codes(one)


@pytest.mark.parametrize("suffix", [".shp", ".dxf", ".mif", ".kml", ".gml"])
def test_an_encoding_that_does_not_exist_is_refused_by_its_name(tmp_path: Path, suffix: str) -> None:
    if suffix == ".shp":
        path = shapefile(tmp_path, NAMES, "gb18030", 0)
    elif suffix == ".dxf":
        path = drawing(tmp_path / "a.dxf", "AC1015", "", "a", "b", "utf-8")
    else:
        path = tmp_path / f"a{suffix}"
        path.write_text({".kml": KML, ".gml": GML, ".mif": "Version 300\n"}[suffix].format(said="UTF-8"))
    with pytest.raises(UserError, match=r"vector\.bad_encoding"):
        read(path, encoding="klingon")


def test_a_geopackage_needs_no_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    frame = gpd.GeoDataFrame({"名称": NAMES}, geometry=[shapely.Point(501000, 4058000)] * 3, crs="EPSG:4548")
    pyogrio.write_dataframe(frame, path, layer="房屋")
    (one,) = read(path)
    assert one.data.frame["名称"].tolist() == NAMES
    assert "encoding" not in one.layer.source.options


@pytest.mark.parametrize("suffix", [".geojson", ".json", ".gml", ".gpx", ".mif"])
def test_a_geopackage_under_another_name_is_no_text(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / "a.gpkg"
    frame = gpd.GeoDataFrame({"名称": NAMES}, geometry=[shapely.Point(501000, 4058000)] * 3, crs="EPSG:4548")
    pyogrio.write_dataframe(frame, path, layer="房屋")
    (one,) = read(path.rename(path.with_suffix(suffix)))
    assert one.data.frame["名称"].tolist() == NAMES

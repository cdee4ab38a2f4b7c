"""Broken, foreign and hostile files of features are refused by name; none of them is a traceback."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from models.core.errors import UserError
from models.core.progress import Progress
from models.io.common import archives
from models.io.inspect import inspect
from models.io.registry import find_format
from models.io.request import ReadRequest
from resources.words import has
from tests.support.layer_files import CRS, makers, write


def refused(path: Path) -> str:
    """Return the code with which a file is refused, by looking into it as by reading it."""
    with pytest.raises(UserError) as read:
        find_format(path).read(path, ReadRequest(crs=CRS), Progress())
    with pytest.raises(UserError) as looked:
        inspect(path)
    for caught in (read, looked):
        assert has(f"error.{caught.value.code}")
        assert has(f"error.{caught.value.code}.cure")
    return str(read.value.code)


def opens_or_is_refused(path: Path) -> str:
    """Return the code of a refusal, empty where it opens after all; anything else fails the test."""
    code = ""
    try:
        find_format(path).read(path, ReadRequest(crs=CRS), Progress())
    except UserError as error:
        code = error.code
    assert not code or has(f"error.{code}")
    return code


FILES = sorted(name for name in makers if name not in (".gdb",))


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.97])
def test_a_truncated_file_is_refused_or_gives_what_is_whole(tmp_path: Path, name: str, share: float) -> None:
    path = write(tmp_path, name)
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * share)])
    code = opens_or_is_refused(path)
    if name in (".gpkg", ".sqlite", ".parquet", ".native.parquet", ".xlsx", ".ods", ".zip", ".gdb.zip", ".kmz"):
        assert code in ("io.truncated", "io.damaged", "io.not_what_it_says")


@pytest.mark.parametrize("name", FILES)
def test_an_empty_file_and_one_of_zeros_are_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"x{name}"
    path.write_bytes(b"")
    assert refused(path) == "io.empty"
    path.write_bytes(bytes(5000))
    assert refused(path) in ("io.blank", "io.not_what_it_says")


@pytest.mark.parametrize("name", [n for n in FILES if n not in (".csv", ".osm", ".json")])
def test_a_picture_under_another_name_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"x{name}"
    path.write_bytes(b"\x7fELF" + bytes(range(256)) * 40)
    assert refused(path) == "io.not_what_it_says"


def test_a_document_of_word_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w/>")
    assert refused(path) == "io.not_what_it_says"


def test_an_old_workbook_and_a_drawing_of_autocad_are_named(tmp_path: Path) -> None:
    path = tmp_path / "x.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    assert refused(path) == "vector.old_excel"
    path = tmp_path / "x.dwg"
    path.write_bytes(b"AC1032" + bytes(600))
    assert refused(path) == "vector.dwg"


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE {root} [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><{root} xmlns="{space}"><name>&c;</name></{root}>'
)


@pytest.mark.parametrize(
    ("name", "root", "space"),
    [
        ("x.kml", "kml", "http://www.opengis.net/kml/2.2"),
        ("x.gpx", "gpx", "http://www.topografix.com/GPX/1/1"),
        ("x.gml", "FeatureCollection", "http://www.opengis.net/gml"),
        ("x.osm", "osm", ""),
    ],
)
def test_xml_with_entities_is_refused_before_it_is_parsed(tmp_path: Path, name: str, root: str, space: str) -> None:
    path = tmp_path / name
    path.write_text(BOMB.format(root=root, space=space))
    assert refused(path) == "vector.xml_entities"
    outside = f'<!DOCTYPE {root} [<!ENTITY x SYSTEM "file:///etc/passwd">]><{root} xmlns="{space}">&x;</{root}>'
    path.write_text(outside)
    assert refused(path) == "vector.xml_entities"
    path.write_text(outside, encoding="utf-16")
    assert refused(path) in ("vector.xml_entities", "io.not_what_it_says")


def test_entities_inside_a_kmz_are_refused_too(tmp_path: Path) -> None:
    path = tmp_path / "x.kmz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("doc.kml", BOMB.format(root="kml", space="http://www.opengis.net/kml/2.2"))
    assert refused(path) == "vector.xml_entities"


@pytest.mark.parametrize("name", ["../evil.shp", "/etc/evil.shp", "a/../../evil.shp", "..\\evil.shp", "C:\\evil.shp"])
def test_names_that_lead_out_of_an_archive_are_refused(tmp_path: Path, name: str) -> None:
    for ending in (".zip", ".kmz", ".xlsx"):
        path = tmp_path / f"x{ending}"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("doc.kml", "<kml/>")
            archive.writestr("xl/workbook.xml", "<workbook/>")
            archive.writestr(name, b"x")
        before = sorted(tmp_path.parent.rglob("*evil*"))
        assert refused(path) == "vector.zip_unsafe"
        assert sorted(tmp_path.parent.rglob("*evil*")) == before


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "SMALL_BYTES", 1_000_000)
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", bytes(20_000_000))
    assert refused(path) == "vector.zip_bomb"
    sheet = tmp_path / "x.xlsx"
    with zipfile.ZipFile(sheet, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 20_000_000)
    assert refused(sheet) == "vector.zip_bomb"


def test_a_member_larger_than_its_list_says_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", "lon,lat\n" + "117,36\n" * 50_000)
    raw = bytearray(path.read_bytes())
    at = raw.rindex(b"PK\x01\x02")
    raw[at + 24 : at + 28] = (100).to_bytes(4, "little")  # the list says 100 bytes
    path.write_bytes(bytes(raw))
    assert refused(path) in ("vector.zip_bomb", "io.damaged")


def test_an_archive_of_nothing_and_a_locked_one_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.md", "hello")
    assert refused(path) == "vector.zip_nothing"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", "lon,lat\n117,36\n")
    raw = bytearray(path.read_bytes())
    raw[raw.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(raw))
    assert refused(path) == "vector.zip_locked"


def test_names_of_an_archive_in_gbk_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    stand_in = "房屋".encode("gb18030").decode("cp437")
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("aaaa.csv")
        archive.writestr(info, "lon,lat\n117,36\n")
    path.write_bytes(path.read_bytes().replace(b"aaaa.csv", stand_in.encode("cp437") + b".csv"))
    (opened,) = find_format(path).read(path, ReadRequest(), Progress())
    assert opened.layer.name == "房屋"


def test_a_csv_with_nuls_is_no_csv(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"lon,lat\n117,36\n\x00\x00\x00,5\n")
    assert refused(path) == "io.not_what_it_says"


def test_a_wrong_encoding_is_refused_by_its_name(tmp_path: Path) -> None:
    path = write(tmp_path, ".csv")
    with pytest.raises(UserError, match=r"vector\.bad_encoding"):
        find_format(path).read(path, ReadRequest(crs=CRS, encoding="klingon"), Progress())


def test_a_folder_without_data_is_refused_and_one_with_data_opens_all(tmp_path: Path) -> None:
    from app.usecases.project.opening import files_of

    with pytest.raises(UserError, match=r"vector\.empty_folder"):
        files_of([tmp_path])
    write(tmp_path, ".shp")
    write(tmp_path, ".gdb")
    write(tmp_path, ".geojson")
    (tmp_path / "notes.md").write_text("x")
    assert sorted(path.name for path in files_of([tmp_path])) == ["buildings.gdb", "buildings.geojson", "buildings.shp"]

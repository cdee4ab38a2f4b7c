"""Small inputs that once went wrong, from ``../shared/cases``, each with the value that is right.

Levels of storeys stand in ``tests/models/io/ifc/test_ifc_storeys.py``, PostGIS in the tests of its reader.
"""

from __future__ import annotations

import json
import runpy
import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.command_line import main as cli
from tests.support.paths import CASES

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="no ../shared/cases")
TABLES, HOSTILE = CASES / "tables", CASES / "hostile"
#: Where the hostile files would go.
PORT = 8766


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHENGJING_HOME", str(tmp_path / "home"))


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]):
    """Return a function that runs a command in English and gives its exit code, output and messages."""

    def run(*words: object) -> tuple[int, str, str]:
        code = cli.run([*map(str, words), "--lang", "en"])
        found = capsys.readouterr()
        return code, found.out, found.err

    return run


def rows(ask, file: Path, *words: str) -> list[dict]:
    code, out, err = ask("query", file, "--json", *words)
    assert code == cli.DONE, err
    return json.loads(out)["objects"]


def test_an_integer_property_id_is_an_attribute_like_any_other(ask) -> None:
    assert rows(ask, TABLES / "integer_id.geojson") == [{"id": 11, "h": 5.0}, {"id": 12, "h": 6.0}]


def test_small_numbers_keep_their_digits(ask) -> None:
    code, out, _ = ask("query", TABLES / "small_numbers.csv", "--crs", "EPSG:4490")
    assert code == cli.DONE
    for digits in ("120.3012345", "0.003", "1.23e-5", "0.0125"):
        assert digits in out


def test_codes_and_years_are_as_written(ask) -> None:
    code, out, _ = ask("query", TABLES / "codes_and_years.csv")
    assert code == cli.DONE
    assert {"1998", "370211", "266000"} <= set(out.split())


def test_long_integers_with_gaps_are_exact(ask) -> None:
    found = rows(ask, TABLES / "int64_with_gaps.gpkg")
    assert 9007199254740993 in [row["bid"] for row in found]
    assert None in [row["bid"] for row in found]


def test_one_empty_wkt_costs_its_row(ask) -> None:
    code, _, err = ask("query", TABLES / "one_empty_wkt.csv", "--crs", "EPSG:4549")
    assert code == cli.DONE
    assert "1 features have no geometry" in err
    assert len(rows(ask, TABLES / "one_empty_wkt.csv", "--crs", "EPSG:4549")) == 1


def test_times_keep_their_offset(ask) -> None:
    found = rows(ask, TABLES / "time_with_offset.geojson", "--where", "day(t) = 1")
    assert len(found) == 3
    assert found[0]["t"] == "2024-03-01T00:30:00+08:00"


@pytest.mark.parametrize(
    ("file", "said"), [("utf8_in_ansi936.dxf", "建筑"), ("gbk_ldid57.shp", "住宅楼一号"), ("short_gbk.shp", "区")]
)
def test_chinese_is_read_whatever_the_label_says(ask, file: str, said: str) -> None:
    verb = ("info", "query")[file.endswith("shp")]
    code, out, _ = ask(verb, TABLES / file)
    assert code == cli.DONE
    assert said in out


def test_a_diff_names_the_layer_that_became_thicker(ask) -> None:
    code, out, _ = ask("ifc", "diff", CASES / "ifc" / "layer_200mm.ifc", CASES / "ifc" / "layer_240mm.ifc")
    assert code == cli.DONE
    assert "200 mm" in out
    assert "240 mm" in out


def test_the_doctor_asks_about_a_local_plane_and_moves_nothing(ask) -> None:
    _, out, _ = ask("crs-check", CASES / "crs" / "site_local.shp", "--json")
    (found,) = json.loads(out)
    verdict = found.get("verdict", found)
    assert verdict["code"] == "local_grid"
    assert not verdict["steps"]


def test_the_doctor_finds_gcj02_in_a_zone_beside_true_roads(ask) -> None:
    _, out, _ = ask("crs-check", CASES / "crs" / "gcj_gk.shp", "--against", CASES / "crs" / "qd_roads_true.shp")
    assert "GCJ-02" in out


def test_the_doctor_finds_the_zone_number_behind_a_zero(ask) -> None:
    _, out, _ = ask("crs-check", CASES / "crs" / "zeros_prefix.shp")
    assert "EPSG:4528" in out
    assert "stand at 0, 0" in out


@pytest.fixture
def listener() -> Iterator[list[bytes]]:
    """Return what is asked of the port to which the hostile files point."""
    asked: list[bytes] = []
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", PORT))
        server.listen()
        server.settimeout(0.1)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.settimeout(1.0)
                    asked.append(connection.recv(200))

        thread = threading.Thread(target=serve)
        thread.start()
        yield asked
        over.set()
        thread.join()


@pytest.mark.parametrize(
    ("file", "opens"),
    [
        ("vrt_in_xml.xml", False), ("curl_in_gml.gml", False), ("wfs_in_xml.xml", False), ("crs_link.geojson", True),
        ("crs_url.geojson", True), ("overview_by_curl.tif", True),
    ],
)  # fmt: skip
def test_a_file_asks_nobody_and_reads_nothing_else(ask, listener: list[bytes], tmp_path: Path, file: str, opens: bool):
    for words in (("info", HOSTILE / file), ("build", "--out", tmp_path / "p.gpkg", HOSTILE / file)):
        code, out, err = ask(*words)
        assert code == (cli.DONE if opens else cli.CANNOT)
        assert file in err or opens
        assert "secret" not in out + err
    assert listener == []


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("doubling_booleans.ifc", "IfcWall #20"),
        ("mapped_bomb.ifc", "IfcWall #20"),
        ("las_count_too_large.las", "2,000"),
    ],
)
def test_what_claims_too_much_opens_as_far_as_it_goes(ask, tmp_path: Path, file: str, said: str) -> None:
    code, _, err = ask("build", "--out", tmp_path / "p.gpkg", HOSTILE / file, "--crs", "EPSG:4549")
    assert code == cli.DONE
    assert said in err or said.replace(",", "") in err


@pytest.mark.parametrize("file", ["ten_thousand_columns.csv", "damaged.parquet"])
def test_what_cannot_be_read_is_refused_by_name(ask, tmp_path: Path, file: str) -> None:
    code, _, err = ask("build", "--out", tmp_path / "p.gpkg", HOSTILE / file, "--crs", "EPSG:4549")
    assert code == cli.CANNOT
    assert file in err
    assert "Traceback" not in err


def test_a_damaged_topic_costs_itself_and_is_named() -> None:
    from viewers.documents import bcf

    found = bcf.read(HOSTILE / "broken_deflate.bcf")
    assert found.topics
    assert found.cautions


@pytest.fixture(scope="module")
def strangers(sample_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of projects as a careless or hostile person could hand them over."""
    folder = tmp_path_factory.mktemp("strangers")
    maker = runpy.run_path(str(CASES / "make_hostile_projects.py"))
    maker["main"](sample_city, folder)
    shutil.copytree(sample_city.parent / "sample_files", folder / "sample_files")
    return folder


@pytest.mark.parametrize(
    ("project", "said"),
    [
        ("geometry_not_closed", "Numbers: 1"),
        ("geometry_false_count", "Numbers: 1"),
        ("geometry_deep", "Numbers: 1"),
        ("endless_view", "chengjing_sets"),
        ("style_deep", "has its default style"),
        ("source_outside", "/etc/passwd"),
        ("source_on_a_share", "//server/share/x.ifc"),
        ("basemap_that_asks_for_a_key", "http://127.0.0.1:8766"),
        ("names_with_markup", ""),
    ],
)
def test_a_strangers_project_opens_with_what_was_left_out_named(
    ask, listener: list[bytes], strangers: Path, project: str, said: str
) -> None:
    code, out, err = ask("facilities", "status", strangers / f"{project}.gpkg", "--json")
    assert code == cli.DONE
    assert json.loads(out)["rows"]
    assert said in err
    assert "\u202e" not in err
    assert "\x07" not in err
    assert listener == []

"""Model files are kept line for line, read by both engines' rules and changed token by token."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.core.errors import UserError
from models.core.progress import Progress
from models.io.registry import find_format
from models.io.request import ReadRequest
from models.network.hydraulics.document import InpDocument, document_of, read_document
from models.network.hydraulics.tables import tables_of
from tests.support.network.hydraulic_models import EPANET, SWMM
from tests.support.paths import DATA

MODELS = sorted((DATA / "networks").glob("*/*.inp"))


def swmm(text: str = SWMM, encoding: str = "utf-8") -> InpDocument:
    return document_of(text.encode(encoding), "m.inp")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_an_unchanged_document_is_written_byte_for_byte(encoding: str, end: str) -> None:
    raw = SWMM.replace("\n", end).encode(encoding)
    document = document_of(raw)
    assert document.as_bytes() == raw
    assert document.dialect == "swmm"
    assert document.encoding.replace("-", "") in (encoding.replace("-", ""), "utf8")


@given(st.binary(max_size=400))
@settings(max_examples=60, deadline=None)
def test_any_bytes_come_back(raw: bytes) -> None:
    assert document_of(raw).as_bytes() == raw


def test_titles_are_matched_as_the_engines_match_them() -> None:
    document = swmm("[Polygons]\nS 1 2\n[junc]\nJ1 0\n[CONDUITS]\n[WRONG]\nx\n")
    assert [section.name for section in document.sections] == ["POLYGONS", "JUNCTIONS", "CONDUITS", ""]
    assert document.rows("JUNCTIONS")[0].tokens == ("J1", "0")
    assert document_of(b"[PIPES]\n[TANKS]\n").dialect == "epanet"
    with pytest.raises(UserError, match=r"network\.unknown_model"):
        _ = document_of(b"[JUNCTIONS]\n").dialect


def test_comments_quotes_and_cyrillic_are_read_and_long_lines_are_kept_aside() -> None:
    text = '[CONDUITS]\n"C 1"  A B 10 ; длина трубы\n; весь комментарий\nC2 A B 20\n' + "x" * 10_000_000 + "\n"
    document = document_of(text.encode("cp1251"))
    assert [row.tokens for row in document.rows("CONDUITS")] == [("C 1", "A", "B", "10"), ("C2", "A", "B", "20")]
    assert document.encoding == "cp1251"
    assert document.as_bytes() == text.encode("cp1251")


def test_a_line_ends_at_a_nul_as_it_does_for_the_engines() -> None:
    document = document_of(b"[CONDUITS]\nC1 A B 10\x00 99\n")
    assert document.rows("CONDUITS")[0].tokens == ("C1", "A", "B", "10")


def test_a_change_touches_its_line_alone_and_keeps_the_columns() -> None:
    document = swmm()
    row = document.rows("JUNCTIONS")[0]
    changed = document.with_tokens({(row.line, 1): "10.125", (row.line, 2): "3"})
    before, after = document.as_bytes().split(b"\n"), changed.as_bytes().split(b"\n")
    assert [at for at, pair in enumerate(zip(before, after, strict=True)) if pair[0] != pair[1]] == [row.line]
    was, now = SWMM.split("\n")[row.line], after[row.line].decode()
    assert now.split()[:3] == ["J1", "10.125", "3"]
    assert now.index(";") == was.index(";")
    assert changed.with_tokens({(row.line, 1): "10.00", (row.line, 2): "2.0"}).as_bytes() == document.as_bytes()


def test_tokens_that_are_missing_are_appended_and_spaces_are_quoted() -> None:
    document = swmm("[CONDUITS]\r\nC1 A B 10\r\n")
    assert document.with_tokens({(1, 4): "0.013"}).as_bytes() == b"[CONDUITS]\r\nC1 A B 10  0.013\r\n"
    assert document.with_tokens({(1, 1): "N 1"}).as_bytes() == b'[CONDUITS]\r\nC1 "N 1" B 10\r\n'
    for bad in ("", "a;b", 'a"b', "a\nb", "[X"):
        with pytest.raises(UserError, match=r"network\.bad_token"):
            document.with_tokens({(1, 1): bad})


@pytest.mark.data
@pytest.mark.parametrize("path", MODELS, ids=[path.stem for path in MODELS])
def test_every_real_model_comes_back_byte_for_byte(path: Path) -> None:
    document = read_document(path)
    assert document.as_bytes() == path.read_bytes()
    assert document.dialect == path.parent.name
    assert all(section.name for section in document.sections)


def test_nodes_and_links_of_swmm_have_the_city_s_names_and_metres() -> None:
    tables = tables_of(swmm())
    nodes, links = tables.nodes.set_index("code"), tables.links.set_index("code")
    assert nodes.loc["J1", ["node_type", "invert_m", "ground_m"]].tolist() == ["manhole", 10.0, 12.0]
    assert nodes.loc["O1", "node_type"] == "outfall"
    assert links.loc["C1", "end_invert_m"] == pytest.approx(9.6)
    assert links.loc["C1", "diameter_mm"] == pytest.approx(400)
    assert links.loc["C2", ["shape", "section_height_mm", "width_mm"]].tolist() == ["rectangular", 500.0, 800.0]
    assert list(links.loc["C1"].geometry.coords) == [(100.0, 200.0), (150.0, 210.0), (200.0, 200.0)]
    assert tables.subcatchments.geometry.area.tolist() == [15000.0, 7500.0]
    assert set(nodes["kind"]) == {"YS"}


def test_feet_and_inches_become_metres_and_millimetres() -> None:
    tables = tables_of(swmm(SWMM.replace("CMS", "CFS")))
    assert tables.nodes.set_index("code").loc["J1", "invert_m"] == pytest.approx(3.048)
    assert tables.links.set_index("code").loc["C1", "diameter_mm"] == pytest.approx(0.4 * 304.8)
    assert "network.units_converted" in [caution.code for caution in tables.cautions]
    water = tables_of(document_of(EPANET.replace("LPS", "GPM").encode()))
    assert water.links.set_index("code").loc["P1", "diameter_mm"] == pytest.approx(200 * 25.4)


def test_offsets_may_be_elevations() -> None:
    text = SWMM.replace("LINK_OFFSETS         DEPTH", "LINK_OFFSETS         ELEVATION").replace(
        "0          0.1 ", "*  9.61 "
    )
    links = tables_of(swmm(text)).links.set_index("code")
    assert links.loc["C1", ["start_invert_m", "end_invert_m"]].tolist() == [10.0, 9.61]


def test_a_model_opens_as_layers_with_roles_and_without_coordinates_as_tables(tmp_path: Path) -> None:
    path = tmp_path / "m.inp"
    path.write_text(SWMM, encoding="utf-8")
    layers = find_format(path).read(path, ReadRequest(crs="EPSG:4548"), Progress())
    assert [one.layer.role for one in layers] == ["other", "other", "pipes", "pipe_nodes"]
    with pytest.raises(UserError, match=r"io\.no_crs"):
        find_format(path).read(path, ReadRequest(), Progress())
    path.write_text(SWMM.split("[COORDINATES]")[0], encoding="utf-8")
    layers = find_format(path).read(path, ReadRequest(), Progress())
    assert {one.layer.kind for one in layers} == {"table"}
    assert "network.no_coordinates" in [caution.code for caution in layers[0].data.cautions]  # type: ignore[union-attr]


def test_a_model_without_nodes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.inp"
    path.write_text("[OPTIONS]\nFLOW_UNITS CMS\n[CONDUITS]\n")
    with pytest.raises(UserError, match=r"network\.no_network"):
        find_format(path).read(path, ReadRequest(), Progress())

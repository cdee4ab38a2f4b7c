"""Drawings of profiles and sections: pages, scales, columns that never lie over each other, tables."""

import itertools
import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point

from models.core.errors import UserError
from models.network.profile.cross_section import cross_section
from models.network.profile.longitudinal import LongProfile, long_profile
from models.network.profile.path import in_order
from viewers.documents.profile_tables import write_profile, write_section
from viewers.sheets.network import texts
from viewers.sheets.network.band import arranged
from viewers.sheets.network.pages import TitleBlock, write

BLOCK = TitleBlock("示例", "A – B", "EPSG:4548", True, "2026-01-01")


def pages_in(path: Path) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", path.read_bytes()))


def profile(count: int = 4, step_m: float = 40.0) -> LongProfile:
    rows = [
        {"code": f"=W{n}", "kind": "WS", "diameter_mm": 400, "material": "钢筋混凝土", "start_node": f"N{n}",
         "end_node": f"N{n + 1}", "start_invert_m": 10 - 0.1 * n, "end_invert_m": None if n == 2 else 9.9 - 0.1 * n,
         "geometry": LineString([(step_m * n, 0), (step_m * (n + 1), 0)])}
        for n in range(count)
    ]  # fmt: skip
    rows.append({"code": "J", "kind": "JS", "diameter_mm": 200, "start_node": "", "end_node": "",
                 "geometry": LineString([(20, -9, 10.6), (20, 9, 10.6)])})  # fmt: skip
    pipes = gpd.GeoDataFrame(rows, geometry="geometry", crs="EPSG:4548")
    nodes = gpd.GeoDataFrame(
        {"code": [f"N{n}" for n in range(count + 1)], "ground_m": [12.0 - 0.1 * n for n in range(count + 1)]},
        geometry=[Point(step_m * n, 0) for n in range(count + 1)], crs="EPSG:4548",
    )  # fmt: skip
    return long_profile(pipes, nodes, in_order(pipes, range(count)), lambda x, y: 12.0 - 0.0025 * x)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_profile_is_a_page_of_text_with_its_scales_and_label(tmp_path: Path, lang: str) -> None:
    out = tmp_path / "p.pdf"
    assert write(out, profile(2), BLOCK, lang, size="A4") == 1
    assert pages_in(out) == 1
    box = re.search(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)", out.read_bytes())
    assert float(box[1]) == pytest.approx(297 / 25.4 * 72, abs=1)
    assert b"/Font" in out.read_bytes()  # text, no picture of it


def test_a_long_profile_goes_on_on_further_pages(tmp_path: Path) -> None:
    out = tmp_path / "p.pdf"
    pages = write(out, profile(30), BLOCK, "zh", scale=1000)
    assert pages > 1
    assert pages_in(out) == pages
    with pytest.raises(UserError) as error:
        write(out, profile(400), BLOCK, "zh", scale=100)
    assert error.value.code == "network.too_many_pages"
    assert pages_in(out) == pages  # what was there stays


def test_other_endings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        write(tmp_path / "p.svg", profile(), BLOCK, "zh")
    assert error.value.code == "network.bad_suffix"
    assert not list(tmp_path.iterdir())


def test_tables_hold_every_figure_and_no_formula_and_leave_the_unknown_empty(tmp_path: Path) -> None:
    out = tmp_path / "p.xlsx"
    write_profile(out, profile(), "A – B", "en", synthetic=True)
    book = openpyxl.load_workbook(out)
    wells, pipes, crossings = book.worksheets
    assert [row[2].value for row in wells.iter_rows(min_row=5)] == [f"N{n}" for n in range(5)]
    third = list(pipes.iter_rows(min_row=5, values_only=True))[2]
    assert third[0] == "=W2"
    assert pipes.cell(7, 1).data_type == "s"
    assert third[8] is None
    assert third[9] is None
    assert "Sample" in str(wells["A3"].value)
    (water,) = crossings.iter_rows(min_row=5, values_only=True)
    assert water[1] == "J"
    assert water[8] == pytest.approx(10.5 - (9.95 + 0.4 + 0.035), abs=1e-3)


def test_a_section_is_one_page_and_a_table(tmp_path: Path) -> None:
    pipes = gpd.GeoDataFrame(
        {"code": ["a", "b"], "kind": ["WS", "JS"], "diameter_mm": [400, 300]},
        geometry=[LineString([(-9, y, 5), (9, y, 5)]) for y in (3, 6)], crs="EPSG:4548",
    )  # fmt: skip
    cut = cross_section(pipes, [(0, 0), (0, 12)], lambda x, y: np.full(np.shape(x), 8.0))
    assert write(tmp_path / "s.png", cut, BLOCK, "en", size="A4") == 1
    write_section(tmp_path / "s.xlsx", cut, "", "zh")
    _, gaps = openpyxl.load_workbook(tmp_path / "s.xlsx").worksheets
    row = next(gaps.iter_rows(min_row=5, values_only=True))
    assert row[:2] == ("a", "b")
    assert row[3] == pytest.approx(3 - 0.35)
    assert row[4] == 1.5


@given(
    st.lists(st.floats(0, 500, width=32), min_size=1, max_size=30).map(sorted),
    st.floats(5, 60, width=32),
)
@settings(max_examples=80, deadline=None)
def test_columns_never_lie_over_each_other_and_keep_their_order(places: list[float], wide: float) -> None:
    found, left_out = arranged(places, [wide] * len(places), (0.0, 500.0))
    stands = [x for x in found if x is not None]
    assert left_out == len(places) - len(stands)
    assert left_out == 0 or wide * len(places) > 500
    assert all(b - a >= wide - 1e-3 for a, b in itertools.pairwise(stands))
    assert min(stands) >= wide / 2 - 1e-3
    assert max(stands) <= 500 - wide / 2 + 1e-3


def test_figures_are_written_as_on_drawings() -> None:
    assert texts.station(35.2) == "K0+035.20"
    assert texts.station(1999.999) == "K2+000.00"
    assert texts.slope(-0.0081) == "−8.1‰"
    assert texts.level(float("nan")) == "—"
    assert texts.size(float("nan"), 2000, 1500, True, "zh") == "2000×1500"

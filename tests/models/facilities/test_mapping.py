"""Foreign tables brought to the fields of a register: what is guessed, what becomes no data, what is converted."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from models.facilities.register.column_values import moments_in, numbers_in, texts_in
from models.facilities.register.fields import KINDS, domain, name_and_unit, schema
from models.facilities.register.mapping import FieldMap, Mapping, apply, guess
from resources.standards import standard
from tests.support.paths import DATA

SEWERS = DATA / "networks" / "sewers"


def lines(count: int, length_m: float = 30.0, crs: str | None = "EPSG:32650") -> gpd.GeoSeries:
    shapes = [
        shapely.LineString([(500_000 + 40 * i, 4_000_000), (500_000 + 40 * i, 4_000_000 + length_m)])
        for i in range(count)
    ]
    return gpd.GeoSeries(shapes, crs=crs)


def levels(count: int, low: float = 30.0) -> np.ndarray:
    return np.round(low + np.linspace(0, 20, count), 3)


@pytest.mark.parametrize("kind", KINDS)
def test_every_domain_of_a_field_is_there_and_no_alias_means_two_fields_that_hold_alike(kind: str) -> None:
    fields = schema(kind).fields
    assert schema(kind).field(schema(kind).key) is not None
    for field in fields:
        assert not field.domain or domain(field.domain).choices
        assert field.zh
        assert field.en
    for mine in fields:
        for other in fields:
            both = set(mine.aliases) & set(other.aliases)
            assert mine is other or not both or "choice" in (mine.type, other.type), (mine.name, other.name, both)


def test_missing_numbers_of_heights_do_not_become_heights() -> None:
    up = levels(40)
    up[:5], up[5:8] = 9999, -99
    down = levels(40, 29)
    down[3] = -1
    table = pd.DataFrame({"UPSTREAMINVERT": up, "DNSELEV": down, "ID": [f"DGM{i:04}" for i in range(40)]})
    made, report = apply(table, guess(table, "pipes"))
    assert made["start_invert_m"].isna().sum() == 8
    assert made["end_invert_m"].isna().sum() == 1
    assert dict(report.of("start_invert_m").dropped) == {"9999": 5, "-99": 3}  # type: ignore[union-attr]
    assert made["start_invert_m"].max() < 60


def test_zero_is_no_level_where_it_stands_apart_and_one_where_a_town_lies_at_the_sea() -> None:
    inland, coast = levels(30), np.round(np.linspace(-2, 6, 30), 2)
    inland[:2], coast[7:9] = 0, 0
    table = pd.DataFrame({"node": range(1, 31), "ground_m": inland, "invert_m": coast})
    made, _ = apply(table, guess(table, "nodes"))
    assert made["ground_m"].isna().sum() == 2
    assert made["invert_m"].notna().all()


def test_a_regular_number_that_looks_like_a_sentinel_is_kept() -> None:
    table = pd.DataFrame({"井号": range(60), "地面高程": np.linspace(90, 110, 60).round(0)})
    made, _ = apply(table, guess(table, "nodes"))
    assert (made["ground_m"] == 99).any()
    assert made["ground_m"].notna().all()


def test_chinese_names_units_and_words_are_understood() -> None:
    table = gpd.GeoDataFrame(
        {
            "管线编号": [f"W{i}" for i in range(6)], "管线类型": ["污水", "雨水", "雨污合流", "给水", "天然气", "WS"],
            "起点点号": list("abcdef"), "终点点号": list("bcdefg"),
            "起点管底高程（m）": levels(6), "终点管底高程（m）": levels(6, 29),
            "管径（mm）": ["DN300", "400 mm", "φ500", "600", "1000×800", "不详"],
            "材质": ["混凝土", "HDPE", "PVC-U", "球墨铸铁", "钢", "新材料"],
            "埋设年代": ["1998", "2003-05", "2010年", "20120701", "无", None],
        },
        geometry=lines(6),
    )  # fmt: skip
    made, report = apply(table, guess(table, "pipes", name="排水管线"))
    assert made["kind"].tolist() == ["WS", "YS", "HS", "JS", "RQ", "WS"]
    assert made["diameter_mm"].tolist()[:4] == [300, 400, 500, 600]
    assert made["diameter_mm"].isna().sum() == 2
    assert (made["width_mm"][4], made["section_height_mm"][4]) == (1000, 800)
    assert made["material"].tolist()[-1] == "新材料"  # an open domain keeps what it does not know, and says so
    assert dict(report.of("material").unknown) == {"新材料": 1}  # type: ignore[union-attr]
    assert made["year"].tolist()[:4] == [1998, 2003, 2010, 2012]
    assert made["year"].isna().sum() == 2
    assert report.lacking == ()
    assert "geometry" in made.columns
    assert made.crs == table.crs


def test_feet_and_inches_are_converted_where_the_source_says_so_or_its_lengths_do() -> None:
    count = 20
    table = gpd.GeoDataFrame(
        {
            "PIPEID": range(count), "DIAM": [8, 12, 15, 18, 24] * 4, "FROM_INV": levels(count, 100),
            "TO_INV": levels(count, 99), "LENGTH": [30 / 0.3048] * count,
        },
        geometry=lines(count),
    )  # fmt: skip
    mapping = guess(table, "pipes")
    made, report = apply(table, mapping)
    assert (mapping.of("start_invert_m").unit, mapping.of("start_invert_m").unit_reason) == ("ft", "lengths")  # type: ignore[union-attr]
    assert made["start_invert_m"][0] == pytest.approx(30.48)
    assert made["diameter_mm"].tolist()[:2] == pytest.approx([203.2, 304.8])
    assert report.of("start_invert_m").converted == count  # type: ignore[union-attr]
    declared = guess(table.drop(columns="LENGTH"), "pipes", units={"FROM_INV": "ft"})
    assert declared.of("start_invert_m").unit == "ft"
    assert declared.of("end_invert_m").unit == "m"
    texts = pd.DataFrame({"node": ["a", "b"], "RIM": ["12.5 ft", "20 ft"]})
    assert apply(texts, guess(texts, "nodes"))[0]["ground_m"].tolist() == pytest.approx([3.81, 6.096])


def test_a_ground_level_less_a_depth_and_the_lowest_of_four_walls_give_the_invert() -> None:
    deep = pd.DataFrame({"井号": ["1", "2", "3"], "地面高程": [10.0, 11.0, 12.0], "井深": [2.0, 0.0, 99.0]})
    made, _ = apply(deep, guess(deep, "nodes"))
    assert made["invert_m"][0] == 8
    assert made["invert_m"].isna().sum() == 2
    walls = pd.DataFrame(
        {
            "ID": ["DMH1", "DMH2"],
            "NORTH_INVERT": [9.5, np.nan],
            "WEST_INVERT": [9.1, np.nan],
            "CENTER_INVERT": [np.nan, 8.0],
        }
    )
    made, _ = apply(walls, guess(walls, "nodes"))
    assert made["invert_m"].tolist() == [9.1, 8.0]
    assert made["kind"].tolist() == ["YS", "YS"]


def test_what_a_table_does_not_say_is_lacking_and_not_guessed() -> None:
    table = pd.DataFrame({"NODE_NO": [1, 2], "RIM_ELEVATION": [10.5, 11.5], "remark": ["x", "y"]})
    mapping = guess(table, "nodes")
    made, report = apply(table, mapping)
    assert mapping.of("kind") is None
    assert "kind" not in made.columns
    assert {"kind", "node_type"} <= set(report.lacking)
    assert made["remark"].tolist() == ["x", "y"]


def test_a_column_that_is_kept_beside_a_canonical_one_of_its_name_is_renamed_whatever_its_case() -> None:
    table = pd.DataFrame({"KIND": ["gravel", "sand"], "UNITTYPE": ["STM", "SAN"], "code": ["a", "b"]})
    mapping = Mapping(
        "pipes", (FieldMap("kind", ("unittype",), values=(("STM", "YS"), ("SAN", "WS"))), FieldMap("code", ("gone",)))
    )
    made, report = apply(table, mapping)
    assert made["kind"].tolist() == ["YS", "WS"]
    assert made["KIND_source"].tolist() == ["gravel", "sand"]
    assert report.absent == ("gone",)
    folds = [str(name).casefold() for name in made.columns]
    assert len(folds) == len(set(folds))


def test_canonical_tables_map_to_themselves() -> None:
    table = pd.DataFrame(
        {
            "code": ["YS1", "YS2"],
            "kind": ["YS", "WS"],
            "start_invert_m": [0.0, 1.0],
            "diameter_mm": [300, 400],
            "year": [2015, 2016],
        }
    )
    made, report = apply(table, guess(table, "pipes"))
    assert all((made[name] == table[name]).all() for name in table.columns)
    assert not any(one.dropped or one.unknown or one.converted for one in report.fields)


def test_columns_are_read_as_people_write_them() -> None:
    numbers = numbers_in(pd.Series(["1,200", "DN 300mm", " 12.5 ", "300x200mm", "about 3", "", None, '8"', "-1.5"]))
    assert numbers.values[[0, 1, 2, 7, 8]].tolist() == [1200, 300, 12.5, 8, -1.5]
    assert (numbers.width[3], numbers.height[3]) == (300, 200)
    assert numbers.unread.tolist() == [False, False, False, False, True, False, False, False, False]
    stamps = pd.Series([-252460800000, 0, 1496646000000])  # a column of moments: 0 is a day too
    assert moments_in(stamps).dt.year.tolist() == [1962, 1970, 2017]
    assert moments_in(pd.Series([1950, 20030721, 0, 7])).dt.year.tolist()[:2] == [1950, 2003]
    assert moments_in(pd.Series(["not a day", "1999年12月31日"])).dt.month.tolist()[1] == 12
    assert texts_in(pd.Series([46187.0, np.nan, 1.5])).tolist() == ["46187", None, "1.5"]
    assert name_and_unit("RIM_ELEV_FT") == ("rimelev", "ft")
    assert name_and_unit("MAIN") == ("main", "")


def test_empty_and_odd_tables_are_mapped_without_harm() -> None:
    for table in (
        pd.DataFrame(), pd.DataFrame({"管径": []}), pd.DataFrame({"DIAMETER": [None, None]}),
        pd.DataFrame({"kind": [True, False], "diameter_mm": [float("inf"), -5.0], "start_node": [["a"], {"b": 1}]}),
    ):  # fmt: skip
        for kind in KINDS:
            made, report = apply(table, guess(table, kind))
            assert len(made) == len(table)
            assert report.rows == len(table)


#: What the tables of five cities say, read by a person: file → field → column.
CITIES = {
    "kamloops/mains": {"start_invert_m": "UPSTREAMINVERT", "end_invert_m": "DOWNSTREAMINVERT", "code": "FACILITYID"},
    "kamloops/sanitary_manholes": {"ground_m": "RIMELEVATION", "code": "FACILITYID"},
    "moncton/storm_mains": {"start_node": "MAINKEY1", "end_node": "MAINKEY2", "start_invert_m": "UPSELEV",
                            "end_invert_m": "DWNELEV",
                            "material": "PIPETYPE", "shape": "PIPESHP", "kind": "UNITTYPE", "year": "INSTDATE"},
    "moncton/manholes": {"code": "COMPKEY", "ground_m": "ZTOPCOV", "kind": "UNITTYPE"},
    "esquimalt/mains": {"code": "ID", "start_node": "UPSTREAM_MANHOLE", "end_node": "DOWNSTREAM_MANHOLE"},
    "esquimalt/manholes": {"code": "ID", "ground_m": "RIM_ELEVATION"},
    "esquimalt/sanitary_mains": {"start_node": "UPSTREAM_SMH", "start_invert_m": "UPSTREAM_ELEVATION"},
    "regina/storm_pipes": {"start_invert_m": "STARTELEVATION", "end_invert_m": "ENDELEVATION", "state": "STATUS"},
    "surrey/pub_mains": {"start_node": "UP_NODE", "end_node": "DOWN_NODE", "diameter_mm": "MAIN_SIZE", "year": "YR"},
    "surrey/pub_nodes": {"code": "NODE_NO", "ground_m": "RIM_ELEVATION"},
}  # fmt: skip


@pytest.mark.data
@pytest.mark.skipif(not SEWERS.is_dir(), reason="no shared data")
@pytest.mark.parametrize("name", CITIES)
def test_the_tables_of_five_cities_are_guessed_as_a_person_reads_them(name: str) -> None:
    table = gpd.read_file(SEWERS / f"{name}.geojson")
    kind = "pipes" if table.geom_type.str.contains("Line").any() else "nodes"
    mapping = guess(table, kind, name=name.split("/")[1])
    assert {target: mapping.of(target).source for target in CITIES[name]} == CITIES[name]  # type: ignore[union-attr]
    made, _ = apply(table, mapping)
    for field in ("start_invert_m", "end_invert_m", "ground_m", "invert_m"):
        if field in made.columns:
            known = made[field].dropna()
            assert known.between(1.5, 700).all(), (field, known.min(), known.max())
    listed = set(standard("register_fields")["sentinels"]["numbers"])
    assert not (set(made.get("diameter_mm", pd.Series(dtype=float)).dropna()) & (listed - {1.0}))

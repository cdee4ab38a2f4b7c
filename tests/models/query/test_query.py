"""Expressions, selection, filters, spatial questions, figures and names, each against an independent reference."""

from __future__ import annotations

import time
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from app.background.jobs import Jobs
from app.notices import notice_of
from app.session import Session
from app.settings import Settings
from app.usecases.query import query as ask
from models.bim.placement_value import Placement
from models.core.errors import UserError
from models.crs.frame import Frame
from models.geometry.feature_table import Features
from models.geometry.meshes import MeshStore
from models.io.ifc.property_sets import PsetStore
from models.layers.layer import CloudData, Layer, ModelData, VectorData
from models.project.project import ProjectState
from models.project.selection import Keys, ObjectKey, Selection
from models.query import spatial_relations as near
from models.query import statistics as figures
from models.query import values
from models.query.columns import columns_of, of_frame
from models.query.coordinates_text import place_of
from models.query.expression import compile_expression
from models.query.filtering import filtered, rows_of
from models.query.footprints import plans_of
from models.query.grammar import MOST_DEEP, MOST_SIGNS, parse
from models.query.measures import Geometries
from models.query.name_index import NameIndex
from models.query.statistics_report import Question, report
from models.views.visibility import ElementAppearance

CRS = "EPSG:4548"


def table() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "层数": [3, 12, 30, 7],
            "height_m": [9.5, None, 96.0, 21.0],
            "用途": ["住宅", "商业", None, " "],
            "name of": ["A-1", "b 2", "中山路（东）", "50%_x"],
            "built": pd.to_datetime(["2024-05-01", "1998-12-31", None, "2020-02-29"]),
            "有电梯": [True, False, True, None],
            "编码": [370102000000000001, 370102000000000002, 370102000000000003, 4],
        },
        index=[11, 12, 13, 14],
    )


def rows(text: str) -> list[bool]:
    return compile_expression(text).rows(table()).tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("层数 > 7", [0, 1, 1, 0]),
        ("层数大于7且用途为空", [0, 0, 1, 0]),
        ("用途为空", [0, 0, 1, 1]),
        ("用途 is null", [0, 0, 1, 0]),
        ("用途 is not null and not 用途 is empty", [1, 1, 0, 0]),
        ("not height_m > 10", [1, 0, 0, 0]),
        ("height_m > 10 or 层数 = 12", [0, 1, 1, 1]),
        ("用途 in ('住宅', '商业')", [1, 1, 0, 0]),
        ("用途 not in ('住宅', null)", [0, 0, 0, 0]),
        ("用途 <> “住宅”", [0, 1, 0, 1]),
        ("\"name of\" like '%路%'", [0, 0, 1, 0]),
        ("[name of] ilike 'B_2'", [0, 1, 0, 0]),
        (r"`name of` like '50\%\_x'", [0, 0, 0, 1]),
        ("\"name of\" contains '（东）'", [0, 0, 1, 0]),
        ("built >= '2020-01-01'", [1, 0, 0, 1]),
        ("year(built) = 1998 and month(built) = 12 and weekday(built) = 4", [0, 1, 0, 0]),
        ("built - date('2020-02-28') = 1", [0, 0, 0, 1]),
        ("有电梯", [1, 0, 1, 0]),
        ("not 有电梯", [0, 1, 0, 0]),
        ("编码 = 370102000000000002", [0, 1, 0, 0]),
        ("层数 介于 7 和 12", [0, 1, 0, 1]),
        ("层数 between 7 and 12 and 有电梯 is null", [0, 0, 0, 1]),
        ("coalesce(height_m, 层数 * 3) = 36", [0, 1, 0, 0]),
        ("if(层数 > 9, '高', '低') = '高'", [0, 1, 1, 0]),
        ("case when 层数 < 5 then 1 when 层数 < 10 then 2 else 3 end = 2", [0, 0, 0, 1]),
        ("round(height_m / 3, 1) = 3.2", [1, 0, 0, 0]),
        ("层数 % 5 = 2", [0, 1, 0, 1]),
        ("-2 ^ 2 = -4", [1, 1, 1, 1]),
        ("2 ^ 3 ^ 2 = 512", [1, 1, 1, 1]),
        ("1 / (层数 - 7) > 0", [0, 1, 1, 0]),
        ("10 ^ 10 ^ 10 > 1", [0, 0, 0, 0]),
        ("substr(\"name of\", 1, 2) = '中山' or substr(\"name of\", -2) = '_x'", [0, 0, 1, 1]),
        ("upper(replace(\"name of\", ' ', '')) = 'B2'", [0, 1, 0, 0]),
        ('length("name of") = 6', [0, 0, 1, 0]),
        ("$id = 13", [0, 0, 1, 0]),
        ("层数 || '层' = '12层'", [0, 1, 0, 0]),
    ],
)
def test_an_expression_holds_for_the_rows_a_person_would_pick(text: str, expected: list[int]) -> None:
    assert rows(text) == [bool(one) for one in expected]
    again = compile_expression(compile_expression(text).text)
    assert again.tree == compile_expression(text).tree, "its own spelling means the same"


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ("", "ask.empty", None), ("层数 >", "ask.syntax", 5), ("(层数 > 1", "ask.syntax", 8), ("'abc", "ask.quote", 1),
        ("层树 > 1", "ask.no_field", 1), ("层数 > 'a'", "ask.kinds", 4), ("层数", "ask.no_condition", 1),
        ("lower(层数) = 'a'", "ask.argument", 7), ("round(1, 2, 3) = 1", "ask.arguments", 1),
        ("$are > 1", "ask.no_measure", 1), ("built > '昨天'", "ask.no_date", 7), ("用途 + 1 > 2", "ask.operand", 1),
        ("用途 like \"name of\"", "ask.constant", 4), ("层数 = 1 = 1", "ask.syntax", 8),
        ("__import__('os')", "ask.no_function", 1), ("eval('1')", "ask.no_function", 1),
        ("层数.__class__ = 1", "ask.no_field", 1),
        ("().__class__", "ask.syntax", 2), ("层数; drop", "ask.syntax", 3), ("lambda: 1", "ask.syntax", 7),
        ("1e999 > 层数", "ask.too_large", 1),
        ("$area_m2 > 1", "ask.no_geometry", 1),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused_with_the_place_in_the_text(text: str, code: str, at: int | None) -> None:
    with pytest.raises(UserError) as raised:
        rows(text)
    assert raised.value.code == code
    assert raised.value.facts.get("at") == at


def test_a_misspelt_field_names_the_one_that_was_meant() -> None:
    with pytest.raises(UserError) as raised:
        rows("heigth_m > 3")
    assert "height_m" in str(raised.value.facts["like"])
    assert compile_expression("高度 > 3", table().columns, {"高度": "height_m"}).text == "height_m > 3"


@pytest.mark.parametrize(
    "text",
    [
        "(" * (MOST_DEEP + 1) + "1" + ")" * (MOST_DEEP + 1), "not " * 990 + "有电梯", "-" * 3000 + "1 > 0",
        "2" + "^2" * 1500 + " > 1", "层数 in (" + "1," * (MOST_SIGNS // 2) + "1)", "x" * 5000,
        "abs(" * 61 + "1" + ")" * 61,
    ],
)  # fmt: skip
def test_deep_or_endless_text_is_answered_or_refused_and_never_a_crash(text: str) -> None:
    assert outcome(text) in ("", "ask.too_long", "ask.too_deep", "ask.syntax", "ask.no_field")


def outcome(text: str) -> str:
    """Return the code of what is wrong with a text, empty for nothing."""
    try:
        rows(text)
    except UserError as error:
        return error.code
    return ""


def test_texts_cannot_grow_without_end() -> None:
    text = "'aaaaaaaa'"
    for _ in range(8):
        text = f"replace({text}, 'a', 'aaaaaaaa')"
    with pytest.raises(UserError, match=r"ask\.too_much"):
        rows(f"{text} = 'b'")


def test_a_hostile_pattern_is_no_regular_expression() -> None:
    frame = pd.DataFrame({"t": ["a" * 5000 + "b"] * 50})
    started = time.process_time()
    assert not compile_expression("t like '%a%a%a%a%a%a%a%a%a%a%a%a%c'").rows(frame).any()
    assert compile_expression("t like '(a+)+%'").rows(frame).sum() == 0
    assert time.process_time() - started < 20, "linear, not exponential"


NUMBERS = st.one_of(st.none(), st.integers(-50, 50), st.floats(-1e6, 1e6, allow_nan=False))


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=12), st.sampled_from("+-*/"), st.integers(-9, 9))
def test_arithmetic_and_comparison_agree_with_pandas(pairs: list[tuple[object, object]], sign: str, limit: int) -> None:
    frame = pd.DataFrame(pairs, columns=["a", "b"]).astype(float)
    with np.errstate(all="ignore"):
        work = {"+": frame.a + frame.b, "-": frame.a - frame.b, "*": frame.a * frame.b, "/": frame.a / frame.b}[sign]
    work = work.where(np.isfinite(work))
    true, known = compile_expression(f"a {sign} b >= {limit}").truth(frame)
    assert (known == work.notna().to_numpy()).all()
    assert (true == (work >= limit).to_numpy()).all()


TRUTHS = st.lists(st.tuples(*[st.sampled_from([True, False, None])] * 3), min_size=1, max_size=10)


@settings(max_examples=80, deadline=None)
@given(TRUTHS)
def test_and_or_not_follow_three_values_as_pandas_has_them(facts: list[tuple[bool | None, ...]]) -> None:
    frame = pd.DataFrame(facts, columns=list("pqr"), dtype="boolean")
    true, known = compile_expression("p and not q or r and (p or q)").truth(frame)
    expected = (frame.p & ~frame.q) | (frame.r & (frame.p | frame.q))
    assert (known == expected.notna().to_numpy()).all()
    assert (true == expected.fillna(False).to_numpy(dtype=bool)).all()


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab层数'\"()<>=!+-*/%^,.$ 且或非1234560[]“”nott inulike", max_size=60))
def test_any_text_gives_a_tree_or_an_explained_error(text: str) -> None:
    code = outcome(text)
    assert not code or code.startswith(("ask.", "crs."))
    if not code:
        assert parse(compile_expression(text).text) == parse(text)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(max_size=8)), min_size=1, max_size=8), st.text(min_size=1, max_size=3))
def test_texts_agree_with_python(texts: list[str | None], part: str) -> None:
    texts = [None if one is None else one.encode("utf-8", "replace").decode() for one in texts]
    part = part.encode("utf-8", "replace").decode()
    frame = pd.DataFrame({"t": pd.Series(texts, dtype=object)})
    quoted = part.replace("'", "''")
    assert compile_expression(f"t contains '{quoted}'").rows(frame).tolist() == [
        one is not None and part in one for one in texts
    ]
    assert compile_expression(f"t = '{quoted}'").rows(frame).tolist() == [one == part for one in texts]


def grid(count: int = 400, seed: int = 3) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(seed)
    x, y = 500_000 + rng.random(count) * 2000, 4_000_000 + rng.random(count) * 2000
    boxes = shapely.box(x, y, x + 5 + rng.random(count) * 60, y + 5 + rng.random(count) * 60)
    return gpd.GeoDataFrame({"n": np.arange(count)}, geometry=boxes, crs=CRS, index=np.arange(count) * 3 + 7)


def both_ways(frame: gpd.GeoDataFrame) -> list[VectorData]:
    """Return the same features as a frame and as columns."""
    return [VectorData(frame), VectorData(None, None, Features.of_frame(frame))]


def test_areas_are_metres_of_a_projected_crs_or_of_the_ellipsoid_and_never_degrees() -> None:
    frame = grid(20)
    found = compile_expression("$area_m2").values(frame, frame.geometry)
    assert found == pytest.approx(frame.area.to_numpy())
    assert compile_expression("$x").values(frame, frame.geometry) == pytest.approx(frame.centroid.x.to_numpy())
    degrees = frame.to_crs("EPSG:4326").geometry
    with pytest.raises(UserError, match=r"crs\.degrees"):
        compile_expression("$x > 1").rows(frame, degrees)
    on_ellipsoid = compile_expression("$area_m2").values(frame, degrees)
    equal_area = degrees.to_crs("+proj=laea +lat_0=36.6 +lon_0=117 +datum=WGS84").area
    assert on_ellipsoid == pytest.approx(equal_area.to_numpy(), rel=1e-5)
    told = Geometries(degrees, CRS)
    assert compile_expression("$area_m2").values(frame, told) == pytest.approx(on_ellipsoid), "whatever the zone"
    assert compile_expression("$x").values(frame, told) == pytest.approx(frame.centroid.x.to_numpy(), abs=1e-3)
    feet = frame.to_crs("EPSG:2263").geometry
    assert compile_expression("$area_m2").values(frame, feet.set_crs("EPSG:2263")) == pytest.approx(
        feet.area.to_numpy() * 0.3048006096012192**2
    ), "square metres of a CRS in feet"


@pytest.mark.parametrize("way", [0, 1])
def test_a_filter_takes_the_rest_away_for_everybody_and_is_worked_out_once(way: int) -> None:
    frame = grid(60)
    data = both_ways(frame)[way]
    layer = Layer("boxes", "boxes", "vector", filter="n % 2 = 0 and $area_m2 > 900")
    expected = frame[(frame.n % 2 == 0) & (frame.area > 900)]
    part = filtered(layer, data, CRS)
    assert isinstance(part, VectorData)
    assert part.frame.index.tolist() == expected.index.tolist()
    assert shapely.equals(np.asarray(part.frame.geometry.array), np.asarray(expected.geometry.array)).all()
    assert filtered(layer, data, CRS) is part
    assert filtered(replace(layer, filter=""), data, CRS) is data
    assert rows_of(replace(layer, filter=""), data) is None


@pytest.mark.parametrize("way", [0, 1])
def test_selecting_by_a_polygon_is_what_shapely_says(way: int) -> None:
    frame = grid()
    shapes = near.shapes_of(both_ways(frame)[way], CRS)
    area = shapely.Polygon([(500_300, 4_000_200), (501_500, 4_000_500), (501_100, 4_001_700), (500_800, 4_000_900)])
    for shape in (
        area,
        shapely.box(500_400, 4_000_400, 501_300, 4_001_200),
        shapely.Point(501_000, 4_001_000).buffer(700),
    ):
        touching = frame.index[frame.intersects(shape)]
        wholly = frame.index[frame.covered_by(shape)]
        assert 0 < len(wholly) < len(touching) < len(frame)
        assert sorted(near.inside(shapes, shape).tolist()) == touching.tolist()
        assert sorted(near.inside(shapes, shape, wholly=True).tolist()) == wholly.tolist()


def row_of_boxes(count: int) -> tuple[Layer, ModelData]:
    """Return a model of boxes 10 m wide, one every 20 m to the east, each one element made of two halves."""
    corners = np.array([(x, y, z) for z in (0, 3) for y in (0, 10) for x in (0, 5)], np.float32)
    matrices = np.tile(np.eye(4), (2 * count, 1, 1))
    matrices[:, 0, 3] = np.repeat(20.0 * np.arange(count), 2) + np.tile([0.0, 5.0], count)
    meshes = MeshStore(
        corners, np.array([(0, 1, 3), (4, 5, 7)], np.int32), np.zeros(2, np.int32), np.array([0, 8]), np.array([0, 2]),
        np.zeros(2 * count, np.int32), np.repeat(np.arange(count), 2).astype(np.int32), matrices,
        np.ones((1, 4), np.float32),
    )  # fmt: skip
    elements = pd.DataFrame({"ifc_class": ["IfcWall"] * count, "has_geometry": True, "name": ""})
    stands = np.eye(4)
    stands[:2, 3] = 500_000, 4_000_000
    return Layer("m", "m", "model", "model"), ModelData(meshes, elements, PsetStore.of({}, count), stands, CRS)


def test_selecting_by_a_shape_takes_elements_that_are_seen_and_no_cloud() -> None:
    session = Session(Settings(None), Jobs(inline=True), lang="en")
    layer, data = row_of_boxes(6)
    cloud = CloudData(np.zeros((4, 3), np.float32), np.array([500_000.0, 4_000_000.0, 0.0]), CRS)
    state = ProjectState(frame=Frame(CRS, None, (500_000, 4_000_000, 0)), layers=(layer, Layer("c", "c", "cloud")))
    session.project.replace_all(state, {"m": data, "c": cloud}, None)
    session.visibility.set("m", ElementAppearance(hidden=frozenset({1}), ghost=frozenset({3})))
    found = ask.inside(session, shapely.box(500_000, 4_000_000, 500_200, 4_000_010))
    assert {name: oids.tolist() for name, oids in found.items()} == {"m": [0, 2, 4, 5]}
    assert ask.related(session, "m", "near", "m", 11.0, only=np.array([4])).oids.tolist() == [4, 5]


@pytest.mark.parametrize("relation", ["intersects", "within", "contains"])
@pytest.mark.parametrize("sizes", [(300, 40), (40, 300)])
def test_relations_are_those_of_a_spatial_join(relation: str, sizes: tuple[int, int]) -> None:
    one, other = grid(sizes[0], 1), grid(sizes[1], 2)
    other.geometry = other.geometry.buffer(40 if relation == "within" else 2)
    one.geometry = one.geometry.buffer(60) if relation == "contains" else one.geometry
    expected = sorted(set(gpd.sjoin(one, other, predicate=relation).index))
    assert expected, "the comparison means something"
    found = near.find(near.shapes_of(VectorData(one), CRS), near.shapes_of(VectorData(other), CRS), relation)
    assert sorted(found.oids.tolist()) == expected


@pytest.mark.parametrize("way", [0, 1])
def test_near_and_nearest_are_distances_in_metres(way: int) -> None:
    one, other = grid(300, 1), grid(25, 2)
    pair = [near.shapes_of(both_ways(frame)[way], CRS) for frame in (one, other)]
    away = one.geometry.apply(lambda shape: other.distance(shape).min())
    found = near.find(pair[0], pair[1], "near", 75.0)
    assert sorted(found.oids.tolist()) == one.index[away <= 75.0].tolist()
    nearest = near.find(pair[0], pair[1], "nearest")
    expected = {
        int(one.index[k])
        for shape in other.geometry
        for d in [one.distance(shape)]
        for k in np.flatnonzero(d == d.min())
    }
    assert set(nearest.oids.tolist()) == expected


def test_elements_of_a_model_are_found_by_their_plans_as_it_stands_turned_and_moved() -> None:
    layer, data = row_of_boxes(6)
    area = shapely.box(500_014, 4_000_000, 500_046, 4_000_004)
    plans = plans_of(layer, data, CRS)
    assert plans is not None
    assert near.inside(plans, area).tolist() == [1, 2], "each box is 10 m wide, one every 20 m"
    assert near.inside(plans, area, wholly=True).tolist() == []
    assert near.inside(plans, shapely.box(500_019, 3_999_999, 500_051, 4_000_011), wholly=True).tolist() == [1, 2]
    turned = replace(layer, place=Placement(500_000, 4_000_000, 0, bearing_deg=90, crs=CRS))
    there = plans_of(turned, data, CRS)
    assert there is not None
    truth = [shapely.box(500_000, 4_000_000 - 20 * k - 10, 500_010, 4_000_000 - 20 * k) for k in range(6)]
    assert shapely.equals_exact(shapely.normalize(there.pick(np.arange(6))), shapely.normalize(truth), 1e-6).all()
    nowhere = replace(data, crs="")
    assert plans_of(layer, nowhere, CRS) is None


def test_what_has_no_geometry_is_told_apart_and_an_empty_layer_is_no_answer() -> None:
    frame = grid(10)
    frame.loc[frame.index[2], "geometry"] = None
    shapes = near.shapes_of(VectorData(frame), CRS)
    found = near.find(shapes, near.shapes_of(VectorData(grid(10)), CRS), "near", 1e6)
    assert found.silent.tolist() == [frame.index[2]]
    assert len(found.oids) == found.asked == 9
    nothing = gpd.GeoDataFrame({"n": [1]}, geometry=[None], crs=CRS)
    with pytest.raises(UserError, match=r"ask\.nothing_there"):
        near.find(shapes, near.shapes_of(VectorData(nothing), CRS), "intersects")


def test_a_selection_keeps_the_order_and_makes_keys_only_when_looked_at() -> None:
    selection, told = Selection(), []
    selection.changed.connect(lambda before, after: told.append((len(before), len(after))))
    keys = [ObjectKey("a", 5), ObjectKey("b", 1), ObjectKey("a", 2)]
    selection.set(keys)
    assert selection.keys == tuple(keys)
    assert selection.keys[-1] == keys[-1]
    assert ObjectKey("b", 1) in selection.keys
    assert ObjectKey("b", 2) not in selection.keys
    assert selection.of_layer("a") == [5, 2]
    every = np.arange(1_000_000)
    selection.set_rows("big", every)
    assert len(selection.keys) == 1_000_000
    assert selection.oids_of("big") is not None
    assert (selection.oids_of("big") == every).all()
    selection.set_rows("big", every)
    assert told == [(0, 3), (3, 1_000_000)], "setting the same is silent"
    selection.set_rows("big", every[::2], "remove")
    selection.set_rows("big", [1, 3, 8], "common")
    assert selection.keys == (ObjectKey("big", 1), ObjectKey("big", 3))
    selection.set_rows("b", [4], "add")
    assert selection.keys == (ObjectKey("big", 1), ObjectKey("big", 3), ObjectKey("b", 4))
    selection.set(())
    assert not selection.keys
    assert selection.keys == ()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 6)), max_size=14))
def test_keys_behave_as_the_tuple_of_distinct_keys(raw: list[tuple[str, int]]) -> None:
    wanted = tuple(dict.fromkeys(ObjectKey(*one) for one in raw))
    keys = Keys.of([ObjectKey(*one) for one in raw])
    assert tuple(keys) == wanted
    assert len(keys) == len(wanted)
    assert keys[1:] == wanted[1:]
    assert all(key in keys for key in wanted)
    assert {layer: oids.tolist() for layer, oids in keys.by_layer().items()} == {
        layer: sorted(key.oid for key in wanted if key.layer == layer) for layer in {key.layer for key in wanted}
    }


def test_figures_are_those_of_pandas_and_the_missing_are_counted_apart() -> None:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"v": rng.normal(50, 9, 500), "g": rng.choice(["x", "y", None], 500)})
    frame.loc[::7, "v"] = np.nan
    columns = of_frame(frame)
    answer = report(columns, Question("l", "v", by="g", chart="histogram"))
    own, plain = answer.whole, frame.v
    assert (own.count, own.missing) == (500, int(plain.isna().sum()))
    for name, value in (
        ("sum", plain.sum()),
        ("mean", plain.mean()),
        ("median", plain.median()),
        ("spread", plain.std()),
    ):
        assert getattr(own, name) == pytest.approx(value)
    assert (own.least, own.most) == (plain.min(), plain.max())
    by = frame.groupby("g").v
    assert {group.name: group.figures.mean for group in answer.groups if group.name} == pytest.approx(
        by.mean().to_dict()
    )
    assert answer.groups[-1].name is None, "rows without a group come last"
    assert sum(bar.height for bar in answer.bars) == plain.notna().sum(), "no number falls between the bars"
    assert all(frame.v.iloc[bar.rows].between(bar.low, bar.high).all() for bar in answer.bars)
    box = figures.boxes(columns.value("v"), list(answer.groups), 500)[0]
    mine = frame.v[frame.g == box.name].dropna()
    assert [box.first, box.median, box.third] == pytest.approx(mine.quantile([0.25, 0.5, 0.75]).tolist())


def test_bars_of_a_measured_field_are_ranges_in_their_order() -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"height": rng.normal(30, 8, 3000), "storeys": rng.integers(1, 12, 3000), "code": 370211})
    columns = of_frame(frame)
    answer = report(columns, Question("l", "height", chart="bars"))
    assert answer.is_histogram
    assert [bar.low for bar in answer.bars] == sorted(bar.low for bar in answer.bars)
    assert all(one.high == pytest.approx(two.low) for one, two in zip(answer.bars, answer.bars[1:], strict=False))
    assert sum(bar.height for bar in answer.bars) == 3000
    counted = report(columns, Question("l", "storeys", chart="bars"))
    assert counted.is_histogram
    assert [(bar.low + bar.high) / 2 for bar in counted.bars] == list(range(1, 12)), "a bar for each, in its place"
    assert [bar.height for bar in counted.bars] == frame.storeys.value_counts().sort_index().tolist()
    coded = report(columns, Question("l", "code", chart="bars"))
    assert not coded.is_histogram
    assert [bar.name for bar in coded.bars] == ["370211"]


def test_wide_ranges_of_whole_numbers_have_whole_numbers_in_every_bar() -> None:
    years = np.random.default_rng(2).integers(1950, 2025, 4000)
    bars = figures.histogram(values.number(years, np.ones(4000, bool)), 4000)
    assert len(bars) <= figures.MOST_BARS
    assert len({round(bar.high - bar.low, 6) for bar in bars}) == 1
    assert all(bar.low % 1 == 0.5 for bar in bars)
    assert sum(bar.height for bar in bars) == 4000


def test_rarer_categories_are_one_bar_and_one_row_and_none_is_lost() -> None:
    names = [f"k{k:03}" for k in range(300) for _ in range(1 + k // 60)]
    frame = pd.DataFrame({"g": [*names, None], "v": range(len(names) + 1)})
    answer = report(of_frame(frame), Question("l", "g", chart="bars"))
    assert [bar.others for bar in answer.bars if bar.others] == [300 - figures.MOST_CATEGORIES]
    assert sum(bar.height for bar in answer.bars) == len(frame)
    counts = [bar.height for bar in answer.bars if bar.name]
    assert counts == sorted(counts, reverse=True)
    grouped = report(of_frame(frame), Question("l", "v", by="g", chart="bars", figure="mean"))
    assert sum(group.figures.count for group in grouped.groups) == len(frame)
    assert [group.others for group in grouped.groups if group.others] == [100]
    rest = next(bar for bar in grouped.bars if bar.others)
    assert rest.height == pytest.approx(frame.v[rest.rows].mean())


def test_groups_that_are_numbers_stand_in_their_order() -> None:
    frame = pd.DataFrame({"storeys": [10, 2, 2, 9, 10, 10], "v": range(6)})
    answer = report(of_frame(frame), Question("l", "v", by="storeys", chart="bars"))
    assert [bar.name for bar in answer.bars] == ["2", "9", "10"]


def test_totals_add_up_only_what_adds_up_and_count_parts_once() -> None:
    frame = pd.DataFrame({
        "area_m2": [100.0, 60.0, 40.0, np.nan], "height_m": [3.0, 4.0, 5.0, 6.0], "storeys": [1, 2, 3, 4],
        "lon": [120.1, 120.2, 120.3, 120.4], "parent": [-1, 0, 0, 1], "year": [1998, 2001, 2001, 2020],
        "code": [370211] * 4, "slope": [0.1, 0.2, 0.3, 0.4], "bid": [9007199254740993, 1, 2, 3],
        "人口": [9007199254740993, 1, 2, 3],
    })  # fmt: skip
    plain, every = of_frame(frame), np.arange(4)
    assert {name for name in frame if plain.totals(name, every).sum is not None} == {"area_m2", "人口"}
    assert plain.totals("area_m2", every).sum == 200
    assert plain.totals("人口", every).sum == 9007199254740999, "to the last digit"
    assert plain.totals("height_m", every).mean == 4.5
    assert (plain.totals("year", every).least, plain.totals("year", every).most) == (1998, 2020)
    assert plain.totals("code", every).figure == ""
    assert plain.totals("lon", every).mean is None
    assert plain.totals("bid", every).most == 9007199254740993
    tree = of_frame(frame, frame.parent.to_numpy(np.int64))
    assert tree.totals("area_m2", every).sum == 100, "the whole is not added to its parts"
    assert tree.totals("area_m2", np.array([0, 2])).sum == 40
    assert tree.totals("area_m2", np.array([0])).sum == 100


def test_no_rows_give_no_figures_rather_than_zero() -> None:
    nothing = figures.figures(values.number(np.zeros(3), np.zeros(3, bool)), 3)
    assert (nothing.mean, nothing.sum, nothing.coverage) == (None, None, 0.0)


def test_rows_are_sorted_with_the_missing_last_either_way() -> None:
    columns = of_frame(table())
    every = np.arange(4)
    assert columns.ordered("height_m", every).tolist() == [0, 3, 2, 1]
    assert columns.ordered("height_m", every, descending=True).tolist() == [2, 3, 0, 1]
    assert columns.ordered("用途", every).tolist()[-1] == 2
    assert columns.ordered("built", every, descending=True).tolist() == [0, 3, 1, 2]


def test_columns_of_arrow_and_of_pandas_say_the_same() -> None:
    frame = grid(30)
    frame["t"] = [None if k % 4 == 0 else f"路{k}" for k in range(30)]
    one, other = (columns_of(data) for data in both_ways(frame))
    assert one is not None
    assert other is not None
    assert one.fields == other.fields
    for field in one.fields:
        cells = [
            [None if pd.isna(way.cell(field, k)) else way.cell(field, k) for k in range(30)] for way in (one, other)
        ]
        assert cells[0] == cells[1]
        assert one.ordered(field, np.arange(30)).tolist() == other.ordered(field, np.arange(30)).tolist()
    assert one.holding("路1").tolist() == other.holding("路1").tolist()


def test_names_are_found_whole_in_part_and_with_a_slip() -> None:
    index = NameIndex(["泉城路街道办事处", "泉城广场", None, "经十路123号", "Spring City Square", "大明湖"])
    assert [hit.text for hit in index.find("泉城")] == ["泉城广场", "泉城路街道办事处"]
    assert index.find("大明湖")[0].score == 1000
    assert index.find("经十路１２３")[0].text == "经十路123号", "full-width figures are figures"
    assert index.find("spring city")[0].row == 4
    assert index.find("泉城路街到办事处")[0].text == "泉城路街道办事处", "one wrong sign"
    assert index.find("湖")[0].text == "大明湖"
    assert index.find("xyz") == []
    assert NameIndex([]).find("a") == []


def test_coordinates_are_read_in_degrees_and_metres() -> None:
    frame = Frame(CRS, None, (502000, 4059000, 30))
    lon, lat = frame.lonlat(502500.0, 4059700.0)
    for text in (f"{lon:.8f},{lat:.8f}", f"{lat:.8f}°N {lon:.8f}°E", f"{lon:.8f}，{lat:.8f}"):
        place = place_of(text, frame)
        assert place is not None
        assert place[:2] == pytest.approx((502500.0, 4059700.0), abs=0.01)
    assert place_of("502500 4059700", frame) == (502500.0, 4059700.0, 30.0)
    assert place_of("N 4059700, E 502500", frame) == (502500.0, 4059700.0, 30.0)
    assert place_of("12 号楼", frame) is None
    assert place_of("117.02,36.66", None) is None


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("层数 > '多'", "不能比较 数值 与 文本（第 4 个字符）。", "Cannot compare number with text (sign 4)."),
        (
            "not 层数", "这里需要条件，而不是 数值（第 5 个字符）。",
            "A condition is needed here, not a value of kind number (sign 5).",
        ),
    ],
)  # fmt: skip
def test_kinds_of_values_are_named_in_the_language_of_the_reader(text: str, zh: str, en: str) -> None:
    with pytest.raises(UserError) as error:
        compile_expression(text).rows(of_frame(table()), None)
    said = notice_of(error.value)
    assert (said.text("zh"), said.text("en")) == (zh, en)

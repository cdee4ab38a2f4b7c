"""A theme's colours and its legend tell the same story, and no data is never a colour of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from models.crs.frame import Frame
from models.facilities.register import states
from models.health.compute import compute
from models.health.editions import indicator
from models.health.results import CITY_OID, GoodObjects, IndicatorResult, InputUsed, Problem, UnitValue
from models.layers.layer import Layer, LayerData, Style, VectorData
from models.project.project import ProjectState
from models.project.selection import Keys, ObjectKey
from models.style.kinds import PipeLook
from models.views.scene_state import Theme
from resources.words import LANGUAGES, word
from viewers.legend import Legend
from viewers.render.layers.areas import HATCH
from viewers.render.layers.facilities import MARKER
from viewers.render.layers.pipe_kinds import kind_colour
from viewers.render.palette.status_colours import rgba, status
from viewers.render.symbology.theming import ThemePicture, grades_of, pictured, themed

FRAME = Frame("EPSG:4548", "EPSG:5737", (502000, 4059000, 0))


def frame(geometry: Any, index: Any, **columns: Any) -> VectorData:
    return VectorData(gpd.GeoDataFrame(columns, geometry=list(geometry), index=index, crs=FRAME.horizontal))


def city() -> tuple[ProjectState, dict[str, Any]]:
    squares = [shapely.box(502000 + 500 * k, 4059000, 502500 + 500 * k, 4059500) for k in range(3)]
    data: dict[str, Any] = {
        "districts": frame(squares, [1, 2, 3], code=["a", "b", "c"], name=["甲", "乙", "丙"], name_en=["A", "B", ""]),
        "parcels": frame(squares, [21, 22, 23], district_code=["a", "b", "c"], code=["p1", "p2", "p3"]),
        "green": frame(squares[:1], [5], kind=["park"], name=["园"]),
        "components": frame(
            [shapely.Point(502010 + 20 * k, 4059010) for k in range(8)], np.arange(8),
            ObjID=[f"3701020{c}00000{k}" for k, c in enumerate((101, 103, 103, 118, 118, 402, 402, 101))],
            ObjState=["完好", "破损", "丢失", "完好", "破损", "占用", None, "没听过"],
        ),
        "pipes": frame([shapely.LineString([(0, 0), (1, 1)])] * 2, [1, 2], kind=["YS", "JS"]),
        "surveys": VectorData(pd.DataFrame({"district_code": ["c"], "theme": ["parcels"], "share": [0.0]})),
    }  # fmt: skip
    roles = {"components": "facilities"}
    layers = tuple(
        Layer(name, name, "table" if name == "surveys" else "vector", roles.get(name, name), code_edition="cjt214_2007")
        for name in data
    )
    return ProjectState(frame=FRAME, layers=layers), data


def unit(oid: int, code: str, value: float | None) -> UnitValue:
    return UnitValue(
        "districts", oid, code, code, code, value, None, None, 1.0, "ok" if value is not None else "no_data"
    )


def result(
    code: str = "HC25-25", values: tuple[float | None, ...] = (95.0, 50.0, None), **more: Any
) -> IndicatorResult:
    units = tuple(unit(k + 1, "abc"[k], value) for k, value in enumerate(values))
    rules = tuple(benchmark.threshold for benchmark in indicator(code).benchmarks)
    return IndicatorResult(code, "2025", units, unit(CITY_OID, "", 70.0), **({"thresholds": rules} | more))


def colour_of(picture: ThemePicture, layer: str, oid: int) -> tuple[int, ...] | None:
    oids, rgba_rows = picture.colours[layer]
    found = np.flatnonzero(oids == oid)
    return tuple(rgba_rows[found[0]].tolist()) if len(found) else None


def entry(legend: Legend, text: str) -> Any:
    return next(e for e in legend.entries if text in e.text)


# --- facilities -------------------------------------------------------------------------------------------------------


def test_components_wear_the_colour_that_the_legend_gives_their_state() -> None:
    state, data = city()
    picture = themed(state, data, Theme("facilities"), None, "zh")
    shown = {e.text: e for e in picture.legend.entries}
    for oid, name in enumerate(["完好", "破损", "丢失", "完好", "破损", "占用", "状态不明", "状态不明"]):
        assert colour_of(picture, "components", oid) == rgba(shown[name].colour)


def test_legend_counts_are_those_of_the_register() -> None:
    state, data = city()
    legend = themed(state, data, Theme("facilities"), None, "zh").legend
    counted = {e.text: e.count for e in legend.entries}
    assert {name: counted[name] for name in ("完好", "破损", "丢失", "占用", "状态不明")} == {
        "完好": 2, "破损": 2, "丢失": 1, "占用": 1, "状态不明": 2,
    }  # fmt: skip
    assert "移位" not in counted
    assert counted["异常：雨水井盖"] == 2
    assert counted["异常：路灯"] == 1
    assert sum(count for text, count in counted.items() if text.startswith("异常：")) == 4
    assert "8" in legend.note
    assert "2" in legend.note


def test_what_needs_nobody_steps_back_and_what_needs_somebody_keeps_its_colour() -> None:
    state, data = city()
    legend = themed(state, data, Theme("facilities"), None, "zh").legend
    for known in states().values():
        found = [e.colour for e in legend.entries if e.text == known.name]
        if found:
            assert (found[0] == known.colour) == (known.id in status()["markers"])


# --- indicators -------------------------------------------------------------------------------------------------------


def test_a_district_without_data_is_hatched_and_the_others_are_not() -> None:
    state, data = city()
    picture = themed(state, data, Theme("indicator", "HC25-25"), {"HC25-25": result()}, "zh")
    hatch = colour_of(picture, "districts", 3 + HATCH)
    assert hatch is not None
    assert 100 < hatch[3] < 200, "seen, and quiet"
    assert colour_of(picture, "districts", 1 + HATCH) is None
    assert colour_of(picture, "districts", 2 + HATCH) is None
    wash = colour_of(picture, "districts", 3)
    assert wash is not None
    assert max(wash[:3]) - min(wash[:3]) < 20  # grey
    line = entry(picture.legend, "无数据")
    assert (line.pattern, line.count) == ("hatch", 1)
    assert all(e.pattern != "hatch" for e in picture.legend.entries if e is not line)


def test_an_indicator_that_was_not_computed_hatches_everything_and_says_so() -> None:
    state, data = city()
    picture = themed(state, data, Theme("indicator", "HC25-25"), {}, "zh")
    assert all(colour_of(picture, "districts", oid + HATCH) is not None for oid in (1, 2, 3))
    assert picture.legend.note
    assert [e.pattern for e in picture.legend.entries] == ["hatch"]


def test_the_choropleth_has_the_five_classes_of_the_legend_and_their_counts() -> None:
    state, data = city()
    picture = themed(state, data, Theme("indicator", "HC25-25"), {"HC25-25": result()}, "zh")
    classes = picture.legend.entries[:5]
    assert [e.count for e in classes] == [1, 0, 0, 0, 1]
    assert "达标" in classes[0].text
    assert "达标" in classes[1].text
    assert not any("达标" in e.text for e in classes[2:])
    for oid, row in ((1, classes[0]), (2, classes[4])):
        painted = colour_of(picture, "districts", oid)
        assert painted is not None
        assert painted[:3] == rgba(row.colour)[:3]
        assert 180 < painted[3] < 230  # nearly the colour of the legend; the city shows through a little
    assert "85" in picture.legend.note
    assert "90" in picture.legend.note
    assert indicator("HC25-25").name in picture.legend.title


@pytest.mark.parametrize("code", ["HC25-25", "HC25-22", "HC25-35", "HC21-49"])
@given(value=st.floats(0, 130))
def test_a_class_is_marked_as_met_exactly_when_its_values_meet_the_benchmark(code: str, value: float) -> None:
    one = result(code, (value, 3.0, None))
    grades = grades_of(one)
    assert len(grades.colours) == len(grades.met) == len(grades.breaks) + 1 == 5
    assert list(grades.breaks) == sorted(set(grades.breaks))
    assert len(set(grades.colours)) == 5
    benchmarks = one.benchmarks
    if benchmarks and abs(value - benchmarks[0].value) > 1e-6:
        assert grades.met[grades.of(value)] == benchmarks[0].met(value)


def test_a_value_on_the_benchmark_meets_it() -> None:
    for code in ("HC25-25", "HC25-22", "HC25-35"):
        grades = grades_of(result(code))
        assert grades.met[grades.of(indicator(code).benchmarks[0].value)]


def test_uncovered_parcels_counting_parks_and_covers_are_shown_and_counted() -> None:
    state, data = city()
    park, bad = ObjectKey("green", 5), ObjectKey("parcels", 22)
    found = result(
        problems=(Problem(bad, "parcel_uncovered", 0.8, unit_oid=2),),
        inputs=(InputUsed("parcels", "parcels", 3), InputUsed("green", "green", 1)),
        good=(GoodObjects("site", Keys.of([park])),),
    )
    picture = themed(state, data, Theme("indicator", "HC25-25"), {"HC25-25": found}, "zh")
    general = status()["general"]
    assert colour_of(picture, "parcels", 22)[:3] == rgba(general["problem"])[:3]  # type: ignore[index]
    assert colour_of(picture, "parcels", 21)[:3] == rgba(general["covered"])[:3]  # type: ignore[index]
    assert colour_of(picture, "parcels", 23) is None  # nobody surveyed its district
    assert colour_of(picture, "green", 5)[:3] == rgba(general["site_green"])[:3]  # type: ignore[index]
    assert entry(picture.legend, "问题").count == 1
    assert entry(picture.legend, "计入的公园").count == 1
    assert entry(picture.legend, "服务半径内").count == 1


def test_markers_that_the_indicator_does_not_speak_of_are_hidden() -> None:
    state, data = city()
    parks = themed(state, data, Theme("indicator", "HC25-25"), {"HC25-25": result()}, "zh")
    assert all(colour_of(parks, "components", oid + MARKER) == (0, 0, 0, 0) for oid in (1, 2, 4, 5))
    covers = themed(state, data, Theme("indicator", "HC21-49"), {"HC21-49": compute("HC21-49", state, data)}, "zh")
    assert colour_of(covers, "components", 4 + MARKER) == (0, 0, 0, 0)  # a lamp
    assert colour_of(covers, "components", 1 + MARKER) is None  # a cover keeps its marker
    assert colour_of(covers, "components", 2) == rgba(states()["missing"].colour)
    assert entry(covers.legend, "丢失").count == 1


# --- plain, and both languages ----------------------------------------------------------------------------------------


def test_the_plain_legend_lists_what_is_visible_and_nothing_else() -> None:
    state, data = city()
    legend = themed(state, data, Theme(), None, "zh").legend
    texts = [e.text for e in legend.entries]
    assert "绿地" in texts
    assert "建筑" not in texts
    assert entry(legend, "给水").colour == kind_colour("JS")
    assert entry(legend, "雨水").pattern == "dash"
    assert entry(legend, "部件：破损").count == 2
    assert not any("完好" in text for text in texts)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "theme", [Theme(), Theme("facilities"), Theme("indicator", "HC25-25"), Theme("indicator", "none")]
)
def test_every_word_of_a_legend_exists_in_both_languages(
    lang: str, theme: Theme, caplog: pytest.LogCaptureFixture
) -> None:
    state, data = city()
    problems = (Problem(ObjectKey("parcels", 22), "parcel_uncovered", 0.8),)
    found = result(problems=problems, inputs=(InputUsed("parcels", "parcels", 3),))
    legend = themed(state, data, theme, {"HC25-25": found}, lang).legend
    assert legend.title
    assert not [record for record in caplog.records if "word" in record.message]
    if lang == "en" and theme.indicator != "none":
        text = legend.title + legend.note + "".join(e.text for e in legend.entries)
        assert not any("\u4e00" <= c <= "\u9fff" for c in text)


def test_an_empty_project_has_an_empty_legend() -> None:
    for theme in (Theme(), Theme("facilities"), Theme("indicator", "HC25-25")):
        picture = themed(ProjectState(frame=FRAME), {}, theme, {}, "zh")
        assert picture.colours == {}


@pytest.mark.parametrize("theme", [Theme("facilities"), Theme("indicator", "HC25-25")])
def test_pipes_that_are_seen_are_in_the_legend_of_every_theme(theme: Theme) -> None:
    state, data = city()
    seen = {entry.text for entry in pictured(state, data, theme, {}, "zh").legend.entries}
    plain = {entry.text for entry in pictured(state, data, Theme(), {}, "zh").legend.entries if entry.symbol == "line"}
    pipes = {text for text in plain if "管" in text or "水" in text}
    assert pipes
    assert pipes <= seen


def test_an_indicator_that_nobody_computed_is_called_by_its_name() -> None:
    state, data = city()
    legend = pictured(state, data, Theme("indicator", "HC25-25"), {}, "zh").legend
    assert legend.title == indicator("HC25-25").title("zh")


def test_what_fails_is_coloured_and_numbered_where_it_stands_and_the_rest_steps_back() -> None:
    from shapely import box

    from tests.support.health_city import PARK, at, districts, layer_of, park
    from tests.support.health_city import city as health_city

    corners = [(120, 420), (1500, 100), (1500, 500)]
    parcels = [at(box(x, y, x + 100, y + 100)) for x, y in corners]
    houses = [at(box(x + 5, y + 5, x + 25, y + 25)) for x, y in corners]
    state, data = health_city(
        districts(), layer_of("parcels", parcels, code=list("ABC"), land_use=["R2"] * 3), park(PARK),
        layer_of("buildings", houses, height_m=[12.0, 30.0, 90.0]),
    )  # fmt: skip
    found: IndicatorResult = compute("HC25-25", state, data)
    theme = Theme("indicator", "HC25-25", "problems")
    picture = themed(state, data, theme, {"HC25-25": found}, "zh")
    red, calm = rgba(status()["general"]["problem"]), rgba(status()["problem_view"]["buildings"])
    assert [colour_of(picture, "buildings", oid) for oid in (1, 2, 3)] == [calm, red, red]
    assert colour_of(picture, "parcels", 1)[3] == 0, "what is in reach lies over nothing"  # type: ignore[index]
    assert [number.text for number in picture.numbers] == ["1", "2"]
    ranks = [problem.key.oid for problem in found.problems]
    tops = {2: 30.0, 3: 90.0}
    assert [number.above_m for number in picture.numbers] == [tops[oid] + 9.0 for oid in ranks]
    assert entry(picture.legend, "其中的建筑").count == 2
    assert "buildings" in picture.called
    old = themed(state, data, theme, {"HC25-25": found}, "zh", {"HC25-25"})
    assert "过期" in old.legend.title
    assert [number.text for number in old.numbers] == ["1", "2"]
    hidden = replace(state, layers=tuple(replace(layer, visible=layer.id != "green") for layer in state.layers))
    assert "green" in themed(hidden, data, theme, {"HC25-25": found}, "zh").called, "what counts is shown"


def pipes_in(**columns: Any) -> tuple[ProjectState, dict[str, LayerData]]:
    lines = [shapely.LineString([(0, k, 0), (9, k, 0)]) for k in range(len(next(iter(columns.values()))))]
    data: dict[str, LayerData] = {"pipes": frame(lines, list(range(len(lines))), **columns)}
    return ProjectState(layers=(Layer("pipes", "管线", "vector", "pipes"),)), data


def test_pipes_without_a_value_are_grey_hatched_and_counted_in_the_legend() -> None:
    state, data = pipes_in(kind=["JS", "YS", "WS"], material=["PE", None, "PE"])
    picture = pictured(state, data, Theme("pipes", "material"))
    oids, colours = picture.colours["pipes"]
    assert oids.tolist() == [0, 1, 2]
    assert tuple(colours[1]) == rgba("#9aa1a5")
    assert tuple(colours[0]) == tuple(colours[2]) != tuple(colours[1])
    rows = {entry.text: entry for entry in picture.legend.entries}
    assert rows["PE"].count == 2
    assert rows[word("legend.no_data", "zh")].count == 1
    assert rows[word("legend.no_data", "zh")].pattern == "hatch"


def test_the_legend_says_what_of_the_pipes_is_assumed_and_that_tints_are_ours() -> None:
    state, data = pipes_in(kind=["YS", "WS"], diameter_mm=[300, None], start_invert_m=[3.0, None],
                           end_invert_m=[2.0, 1.0])  # fmt: skip
    layer = replace(state.layers[0], style=Style(size=3.0, pipes=PipeLook(tints=True)))
    legend = pictured(replace(state, layers=(layer,)), data, Theme()).legend
    rows = {entry.text: entry for entry in legend.entries}
    assert rows["埋深未知，按覆土 1.6 m 画"].count == 1
    assert rows["管径未知，按 DN200 画"].count == 1
    assert "管径放大 3 倍显示" in rows
    assert any("CJJ 61" in text for text in rows)
    assert len({rows[name].colour for name in ("雨水管线", "污水管线")}) == 2


def test_estates_are_coloured_by_their_own_values_and_those_without_data_hatched() -> None:
    state, data = city()
    estates = tuple(
        UnitValue(
            "communities", oid, code, code, code, value, None, None, 1.0, "ok" if value is not None else "no_data"
        )
        for oid, code, value in ((7, "x", 100.0), (8, "y", None), (9, "z", 20.0))
    )
    found = replace(result(), estates=estates)
    theme = Theme("indicator", "HC25-25", "estates")
    picture = themed(state, data, theme, {"HC25-25": found}, "zh")
    grades = grades_of(found, estates)
    oids, colours = picture.colours["communities"]
    shown = dict(zip(oids.tolist(), map(tuple, colours.tolist()), strict=True))
    fill = status()["general"]["fill"]
    assert shown[7] == rgba(grades.colours[grades.of(100.0)], fill)
    assert shown[9] == rgba(grades.colours[grades.of(20.0)], fill)
    assert 8 + HATCH in shown
    assert "districts" not in picture.colours
    assert "parcels" not in picture.colours, "they would cover the estates"
    assert sum(entry.count or 0 for entry in picture.legend.entries) == 3
    assert "按小区" in picture.legend.title
    without = themed(state, data, theme, {"HC25-25": result()}, "zh")
    assert "districts" in without.colours, "a result without estates shows what it has"

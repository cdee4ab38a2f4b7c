"""The quality gate on pipes: shapes, connections and the rules of GB 50014."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.facilities.quality.rules import standard_book
from tests.support.facilities.gate import failing, judged, nodes, pipes, points, rule


def standard_rule(name: str):
    return standard_book().rule(name)


def test_pipes_without_a_line_or_a_length_fail_and_are_judged_nowhere_else() -> None:
    table = pipes(("A", "B", [], 30, 29), ("A", "A", [(0, 0), (0, 0)], 30, 29), ("A", "B", [(0, 0), (9, 0)], 30, 29))
    assert failing(rule("length", "pipes"), pipes=table) == [1, 2]
    slope = judged(standard_rule("drain.velocity"), pipes=table)
    assert (slope.judged, {code: count for code, _, count in slope.gaps}) == (1, {"no_length": 2})


def test_of_two_pipes_on_each_other_the_later_fails_unless_one_lies_deeper() -> None:
    line, apart = [(0, 0), (40, 0)], [(0, 0.3), (40, 0.3)]
    rows = [("A", "B", line, 30, 29.9), ("B", "A", line[::-1], 29.9, 30), ("A", "B", line, 27, 26.9),
            ("A", "B", apart, 30, 29.9), ("B", "C", [(40, 0), (80, 0)], 29.9, 29.8)]  # fmt: skip
    result = judged(rule("overlap", "pipes"), pipes=pipes(*rows))
    assert result.failures.oids.tolist() == [2]
    assert result.failures.other(0).oid == 1


def test_ends_that_meet_no_node_say_which_end_and_why() -> None:
    there = nodes(A=(0, 0, "manhole"), B=(50, 0, "manhole"), C=(100, 0, "outfall"))
    table = pipes(
        ("A", "B", [(0, 0), (50, 0)], 30, 29), ("B", "C", [(50, 0), (90, 0)], 29, 28),
        ("Z", "C", [(50, 9), (100, 0)], 2, 1),
        (None, "C", [(50, 20), (100, 0)], 2, 1), (None, "C", [(0.2, 0), (100, 0)], 2, 1),
    )  # fmt: skip
    result = judged(rule("ends", "pipes", most_m=0.5), pipes=table, pipe_nodes=there)
    assert result.failures.oids.tolist() == [2, 3, 4]
    assert result.failures.whys.tolist() == ["end_apart", "start_unknown", "start_alone"]
    assert result.failures.values[0] == pytest.approx(10.0)
    assert result.failures.xy[0].tolist() == [90.0, 0.0]


def test_a_drain_may_not_end_at_a_tee() -> None:
    there = nodes(A=(0, 0, "manhole"), B=(50, 0, "tee"), C=(90, 0, ""))
    table = pipes(("A", "B", [(0, 0), (50, 0)], 30, 29), ("C", "A", [(90, 0), (0, 0)], 30, 29))
    result = judged(standard_rule("drain.end_without_well"), pipes=table, pipe_nodes=there)
    assert (result.failures.oids.tolist(), result.failures.values.tolist()) == ([1], ["tee"])


def test_nodes_without_pipes_and_water_without_a_way_out_are_found() -> None:
    there = nodes(A=(0, 0, "manhole"), B=(50, 0, "manhole"), C=(100, 0, "outfall"), D=(50, 50, "manhole"))
    table = pipes(("A", "B", [(0, 0), (50, 0)], 30, 29), ("B", "C", [(50, 0), (100, 0)], 29, 28))
    assert failing(rule("unused", "pipe_nodes"), pipes=table, pipe_nodes=there) == [4]
    assert failing(rule("sink", "pipe_nodes", types=["outfall"]), pipes=table, pipe_nodes=there) == []
    assert failing(rule("sink", "pipe_nodes", types=["outfall"]), pipes=table.iloc[:1], pipe_nodes=there) == [2]


def test_nodes_of_pipes_that_name_none_are_found_by_place() -> None:
    there = nodes(A=(0, 0, "manhole"), B=(50, 0.1, "manhole"), D=(50, 50, "manhole"))
    table = pipes((None, None, [(0, 0), (50, 0)], 30, 29))
    assert failing(rule("unused", "pipe_nodes"), pipes=table, pipe_nodes=there) == [3]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), min_size=1, max_size=14))
def test_pipes_on_a_circle_are_those_that_networkx_finds(edges: list[tuple[int, int]]) -> None:
    graph = nx.MultiDiGraph(edges)
    parts = {node: number for number, part in enumerate(nx.strongly_connected_components(graph)) for node in part}
    wanted = [at for at, (a, b) in enumerate(edges, 1) if parts[a] == parts[b]]
    table = pipes(*((f"N{a}", f"N{b}", [(a, 0), (b, 9)], 30, 29) for a, b in edges))
    assert failing(rule("cycle", "pipes"), pipes=table) == wanted


def test_sewage_into_a_storm_drain_is_told_by_what_leaves_the_node() -> None:
    line = [(0, 0), (9, 0)]
    table = pipes(("A", "B", line, 30, 29), ("B", "C", line, 29, 28), ("D", "E", line, 30, 29),
                  ("E", "F", line, 29, 28), kind=["WS", "YS", "WS", "WS"])  # fmt: skip
    assert failing(standard_rule("drain.sewage_into_rain"), pipes=table) == [1]
    swapped = table.assign(kind=["YS", "WS", "WS", "WS"])
    assert failing(standard_rule("drain.rain_into_sewage"), pipes=swapped) == [1]


# --- GB 50014-2021 --------------------------------------------------------------------------------------------------


def test_a_connection_from_an_inlet_may_be_smaller() -> None:
    there = nodes(A=(0, 0, "inlet"), B=(9, 0, "manhole"))
    line = [(0, 0), (9, 0)]
    table = pipes(("A", "B", line, 30, 29), ("B", "A", line, 30, 29), diameter_mm=[200.0, 200.0])
    assert failing(standard_rule("drain.diameter"), pipes=table, pipe_nodes=there) == [2]


def test_the_least_slope_depends_on_the_material_and_an_unknown_one_is_not_judged() -> None:
    line = [(0, 0), (100, 0)]
    table = pipes(*(("A", "B", line, 30.0, 29.75) for _ in range(4)), diameter_mm=300.0,
                  material=["HDPE 双壁波纹管", "钢筋混凝土", "copper", "Concrete"])  # fmt: skip
    result = judged(standard_rule("drain.slope"), pipes=table)
    assert result.failures.oids.tolist() == [2, 4]
    assert result.failures.values.tolist() == pytest.approx([2.5, 2.5])
    assert result.gaps == (("no_material", {}, 1),)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([300.0, 400.0, 600.0, 1000.0]), st.floats(1e-4, 0.02))
def test_the_velocity_of_a_full_pipe_is_that_of_manning(size_mm: float, slope: float) -> None:
    table = pipes(("A", "B", [(0, 0), (100, 0)], 30.0, 30.0 - 100 * slope), diameter_mm=size_mm)
    radius = (np.pi * (size_mm / 2000) ** 2) / (np.pi * size_mm / 1000)
    speed = radius ** (2 / 3) * slope**0.5 / 0.013
    check = rule("velocity", "pipes", rows=[{"kind": "WS", "least": 100.0}])
    assert judged(check, pipes=table).failures.values[0] == pytest.approx(speed)


def test_a_box_runs_by_its_own_shape() -> None:
    table = pipes(
        ("A", "B", [(0, 0), (100, 0)], 30.0, 29.9), diameter_mm=np.nan, width_mm=2000.0, section_height_mm=1000.0
    )
    speed = (2.0 * 1.0 / 6.0) ** (2 / 3) * 0.001**0.5 / 0.013
    check = rule("velocity", "pipes", rows=[{"kind": "WS", "least": 100.0}])
    assert judged(check, pipes=table).failures.values[0] == pytest.approx(speed)


def test_cover_is_asked_for_by_whether_a_carriageway_is_above() -> None:
    there = nodes(A=(0, 0, "manhole"), B=(40, 0, "manhole"), O=(80, 0, "outfall"))
    table = pipes(("A", "B", [(0, 0), (40, 0)], 30.95, 30.94), ("B", "O", [(40, 0), (80, 0)], 30.94, 33.0))
    road = pipes(("", "", [(0, 1), (40, 1)], 0, 0))[["geometry"]].assign(width_m=6.0)
    check = standard_rule("drain.cover")
    on_road = judged(check, pipes=table, pipe_nodes=there, roads=road)
    assert on_road.failures.oids.tolist() == [1]  # 0.65 m; an outfall lies open
    assert on_road.failures.values.tolist() == pytest.approx([0.65])
    unknown = judged(check, pipes=table, pipe_nodes=there)
    assert (unknown.judged, unknown.failed, unknown.gaps) == (0, 0, (("no_road", {}, 2),))


def test_manholes_may_stand_the_farther_apart_the_wider_the_pipe() -> None:
    there = nodes(A=(0, 0, "manhole"), B=(90, 0, "manhole"), O=(180, 0, "outfall"))
    line = [(0, 0), (90, 0)]
    table = pipes(("A", "B", line, 30, 29), ("A", "B", line, 30, 29), ("A", "B", line, 30, 29),
                  ("B", "O", [(90, 0), (180, 0)], 29, 28),
                  diameter_mm=[400.0, 800.0, 2400.0, 400.0])  # fmt: skip
    result = judged(standard_rule("drain.spacing"), pipes=table, pipe_nodes=there)
    assert (result.failures.oids.tolist(), result.judged) == ([1], 2)
    assert result.gaps == (("not_listed", {"field": "diameter_mm"}, 1),)


@pytest.mark.parametrize(("size_mm", "fall", "fails"), [
    (600.0, 0.001, True), (500.0, 0.02, False), (400.0, 0.02, False), (300.0, 0.02, True), (600.0, 0.02, False),
])  # fmt: skip
def test_a_drain_may_narrow_where_it_is_steeper_and_by_two_steps(size_mm: float, fall: float, fails: bool) -> None:
    line, on = [(0, 0), (100, 0)], [(100, 0), (200, 0)]
    table = pipes(("A", "B", line, 30.0, 29.5), ("B", "C", on, 29.5, 29.5 - 100 * fall), diameter_mm=[700.0, size_mm])
    series = [200, 300, 400, 500, 600, 700, 800]
    table.loc[1, "diameter_mm"] = 600.0 if size_mm < 600 else 700.0
    assert failing(rule("narrowing", "pipes", steps=2, series_mm=series), pipes=table) == ([2] if fails else [])


def test_a_narrower_drain_of_unknown_slope_is_not_judged() -> None:
    line, on = [(0, 0), (100, 0)], [(100, 0), (200, 0)]
    table = pipes(("A", "B", line, None, None), ("B", "C", on, 29.5, 29.0), diameter_mm=[600.0, 500.0])
    result = judged(standard_rule("drain.narrowing"), pipes=table)
    assert (result.judged, result.gaps) == (0, (("no_level", {}, 1),))


def test_only_drains_rise_by_fault_and_one_without_levels_is_not_judged() -> None:
    line = [(0, 0), (50, 0)]
    table = pipes(
        ("A", "B", line, 29.0, 29.5),
        ("A", "B", line, 29.0, 29.5),
        ("A", "B", line, None, 29.0),
        kind=["WS", "JS", "YS"],
    )
    result = judged(standard_rule("drain.adverse"), pipes=table)
    assert (result.failures.oids.tolist(), result.judged, result.not_judged) == ([1], 1, 1)


def test_a_bottom_above_the_ground_fails_but_not_at_an_outfall() -> None:
    there = nodes(A=(0, 0, "manhole"), O=(9, 0, "outfall")).assign(invert_m=33.0)
    assert failing(standard_rule("drain.above_ground"), pipe_nodes=there) == [1]


def test_broken_tables_are_judged_without_an_error() -> None:
    mad = pipes(("A", "A", [], None, None), ("", "B", [(0, 0), (0, 0)], 1e308, -1e308), diameter_mm=[-5.0, np.inf])
    mad["kind"] = ["ws", None]
    strange = points((np.inf, 0), (0, 0), code=[None, "A"])
    empty = mad.iloc[:0]
    for one in standard_book().rules:
        for layers in ({"pipes": mad}, {"pipes": mad, "pipe_nodes": strange}, {"pipes": empty},
                       {"pipes": mad, "pipe_nodes": pd.DataFrame({"code": ["A"]}), "facilities": strange}):  # fmt: skip
            result = judged(one, **layers)
            assert result.judged >= result.failed >= 0

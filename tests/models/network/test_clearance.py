"""Clear distances of pipes against shapely, against plain geometry, and against the tables."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString

from models.core.errors import UserError
from models.core.progress import Cancelled, Progress
from models.network.clearance import segments
from models.network.clearance.rules import shipped, to_buildings, with_own
from models.network.clearance.search import clearances
from models.network.pipe_bodies import bodies_of, sizes_of
from tests.support.paths import DATA

coordinate = st.floats(-50, 50, allow_nan=False, width=32)
point = st.tuples(coordinate, coordinate, coordinate)
segment_pair = st.tuples(point, point, point, point)


def table(rows: list[dict[str, object]]) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(rows, geometry="geometry", crs="EPSG:4548")
    frame.index = frame.index + 1
    return frame


def pipe(kind: str, points: list[tuple[float, ...]], mm: float | None = 300, **more: object) -> dict[str, object]:
    return {"code": f"{kind}{points[0]}", "kind": kind, "diameter_mm": mm, "geometry": LineString(points), **more}


def found(rows: list[dict[str, object]], **options: object) -> list[tuple[int, int, str, float]]:
    answer = clearances(table(rows), shipped(), Progress(), **options).found  # type: ignore[arg-type]
    return [(r.a, r.b, r.code, round(r.clear_m, 3)) for r in answer.itertuples()]


@given(st.lists(segment_pair, min_size=1, max_size=20))
@settings(max_examples=60, deadline=None)
def test_distances_on_plan_are_those_of_shapely(pairs: list[tuple[tuple[float, ...], ...]]) -> None:
    a0, a1, b0, b1 = (np.array([pair[k][:2] for pair in pairs], float) for k in range(4))
    wanted = shapely.distance(
        shapely.linestrings(np.stack([a0, a1], axis=1)), shapely.linestrings(np.stack([b0, b1], axis=1))
    )
    assert segments.distance(a0, a1, b0, b1) == pytest.approx(wanted, abs=1e-4)


@given(st.lists(segment_pair, min_size=1, max_size=20))
@settings(max_examples=60, deadline=None)
def test_no_two_points_of_segments_in_space_are_nearer_than_their_distance(
    pairs: list[tuple[tuple[float, ...], ...]],
) -> None:
    a0, a1, b0, b1 = (np.array([pair[k] for pair in pairs], float) for k in range(4))
    got = segments.distance(a0, a1, b0, b1)
    shares = np.linspace(0, 1, 41)
    on_a = a0[:, None] + (a1 - a0)[:, None] * shares[:, None]
    on_b = b0[:, None] + (b1 - b0)[:, None] * shares[:, None]
    sampled = np.linalg.norm(on_a[:, :, None] - on_b[:, None], axis=3).min(axis=(1, 2))
    step = (np.linalg.norm(a1 - a0, axis=1) + np.linalg.norm(b1 - b0, axis=1)) / 80
    assert (got <= sampled + 1e-6).all()
    assert (got >= sampled - step - 1e-6).all()


def test_side_by_side_is_measured_on_plan_between_outer_faces() -> None:
    rows = [
        pipe("WS", [(0, 0, 5.0), (40, 0, 5.0)], 400),
        pipe("JS", [(0, 1.6, 9.0), (40, 1.6, 9.0)], 300),  # 1.6 − 0.2 − 0.15 = 1.25 < 1.5, however far above
    ]
    assert found(rows) == [(1, 2, "horizontal", 1.25)]
    rows[1] = pipe("JS", [(0, 1.6, 9.0), (40, 1.6, 9.0)], 200)
    assert found(rows) == []  # up to DN200 one metre does


def test_the_wall_of_a_concrete_pipe_counts_to_the_outer_face() -> None:
    rows = [
        pipe("WS", [(0, 0, 5.0), (40, 0, 5.0)], 600, material="钢筋混凝土"),
        pipe("JS", [(0, 1.8, 9.0), (40, 1.8, 9.0)], 300, material="球墨铸铁"),
    ]
    (_, _, code, clear), *rest = found(rows)
    assert (code, rest) == ("horizontal", [])
    assert clear == pytest.approx(1.8 - 0.35 - (0.15 + 0.0072), abs=1e-3)
    assert (sizes_of(table(rows)).wall_m == [0.05, 0.0072]).all()


def test_where_two_cross_the_vertical_table_holds_and_not_the_one_on_plan() -> None:
    under = pipe("WS", [(-20, 0, 5.0), (20, 0, 5.0)], 400)
    close = pipe("JS", [(0, -20, 5.5), (0, 20, 5.5)], 200)  # 0.5 − 0.2 − 0.1 = 0.2 < 0.4
    assert found([under, close]) == [(1, 2, "vertical", 0.2)]
    assert found([under, pipe("JS", [(0, -20, 5.8), (0, 20, 5.8)], 200)]) == []
    through = clearances(table([under, pipe("TX", [(0, -20, 5.1), (0, 20, 5.1)], 110)]), shipped(), Progress())
    (row,) = through.found.itertuples()
    assert (row.code, round(row.clear_m, 3)) == ("hard", round(0.1 - 0.2 - 0.055, 3))
    assert np.isnan(row.required_m)  # a clash needs no limit
    assert (row.x, row.y) == pytest.approx((0, 0))


def test_what_has_no_settled_limit_is_counted_and_never_called_kept() -> None:
    rows = [
        pipe("RQ", [(0, 0, 5.0), (40, 0, 5.0)], pressure="中压 A"),
        pipe("TX", [(0, 1.0, 5.0), (40, 1.0, 5.0)]),
        pipe("WS", [(0, 40, 5.0), (40, 40, 5.0)]),
        pipe("RQ", [(0, 41, 5.0), (40, 41, 5.0)]),  # nobody says the pressure
        pipe("TX", [(20, 30, 7.0), (20, 50, 7.0)]),  # crosses both: not settled
    ]
    answer = clearances(table(rows), shipped(), Progress())
    assert answer.found.empty
    counted = {(r.kind_a, r.kind_b, r.table): (r.pairs, r.kept, r.unknown, r.unsettled)
               for r in answer.judged.itertuples()}  # fmt: skip
    assert counted["RQ", "TX", "horizontal"] == (1, 0, 1, 0)
    assert counted["RQ", "WS", "horizontal"] == (1, 0, 1, 0)
    assert counted["TX", "WS", "vertical"] == (1, 0, 1, 1)


def test_pipes_that_hang_together_are_no_neighbours() -> None:
    chain = [
        pipe("WS", [(0, 0, 5.0), (40, 0, 5.0)], start_node="A", end_node="B"),
        pipe("WS", [(40, 0, 5.0), (80, 0, 5.0)], start_node="B", end_node="C"),
        pipe("WS", [(20, 30, 5.2), (20, 0.1, 5.0)], start_node="", end_node=""),  # joins in the middle of the first
    ]
    assert found(chain) == []
    stranger = pipe("YS", [(20, 30, 5.2), (20, 0.1, 5.0)], start_node="", end_node="")
    assert [row[2] for row in found([chain[0], stranger])] == ["hard"]


def test_unknown_heights_sizes_and_broken_lines_are_said_and_harm_nothing() -> None:
    rows = [
        pipe("WS", [(0, 0), (40, 0)], 400),
        pipe("JS", [(20, -9), (20, 9)], None),
        pipe("JS", [(0, 1.0), (40, 1.0)], -300),
        pipe("JS", [(5, 1.0), (5, 1.0)], 300),
        {"code": "x", "kind": None, "diameter_mm": None, "geometry": None},
    ]
    answer = clearances(table(rows), shipped(), Progress())
    assert set(answer.found["code"]) <= {"horizontal"}
    assert answer.no_height == 3
    assert answer.no_size == 2
    nothing = clearances(table(rows).iloc[:0], shipped(), Progress())
    assert nothing.found.empty
    assert nothing.judged.empty


def test_an_invert_on_record_moves_the_body_and_a_bend_of_z_stays() -> None:
    bent = LineString([(0, 0, 10.0), (10, 0, 11.0), (20, 0, 10.0)])
    rows = [{"kind": "TX", "diameter_mm": 200, "start_invert_m": 5.0, "end_invert_m": 4.0, "geometry": bent}]
    bodies = bodies_of(table(rows))
    assert bodies.start[:, 2].tolist() == pytest.approx([5.1, 4.6 + 1.0])
    assert bodies.end[-1, 2] == pytest.approx(4.1)
    flat = [{"kind": "TX", "diameter_mm": 200, "geometry": LineString([(0, 0, 0), (9, 0, 0)])}]
    assert np.isnan(bodies_of(table(flat)).start[:, 2]).all()  # zero everywhere is no height


@pytest.mark.parametrize("seed", range(3))
def test_a_network_is_judged_as_pair_by_pair(seed: int) -> None:
    rng = np.random.default_rng(seed)
    starts, angle, length = rng.uniform(0, 60, (40, 2)), rng.uniform(0, np.pi, 40), rng.uniform(5, 30, 40)
    heights = rng.uniform(3, 6, (40, 2))
    kinds = rng.choice(["WS", "JS", "RQ"], 40)
    rows = [
        pipe(str(k), [(*s, h[0]), (*(s + np.array([np.cos(a), np.sin(a)]) * n), h[1])], 300, pressure="低压")
        for k, s, a, n, h in zip(kinds, starts, angle, length, heights, strict=True)
    ]  # fmt: skip
    frame = table(rows)
    answer = clearances(frame, shipped(), Progress()).found
    hard = {(r.a, r.b): r.clear_m for r in answer.itertuples() if r.code == "hard"}
    ends = [np.asarray(line.coords) for line in frame.geometry]
    expected = {}
    for i in range(40):
        for j in range(i + 1, 40):
            gap = float(segments.distance(*(np.array([p]) for p in (*ends[i], *ends[j])))[0]) - 0.3
            tips = [shapely.Point(p[:2]) for p in (*ends[i], *ends[j])]
            lines = [shapely.force_2d(frame.geometry.iloc[k]) for k in (j, j, i, i)]
            meets = kinds[i] == kinds[j] and any(t.distance(n) <= 0.2 for t, n in zip(tips, lines, strict=True))
            if gap < -0.01 and not meets:
                expected[i + 1, j + 1] = gap
    assert hard == pytest.approx(expected)


def test_only_the_kinds_asked_for_are_compared() -> None:
    rows = [
        pipe("WS", [(0, 0, 5.0), (40, 0, 5.0)]),
        pipe("YS", [(0, 0.1, 5.0), (40, 0.1, 5.0)]),
        pipe("TX", [(0, 0.7, 5.0), (40, 0.7, 5.0)]),
    ]
    assert {row[:2] for row in found(rows, kinds=frozenset({"TX"}))} == {(1, 3), (2, 3)}


def test_the_search_can_be_cancelled() -> None:
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        clearances(table([pipe("WS", [(0, 0, 5.0), (40, 0, 5.0)])]), shipped(), progress)


def test_limits_to_buildings_are_those_that_are_settled() -> None:
    rows = [pipe(kind, [(0, 0), (9, 0)], mm) for kind, mm in
            (("WS", 300), ("JS", 300), ("JS", 200), ("RQ", 110), ("DL", 100), ("QT", 100))]  # fmt: skip
    limit, row = to_buildings(table(rows))
    assert limit[:2].tolist() == [2.5, 3.0]
    assert np.isnan(limit[2:]).all()
    assert [shipped().rows[n].certainty if n >= 0 else "" for n in row] == [
        "checked", "medium", "unsettled", "unsettled", "unsettled", "",
    ]  # fmt: skip


def test_every_shipped_row_says_how_sure_it_is_and_where_it_comes_from() -> None:
    for rule in shipped().rows:
        assert rule.source
        assert (rule.min_m is None) == (rule.certainty == "unsettled")
        assert rule.clause.endswith("4.1.9" if rule.table == "horizontal" else "4.1.14")


def test_own_rows_take_the_place_of_the_standards_and_are_told_apart(tmp_path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('[[row]]\nid = "drain-telecom"\nmin_m = 1.5\n'
                    '[[row]]\nid = "mine"\ntable = "horizontal"\na = ["RQ"]\nb = ["TX"]\nmin_m = 1.0\n',
                    encoding="utf-8")  # fmt: skip
    rules = with_own(path)
    by_id = {rule.id: rule for rule in rules.rows}
    assert (by_id["drain-telecom"].min_m, by_id["drain-telecom"].own, by_id["drain-telecom"].certainty) == (
        1.5, True, "own",
    )  # fmt: skip
    assert by_id["mine"].own
    assert not by_id["drain-power"].own
    rows = [pipe("RQ", [(0, 0, 5), (40, 0, 5)]), pipe("TX", [(0, 1.2, 5), (40, 1.2, 5)])]
    (row,) = clearances(table(rows), rules, Progress()).found.itertuples()
    assert (row.code, row.required_m, rules.rows[row.rule].id) == ("horizontal", 1.0, "mine")


@pytest.mark.parametrize(
    "text", ["[[row", '[[row]]\nid = "x"\n', '[[row]]\nid="x"\ntable="both"\na=["JS"]\nb=["TX"]\n', "row = 3",
             '[[row]]\nid="drain-power"\nmin_m="wide"\n', '[[row]]\nid="drain-power"\nmin_m=-1\n',
             '[[row]]\nid="drain-power"\na="YS"\n'],
)  # fmt: skip
def test_a_damaged_rule_file_is_refused_by_name(tmp_path, text: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as error:
        with_own(path)
    assert error.value.code == "network.rules_damaged"
    assert error.value.facts["file"] == "own.toml"
    with pytest.raises(UserError) as error:
        with_own(tmp_path / "none.toml")
    assert error.value.code == "network.rules_missing"


@pytest.mark.data
def test_the_real_sewers_of_a_city_are_searched_without_a_fault() -> None:
    path = DATA / "networks" / "sewers" / "kamloops" / "mains.geojson"
    if not path.is_file():
        pytest.skip("no data beside the project")
    frame = gpd.read_file(path, rows=1000)
    frame = frame.to_crs(frame.estimate_utm_crs())
    answer = clearances(frame.assign(kind="YS"), shipped(), Progress())
    assert answer.no_size > 0  # its sizes have other names, and that is said

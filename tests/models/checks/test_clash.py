"""Clashes: what meets, how deep, how far apart, in the place where models stand."""

from __future__ import annotations

import logging
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import LineString

from app.session import Session
from app.usecases.checks import checks
from models.bim import mesh_intersection as tri
from models.checks.clash import Bodies, clashes
from models.checks.findings import Report
from models.checks.pipe_clash import pipe_clashes, runs_of
from models.core.errors import Cancelled, UserError
from models.core.progress import Progress
from models.layers.layer import VectorData
from tests.support.check_models import FRAME, Box, author, hold, oid_of, opened
from tests.support.paths import IFC_FILES

_CORNERS = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], dtype=float)
_FACES = np.array([[0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1], [2, 3, 7], [2, 7, 6], [0, 2, 6],
                   [0, 6, 4], [1, 5, 7], [1, 7, 3]])  # fmt: skip


def box(low: object, high: object) -> np.ndarray:
    first, last = np.array(low, float), np.array(high, float)
    return (_CORNERS * (last - first) + first)[_FACES]


def turned(body: np.ndarray, angle_deg: float, about: object = (0, 0, 0)) -> np.ndarray:
    a = np.radians(angle_deg)
    matrix = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    return (body - about) @ matrix.T + about


WALL = box((0, 0, 0), (4, 0.2, 3))


@pytest.mark.parametrize("angle_deg", [0.0, 30.0, 71.3])
@pytest.mark.parametrize(
    ("other", "depth_m"),
    [
        (box((1, -1, 1), (1.1, 1, 1.15)), 0.1),  # a duct right through: as deep as it is thin
        (box((0, 0.15, 0), (4, 1, 3)), 0.05),
        (box((1, 0.05, 1), (1.3, 0.11, 1.2)), 0.06),  # wholly inside
        (box((0, 0.2, 0), (4, 0.4, 3)), 0.0),  # face to face
        (box((0, 0, 3), (4, 0.2, 6)), 0.0),  # on top
        (WALL, 0.2),  # the same twice
    ],
)
def test_depth_is_the_least_thickness_of_what_two_boxes_share(
    other: np.ndarray, depth_m: float, angle_deg: float
) -> None:
    met = tri.overlap(turned(WALL, angle_deg), turned(other, angle_deg))
    assert met is not None
    assert met.depth_m == pytest.approx(depth_m, abs=1e-4)


def test_bodies_whose_boxes_meet_but_that_do_not_touch_share_nothing() -> None:
    one = turned(box((0, 0, 0), (4, 0.1, 1)), 45)
    other = turned(box((0.5, 0, 0), (4.5, 0.1, 1)), 45, (0.5, 0, 0))
    assert tri.overlap(one, other) is None


def test_an_open_sheet_that_goes_through_a_wall_is_found() -> None:
    sheet = np.array([[[1, -1, 1], [3, -1, 1], [3, 1, 1]], [[1, -1, 1], [3, 1, 1], [1, 1, 1]]], dtype=float)
    assert not tri.is_closed(sheet)
    met = tri.overlap(WALL, sheet)
    assert met is not None
    assert met.depth_m > 0.01
    away = tri.overlap(WALL, np.add(sheet, [0, 5, 0]))
    assert away is None


def test_gaps_agree_with_the_nearest_of_many_sampled_points() -> None:
    rng = np.random.default_rng(4)
    share = rng.dirichlet([1, 1, 1], 900)
    share = np.concatenate([share, np.eye(3), np.array([[t, 1 - t, 0] for t in np.linspace(0, 1, 80)]),
                            np.array([[t, 0, 1 - t] for t in np.linspace(0, 1, 80)]),
                            np.array([[0, t, 1 - t] for t in np.linspace(0, 1, 80)])])  # fmt: skip
    for _ in range(40):
        a, b = rng.random((1, 3, 3)) * 2, np.add(rng.random((1, 3, 3)) * 2, [3, 0, 0])
        found = tri.gap(a, b, 10.0)
        assert found is not None
        near = min(np.linalg.norm(share @ a[0] - point, axis=1).min() for point in share @ b[0])
        assert found.distance_m <= near + 1e-9
        assert near - found.distance_m < 0.06  # as dense as the samples are
        assert np.linalg.norm(found.a - found.b) == pytest.approx(found.distance_m)


def test_a_gap_beyond_the_limit_is_none() -> None:
    assert tri.gap(WALL, box((0, 0.5, 0), (1, 1, 1)), 0.29) is None
    found = tri.gap(WALL, box((0, 0.5, 0), (1, 1, 1)), 0.31)
    assert found is not None
    assert found.distance_m == pytest.approx(0.3)


def test_inside_is_inside_of_a_turned_box_only() -> None:
    body = turned(box((0, 0, 0), (2, 1, 1)), 37)
    rng = np.random.default_rng(2)
    points = rng.random((200, 3)) * 4 - 2
    back = turned(points, -37)
    expected = ((back > 0) & (back < [2, 1, 1])).all(axis=1)
    assert (tri.is_inside(points, body) == expected).all()
    assert 0 < expected.sum() < 200


def test_box_pairs_are_those_of_a_plain_double_loop() -> None:
    rng = np.random.default_rng(3)
    low_a, low_b = rng.random((700, 3)) * 30, rng.random((600, 3)) * 30
    high_a, high_b = low_a + rng.random((700, 3)) * 3, low_b + rng.random((600, 3)) * 3
    first, second = tri.near_pairs(low_a, high_a, low_b, high_b, 0.2)  # large enough for the tree
    expected = {
        (i, j) for i in range(700)
        for j in np.flatnonzero(((low_a[i] - 0.2 <= high_b) & (high_a[i] + 0.2 >= low_b)).all(axis=1)).tolist()
    }  # fmt: skip
    assert set(zip(first.tolist(), second.tolist(), strict=True)) == expected
    assert len(expected) > 100


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("clash")
    author(home / "structure.ifc", [
        Box("IfcWall", "wall", (0, 0, 0), (4, 0.2, 3)),
        Box("IfcFooting", "footing", (0, -0.4, -1), (4, 0.6, 0)),
        Box("IfcSlab", "slab", (0, 0, 3), (4, 4, 3.2)),
    ])  # fmt: skip
    pipes = [Box("IfcPipeSegment", "through", (1, -1, 1), (1.1, 1, 1.1)),
             Box("IfcPipeSegment", "near", (2, 0.23, 1), (2.1, 1, 1.1))]  # fmt: skip
    author(home / "pipes.ifc", pipes)
    author(home / "pipes_elsewhere.ifc", pipes, east_m=500100.0)
    moved = [Box(p.ifc_class, p.name, np.array(p.low) - [100, 0, 0], np.array(p.high) - [100, 0, 0]) for p in pipes]
    author(home / "pipes_moved_back.ifc", moved, east_m=500100.0)
    author(home / "unplaced_a.ifc", [Box("IfcWall", "wall", (0, 0, 0), (4, 0.2, 3))], east_m=None)
    author(home / "unplaced_b.ifc", [*pipes, Box("IfcSlab", "far", (30, 30, 0), (40, 40, 0.2))], east_m=None)
    return home


def clash_report(session: Session, first: str, second: str, **settings: float | None) -> Report:
    return checks.check_clashes(session, first, second, **settings).result  # type: ignore[arg-type,no-any-return]


def pairs(report: Report, code: str = "clash.hard") -> set[tuple[str, ...]]:
    return {tuple(p.name for p in one.parties) for one in report.findings if one.code == code}


def test_models_clash_where_they_stand_and_not_in_their_own_coordinates(session: Session, folder: Path) -> None:
    names = ("structure", "pipes", "pipes_elsewhere", "pipes_moved_back")
    hold(session, **{name: opened(folder / f"{name}.ifc") for name in names})
    together = clash_report(session, "structure", "pipes")
    assert pairs(together) == {("wall", "through")}
    assert not clash_report(session, "structure", "pipes_elsewhere").findings
    back = clash_report(session, "structure", "pipes_moved_back")
    assert pairs(back) == {("wall", "through")}
    for report in (together, back):
        clash = report.findings[0]
        assert clash.facts["distance_m"] == pytest.approx(-0.1, abs=1e-3)
        assert clash.point == pytest.approx((500001.05, 4000000.1, 1.05), abs=2e-3)
        assert clash.keys == tuple(party.key for party in clash.parties)
        assert len(set(clash.guids)) == 2


def test_models_that_never_meet_are_said_to_be_far_apart(session: Session, folder: Path) -> None:
    hold(session, a=opened(folder / "structure.ifc"), b=opened(folder / "pipes_elsewhere.ifc"))
    report = clash_report(session, "a", "b")
    assert [caution.code for caution in report.cautions] == ["checks.far_apart"]


def test_two_models_without_a_place_are_taken_to_share_their_coordinates(session: Session, folder: Path) -> None:
    hold(session, a=opened(folder / "unplaced_a.ifc"), b=opened(folder / "unplaced_b.ifc"))
    report = clash_report(session, "a", "b")
    assert pairs(report) == {("wall", "through")}
    assert "checks.own_coordinates" in [caution.code for caution in report.cautions]


def test_clearance_tells_what_is_near_and_what_touches_as_two_things(session: Session, folder: Path) -> None:
    hold(session, a=opened(folder / "structure.ifc"), b=opened(folder / "pipes.ifc"))
    report = clash_report(session, "a", "b", clearance_m=0.05)
    assert pairs(report, "clash.clearance") == {("wall", "near")}
    near = next(one for one in report.findings if one.code == "clash.clearance")
    assert near.facts["distance_m"] == pytest.approx(0.03, abs=1e-3)
    within = clash_report(session, "a", "a", clearance_m=0.05)
    assert pairs(within, "clash.touching") == {("footing", "wall"), ("slab", "wall")}
    assert {one.facts["distance_m"] for one in within.findings} == {0.0}
    assert not clash_report(session, "a", "a").findings, "nobody asked how far apart they are"


@pytest.mark.parametrize(
    ("at_m", "code", "distance_m"),
    [(1.0, "touching", 0.0), (0.995, "touching", -0.005), (0.9, "hard", -0.1), (1.005, "touching", 0.005),
     (1.04, "clearance", 0.04), (1.06, "", 0.0)],
)  # fmt: skip
def test_two_boxes_side_by_side_are_told_by_how_near_they_are(
    at_m: float, code: str, distance_m: float, session: Session, tmp_path: Path
) -> None:
    author(tmp_path / "m.ifc", [Box("IfcWall", "a", (0, 0, 0), (1, 1, 1)),
                                Box("IfcColumn", "b", (at_m, 0, 0), (at_m + 1, 1, 1))])  # fmt: skip
    hold(session, m=opened(tmp_path / "m.ifc"))
    report = clash_report(session, "m", "m", clearance_m=0.05)
    assert [one.code for one in report.findings] == ([f"clash.{code}"] if code else [])
    for one in report.findings:
        assert one.facts["distance_m"] == pytest.approx(distance_m, abs=1e-4)


def test_the_tolerance_decides_what_is_a_touch(session: Session, tmp_path: Path) -> None:
    author(tmp_path / "m.ifc", [Box("IfcWall", "wall", (0, 0, 0), (4, 0.2, 3)),
                                Box("IfcSlab", "slab", (0, 0, 2.98), (4, 4, 3.2))])  # fmt: skip
    hold(session, m=opened(tmp_path / "m.ifc"))
    assert len(clash_report(session, "m", "m", tolerance_m=0.01).findings) == 1
    assert not clash_report(session, "m", "m", tolerance_m=0.03).findings


def test_parts_of_one_assembly_and_fillings_of_walls_belong_together(session: Session, tmp_path: Path) -> None:
    author(tmp_path / "m.ifc", [
        Box("IfcWall", "wall", (0, 0, 0), (4, 0.2, 3)),
        Box("IfcDoor", "door", (1, 0, 0), (2, 0.2, 2)),
        Box("IfcElementAssembly", "truss", (10, 0, 0), (10.1, 0.1, 0.1)),
        Box("IfcBeam", "chord", (10, 0, 0), (14, 0.2, 0.2), part_of="truss"),
        Box("IfcBeam", "web", (11, 0, 0), (11.2, 0.2, 2), part_of="truss"),
        Box("IfcBeam", "stranger", (12, 0, 0), (12.2, 0.2, 2)),
        Box("IfcWall", "twin", (20, 0, 0), (24, 0.2, 3)),
        Box("IfcWall", "twin again", (20, 0, 0), (24, 0.2, 3)),
    ])  # fmt: skip
    hold(session, m=opened(tmp_path / "m.ifc"))
    report = clash_report(session, "m", "m")
    assert {frozenset(pair) for pair in pairs(report)} == {frozenset({"chord", "stranger"})}
    assert {frozenset(pair) for pair in pairs(report, "clash.duplicate")} == {frozenset({"twin", "twin again"})}


def test_a_cancel_ends_a_clash_run(folder: Path) -> None:
    data = opened(folder / "structure.ifc")
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        clashes(Bodies(data, np.eye(4)), None, progress)


def test_what_is_neither_model_nor_pipes_is_refused(session: Session, folder: Path) -> None:
    import pandas as pd

    hold(session, a=opened(folder / "structure.ifc"), table=VectorData(pd.DataFrame({"x": [1]})))
    with pytest.raises(UserError) as error:
        clash_report(session, "a", "table")
    assert error.value.code == "checks.no_pipes"


def pipe_layer() -> VectorData:
    def at(x: float, y: float, z: float) -> tuple[float, float, float]:
        return 500000 + x, 4000000 + y, z

    rows = [
        ("through", "WS", 300.0, LineString([at(-5, 0.1, -0.5), at(10, 0.1, -0.5)])),
        ("beside", "WS", 400.0, LineString([at(-5, -2.0, -1.5), at(10, -2.0, -1.5)])),
        ("far", "WS", 400.0, LineString([at(-5, -9.0, -1.5), at(10, -9.0, -1.5)])),
        ("flat", "JS", 100.0, LineString([(500000, 4000000), (500001, 4000000)])),
        ("thin", "JS", None, LineString([at(-5, 0.3, -0.2), at(10, 0.3, -0.2)])),
    ]
    frame = gpd.GeoDataFrame(
        {"code": [r[0] for r in rows], "kind": [r[1] for r in rows], "diameter_mm": [r[2] for r in rows]},
        geometry=[r[3] for r in rows], crs="EPSG:4548",
    )  # fmt: skip
    frame.index = frame.index + 11
    return VectorData(frame)


def test_pipes_through_and_beside_a_foundation_are_told_with_their_clear_distance(
    session: Session, folder: Path
) -> None:
    hold(session, model=opened(folder / "structure.ifc"), pipes=pipe_layer())
    report = clash_report(session, "model", "pipes", clearance_m=None)
    found = {(one.parties[0].name, one.parties[1].name, one.code): one for one in report.findings}
    through = found["through", "footing", "clash.pipe_hard"]
    assert through.severity == "error"
    assert through.parties[0].key is not None
    assert through.parties[0].key.oid == 11
    beside = found["beside", "footing", "clash.pipe_clearance"]
    # axis 2.0 m south of y = 0, the footing reaches to y = -0.4, the pipe's radius is 0.2 m
    assert beside.facts["distance_m"] == pytest.approx(2.0 - 0.4 - 0.2, abs=1e-3)
    assert beside.facts["required_m"] == pytest.approx(2.5)
    assert not [key for key in found if key[0] in ("far", "flat")]
    assert ("thin", "footing", "clash.pipe_hard") in found
    codes = {caution.code: caution for caution in report.cautions}
    assert codes["checks.pipes_no_height"].facts["count"] == 1
    assert codes["checks.pipes_no_diameter"].facts["count"] == 1
    assert "checks.uncertain_limits" in codes


def test_a_pipe_without_a_rule_is_asked_for_no_clearance() -> None:
    frame = pipe_layer().frame.assign(kind="QT")
    runs = runs_of(frame, np.asarray(FRAME.origin, float))
    assert np.isnan(runs.limit_m).all()


def test_a_pipe_that_lies_wholly_in_concrete_is_a_clash(tmp_path: Path) -> None:
    author(tmp_path / "m.ifc", [Box("IfcFooting", "raft", (-20, -20, -3), (20, 20, 0))])
    inside = LineString([(500000.0, 4000000.0, -1.5), (500002.0, 4000000.0, -1.5)])
    frame = gpd.GeoDataFrame({"diameter_mm": [200.0]}, geometry=[inside], crs="EPSG:4548")
    data = opened(tmp_path / "m.ifc")
    matrix = data.placement.copy()
    matrix[:3, 3] -= FRAME.origin
    found = pipe_clashes(runs_of(frame, np.asarray(FRAME.origin, float)), Bodies(data, matrix), Progress())
    assert [(one.code, one.oid) for one in found] == [("pipe_hard", oid_of(data, "raft"))]
    assert found[0].distance_m == pytest.approx(-1.6, abs=1e-3)  # 1.5 m to the nearest face, and its radius


def library_pairs(first: Path, second: Path) -> set[frozenset[str]]:
    """Return what ifcclash finds: an independent kernel, triangulation and search."""
    from ifcclash.ifcclash import Clasher, ClashSettings

    settings = ClashSettings()
    settings.logger = logging.getLogger("clash")
    clasher = Clasher(settings)
    clasher.clash_sets = [{
        "name": "x", "a": [{"file": str(first)}], "b": [{"file": str(second)}], "mode": "intersection",
        "tolerance": 0.01, "check_all": True,
    }]  # fmt: skip
    clasher.clash()
    return {frozenset((one["a_global_id"], one["b_global_id"])) for one in clasher.clash_sets[0]["clashes"].values()}


def own_pairs(first: Path, second: Path) -> set[frozenset[str]]:
    a, b = opened(first), opened(second)
    found = clashes(Bodies(a, np.eye(4)), Bodies(b, np.eye(4)), Progress(), tolerance_m=0.01)
    return {frozenset((a.elements["guid"].iat[one.a], b.elements["guid"].iat[one.b])) for one in found}


def test_random_boxes_clash_as_ifcclash_and_arithmetic_say(tmp_path: Path) -> None:
    """Both files share coordinates, so that ifcclash, which knows no other, may judge."""
    rng = np.random.default_rng(8)
    sides = []
    for name in "ab":
        low = rng.random((30, 3)) * 6
        size = rng.random((30, 3)) * 1.2 + 0.1
        boxes = [Box("IfcBeam", f"{name}{k}", low[k], low[k] + size[k]) for k in range(30)]
        model = author(tmp_path / f"{name}.ifc", boxes)
        sides.append((low, low + size, {e.Name: e.GlobalId for e in model.by_type("IfcBeam")}))
    (low_a, high_a, guid_a), (low_b, high_b, guid_b) = sides
    shared_m = {
        frozenset((guid_a[f"a{i}"], guid_b[f"b{j}"])): (
            np.minimum(high_a[i], high_b[j]) - np.maximum(low_a[i], low_b[j])
        ).min()
        for i in range(30) for j in range(30)
    }  # fmt: skip
    expected = {pair for pair, depth_m in shared_m.items() if depth_m > 0.01}
    assert len(expected) > 5
    assert own_pairs(tmp_path / "a.ifc", tmp_path / "b.ifc") == expected
    theirs = library_pairs(tmp_path / "a.ifc", tmp_path / "b.ifc")
    # ifcclash measures how far a corner or edge protrudes, so it also tells of slivers thinner than the tolerance
    assert theirs >= expected
    assert all(0 < shared_m[pair] <= 0.01 for pair in theirs - expected)


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.skipif(not IFC_FILES.exists(), reason="no shared data")
def test_the_duplex_and_its_electrics_clash_as_ifcclash_says() -> None:
    first, second = IFC_FILES / "duplex.ifc", IFC_FILES / "Ifc2s3_Duplex_Electrical.ifc"
    ours, theirs = own_pairs(first, second), library_pairs(first, second)
    assert len(ours & theirs) >= 0.85 * len(ours | theirs)
    assert len(theirs) > 40

"""What stands in and under the streets of the sample city, and its three IFC buildings."""

from __future__ import annotations

import hashlib
import math
from collections import Counter

import numpy as np
import pandas as pd
import pytest
import shapely

from models.cases.flow import ids_of, states, steps
from models.facilities.coding.editions import editions
from models.network.graph import build_network
from models.network.isolation import isolate
from models.sample import cases, components, ifc_buildings, mains, pipes, sensors
from models.sample.city import City, IfcSite
from models.sample.generate import make_city
from models.sample.operations import case_steps

SEED = 7


@pytest.fixture(scope="module")
def city() -> City:
    return make_city(SEED)


@pytest.fixture(scope="module")
def made(city: City) -> dict[str, pd.DataFrame]:
    """All tables of things, made in the order in which the generator makes them."""
    things = components.make(city)
    runs, nodes = pipes.make(city, things)
    stations, readings = sensors.make(city, things, nodes)
    return {
        "components": things, "pipes": runs, "pipe_nodes": nodes, "sensors": stations, "readings": readings,
        "cases": cases.make(city, things),
    }  # fmt: skip


def planted(city: City, name: str) -> list[str]:
    return next(problem["codes"] for problem in city.planted if problem["id"] == name)


# -- components -----------------------------------------------------------------------------------------------------


def test_there_are_more_than_twenty_thousand_components_of_many_classes(made: dict[str, pd.DataFrame]) -> None:
    things = made["components"]
    assert 20_000 <= len(things) <= 32_000
    assert things["ObjName"].nunique() >= 35


def test_component_codes_are_division_class_and_serial_and_unique(city: City, made: dict[str, pd.DataFrame]) -> None:
    codes = made["components"]["ObjID"]
    known = set(editions()["cjt214_2007"].classes)
    assert codes.is_unique
    assert codes.str.fullmatch(r"\d{16}").all()
    assert (codes.str[:6] == city.districts["code"].iloc[0][:6]).all()
    assert set(codes.str[6:10]) <= known
    assert made["components"]["BGID"].str.fullmatch(r"\d{15}").all()


def test_no_component_stands_in_a_building_in_the_river_or_where_an_ifc_building_goes(
    city: City, made: dict[str, pd.DataFrame]
) -> None:
    things = made["components"]
    things = things[~things["SetLoc"].isin(["桥梁", "高架"])]
    points = things.geometry.to_numpy()
    for shapes in (city.buildings.geometry.to_numpy(), city.water.geometry.to_numpy()):
        assert len(shapely.STRtree(shapes).query(points, predicate="within")[0]) == 0
    for site in city.ifc_sites.values():
        distance = np.hypot(things.geometry.x - site.easting, things.geometry.y - site.northing)
        assert distance.min() > min(site.width_m, site.depth_m) / 2


def test_a_district_whose_components_were_not_surveyed_knows_no_state(
    city: City, made: dict[str, pd.DataFrame]
) -> None:
    shares = city.surveys[city.surveys["theme"] == "components"].set_index("district_code")["share"]
    assert (shares == 0).any()
    for district, rows in made["components"].groupby("district_code"):
        if shares.get(district, 1.0) == 0:
            assert rows["ObjState"].isna().all()
        elif shares.get(district, 1.0) == 1:
            assert rows["ObjState"].notna().all()
            assert 0.9 < (rows["ObjState"] == "完好").mean() < 0.99


def test_planted_covers_have_the_state_that_the_truth_says(city: City, made: dict[str, pd.DataFrame]) -> None:
    state = made["components"].set_index("ObjID")["ObjState"]
    assert set(state[planted(city, "covers_crushed")]) == {"破损"}
    assert set(state[planted(city, "covers_lost")]) == {"丢失"}
    assert set(state[planted(city, "covers_moved")]) == {"移位"}


def test_lamps_look_at_their_road(city: City, made: dict[str, pd.DataFrame]) -> None:
    things = made["components"]
    lamps = things[(things["ObjID"].str[6:10] == "0118") & (things["SetLoc"] == "绿化带")]
    roads = city.roads[city.roads["class"].isin(["arterial", "sub_arterial", "branch"])].geometry.to_numpy()
    near = shapely.shortest_line(
        lamps.geometry.to_numpy(), roads[shapely.STRtree(roads).nearest(lamps.geometry.to_numpy())]
    )
    ends = shapely.get_coordinates(near).reshape(-1, 2, 2)
    wanted = np.degrees(np.arctan2(*(ends[:, 1] - ends[:, 0]).T)) % 360
    turn = np.abs((lamps["bearing_deg"].to_numpy() - wanted + 180) % 360 - 180)
    assert np.percentile(turn, 90) < 20


# -- pipes ----------------------------------------------------------------------------------------------------------


def test_every_pipe_ends_at_two_nodes_of_its_kind_and_lies_on_them(made: dict[str, pd.DataFrame]) -> None:
    runs, nodes = made["pipes"], made["pipe_nodes"].set_index("code")
    assert set(runs["kind"]) == {"JS", "YS", "WS", "RQ", "RL", "DL", "TX"}
    assert runs["code"].is_unique
    assert nodes.index.is_unique
    coordinates = [shapely.get_coordinates(line) for line in runs.geometry]
    for side, place in (("start_node", 0), ("end_node", -1)):
        at = nodes.loc[runs[side]]
        assert (at["kind"].to_numpy() == runs["kind"].to_numpy()).all()
        gap = np.asarray([line[place] for line in coordinates]) - shapely.get_coordinates(at.geometry.to_numpy())
        assert np.abs(gap).max() < 0.002
    assert runs.geometry.has_z.all()


def test_gravity_pipes_fall_except_the_planted_one(city: City, made: dict[str, pd.DataFrame]) -> None:
    gravity = made["pipes"][made["pipes"]["kind"].isin(["YS", "WS"])]
    rising = gravity[gravity["end_invert_m"] >= gravity["start_invert_m"]]
    assert list(rising["code"]) == planted(city, "storm_pipe_backwards")


def test_gravity_pipes_widen_downstream_except_the_planted_one(city: City, made: dict[str, pd.DataFrame]) -> None:
    gravity = made["pipes"][made["pipes"]["kind"].isin(["YS", "WS"])]
    widest = gravity.groupby("end_node")["diameter_mm"].max()
    narrow = gravity[gravity["start_node"].map(widest).fillna(0) > gravity["diameter_mm"]]
    assert list(narrow["code"]) == planted(city, "storm_pipe_narrows")


def test_every_gravity_network_drains_to_an_outfall(made: dict[str, pd.DataFrame]) -> None:
    nodes = made["pipe_nodes"].set_index("code")["node_type"]
    for kind in ("YS", "WS"):
        runs = made["pipes"][made["pipes"]["kind"] == kind]
        assert runs["start_node"].is_unique, "water at a node has one way down"
        down = dict(zip(runs["start_node"], runs["end_node"], strict=True))
        for node in runs["start_node"]:
            for _ in range(len(runs)):
                if node not in down:
                    break
                node = down[node]
            assert nodes[node] == "outfall"


def test_gravity_mains_lie_between_1_5_and_7_metres_deep(made: dict[str, pd.DataFrame]) -> None:
    nodes = made["pipe_nodes"]
    inland = nodes[nodes["kind"].isin(["YS", "WS"]) & (nodes["node_type"] != "outfall")]
    depth = inland["ground_m"] - inland["invert_m"]
    assert depth.min() >= 1.5
    assert depth.max() <= 7.0


def test_the_dangling_node_is_on_no_pipe_and_is_the_only_one(city: City, made: dict[str, pd.DataFrame]) -> None:
    used = set(made["pipes"]["start_node"]) | set(made["pipes"]["end_node"])
    alone = made["pipe_nodes"][~made["pipe_nodes"]["code"].isin(used)]
    assert list(alone["code"]) == planted(city, "sewage_node_dangling")


def test_the_span_without_its_manhole_is_the_longest_storm_span(city: City, made: dict[str, pd.DataFrame]) -> None:
    inland = made["pipe_nodes"].set_index("code")["node_type"]
    storm = made["pipes"][made["pipes"]["kind"] == "YS"]
    storm = storm[(inland.loc[storm["end_node"]] != "outfall").to_numpy()]
    assert [storm.loc[storm.length.idxmax(), "code"]] == planted(city, "storm_manhole_missing")


def test_the_planted_clash_is_closer_than_the_pipes_are_wide(city: City, made: dict[str, pd.DataFrame]) -> None:
    problem = next(p for p in city.planted if p["id"] == "duct_through_gas_main")
    duct, gas = (made["pipes"].set_index("code").geometry[code] for code in problem["codes"])
    assert shapely.force_2d(duct).crosses(shapely.force_2d(gas))
    spot = shapely.Point(problem["at"][:2])
    heights = [
        shapely.line_interpolate_point(line, shapely.line_locate_point(shapely.force_2d(line), spot)).z
        for line in (duct, gas)
    ]
    assert abs(heights[0] - heights[1]) < 0.2


def test_manhole_nodes_carry_the_cover_that_lies_on_them(made: dict[str, pd.DataFrame]) -> None:
    nodes = made["pipe_nodes"]
    covered = nodes[nodes["component"].notna()]
    things = made["components"].set_index("ObjID")
    assert len(covered) > 3_000
    assert covered["component"].is_unique
    at = things.loc[covered["component"]]
    gap = shapely.distance(at.geometry.to_numpy(), covered.geometry.to_numpy())
    assert gap.max() < 0.02
    wanted = {kind.code: {name for name, _ in kind.covers} for kind in mains.KINDS}
    assert all(code[6:10] in wanted[kind] for code, kind in zip(covered["component"], covered["kind"], strict=True))


# -- sensors and cases ----------------------------------------------------------------------------------------------


def test_readings_cover_july_hourly_and_gauges_every_ten_minutes(made: dict[str, pd.DataFrame]) -> None:
    stations, readings = made["sensors"], made["readings"]
    assert len(stations) >= 140
    assert len(readings) <= 200_000
    assert readings["time"].min() == "2025-07-01T00:00:00+08:00"
    assert readings["time"].max() == "2025-07-31T23:50:00+08:00"
    counts = readings["sensor"].value_counts()
    rain = stations.loc[stations["kind"] == "rain", "code"]
    assert (counts[rain] == 31 * 24 * 6).all()
    assert set(readings["sensor"]) == set(stations["code"])


def test_levels_follow_the_storm_and_the_planted_ones_overflow(city: City, made: dict[str, pd.DataFrame]) -> None:
    readings = made["readings"]
    rain = readings[readings["sensor"] == "CG-RAIN-001"]
    peak = rain.loc[rain["value"].idxmax(), "time"]
    assert peak.startswith("2025-07-18T18")
    depth = made["pipe_nodes"].dropna(subset="component").set_index("component")
    depth = depth["ground_m"] - depth["invert_m"]
    levels = made["sensors"][made["sensors"]["kind"] == "level"].set_index("code")["component"].map(depth)
    highest = readings.groupby("sensor")["value"].max()[levels.index]
    assert sorted(highest.index[highest >= levels]) == sorted(planted(city, "manholes_overflow"))
    for code in levels.index[:3]:
        own = readings[readings["sensor"] == code]
        assert own.loc[own["value"].idxmax(), "time"] > peak


def test_only_planted_covers_stay_tilted(city: City, made: dict[str, pd.DataFrame]) -> None:
    tilt = made["sensors"].loc[made["sensors"]["kind"] == "tilt", "code"]
    readings = made["readings"][made["readings"]["sensor"].isin(tilt)]
    over = readings[readings["value"] > 10].groupby("sensor").size()
    lasting = sorted(over.index[over > 3])
    assert lasting == sorted(planted(city, "covers_tilted") + planted(city, "cover_gone"))
    assert sorted(over.index[over == 1]) == sorted(planted(city, "cover_knocked"))


def test_a_dead_battery_leaves_a_gap_and_no_zeros(city: City, made: dict[str, pd.DataFrame]) -> None:
    for code in planted(city, "batteries_dead"):
        own = made["readings"][made["readings"]["sensor"] == code]
        assert len(own) < 31 * 24
        assert own["time"].max() < "2025-07-27"
        assert own["battery_pct"].iloc[-1] < 5
        assert not (own["value"].tail(10) == 0).all()


def test_cases_are_about_components_that_exist(made: dict[str, pd.DataFrame]) -> None:
    records = made["cases"]
    assert 18 <= len(records) <= 30
    assert records["component"].isin(made["components"]["ObjID"]).all()
    assert (records["component"].str[6:10] == records["class_code"]).all()
    assert set(records["state"]) == {"受理", "派遣", "处理中", "核查结案"}
    assert (records["closed_at"].notna() == (records["state"] == "核查结案")).all()
    closed = records[records["closed_at"].notna()]
    assert (closed["closed_at"] > closed["reported_at"]).all()


def test_planted_problems_have_distinct_ids_and_both_languages(city: City, made: dict[str, pd.DataFrame]) -> None:
    assert made
    assert max(Counter(problem["id"] for problem in city.planted).values()) == 1
    for problem in city.planted:
        if problem["layer"] in ("components", "pipes", "pipe_nodes", "sensors"):
            assert problem["codes"]
            assert problem["why"]
            assert problem["why_zh"]
            column = "ObjID" if problem["layer"] == "components" else "code"
            assert set(problem["codes"]) <= set(made[problem["layer"]][column])


def test_the_same_city_gives_the_same_components(city: City, made: dict[str, pd.DataFrame]) -> None:
    before = list(city.planted)
    again = components.make(city)
    city.planted[:] = before
    pd.testing.assert_frame_equal(pd.DataFrame(again), pd.DataFrame(made["components"]))


# -- IFC buildings --------------------------------------------------------------------------------------------------

SITES = {
    "tower": IfcSite(501232.26, 4059008.46, 28.9, 17.0, 36.0, 26.0),
    "school": IfcSite(501859.81, 4058305.38, 30.99, 351.44, 64.0, 40.0),
    "clinic": IfcSite(501510.97, 4058304.85, 30.45, 2.53, 38.0, 26.0),
}


class Sites:
    """The one thing that the IFC author asks of a city."""

    ifc_sites = SITES


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("ifc")
    ifc_buildings.write(Sites(), path)
    return path


def test_four_ifc_files_are_written_and_the_same_each_time(folder, tmp_path) -> None:
    rows = ifc_buildings.write(Sites(), tmp_path)
    assert [row["path"] for row in rows] == ["tower.ifc", "school.ifc", "school_ifc2x3.ifc", "clinic.ifc"]
    for row in rows:
        first, second = ((place / row["path"]).read_bytes() for place in (folder, tmp_path))
        assert hashlib.sha256(first).digest() == hashlib.sha256(second).digest()
        assert len(first) < 6_000_000


@pytest.mark.parametrize(
    ("name", "schema", "storeys", "spaces"),
    [
        ("tower", "IFC4", 23, 700),
        ("school", "IFC4", 6, 40),
        ("school_ifc2x3", "IFC2X3", 6, 40),
        ("clinic", "IFC4", 4, 20),
    ],
)
def test_a_building_has_its_storeys_spaces_areas_and_colours(folder, name, schema, storeys, spaces) -> None:
    import ifcopenshell
    import ifcopenshell.util.element

    model = ifcopenshell.open(str(folder / f"{name}.ifc"))
    assert model.schema == schema
    assert len(model.by_type("IfcBuildingStorey")) == storeys
    assert len(model.by_type("IfcSpace")) >= spaces
    guids = [entity.GlobalId for entity in model.by_type("IfcRoot")]
    assert len(set(guids)) == len(guids)
    for space in model.by_type("IfcSpace")[:20]:
        assert ifcopenshell.util.element.get_psets(space)["Qto_SpaceBaseQuantities"]["NetFloorArea"] > 1
        assert space.LongName
    wall = model.by_type("IfcWall")[0]
    assert ifcopenshell.util.element.get_psets(wall)["Pset_WallCommon"]["FireRating"]
    assert ifcopenshell.util.element.get_material(wall)
    assert ifcopenshell.util.element.get_type(wall)
    assert len(model.by_type("IfcSurfaceStyle")) >= 8
    assert model.by_type("IfcRelVoidsElement")
    building = ifcopenshell.util.element.get_psets(model.by_type("IfcBuilding")[0])["Pset_BuildingCommon"]
    assert building["YearOfConstruction"]
    storey_names = [storey.Name for storey in model.by_type("IfcBuildingStorey")]
    assert ("B1" in storey_names) == name.startswith("school")


def test_the_school_and_its_twin_are_one_design(folder) -> None:
    import ifcopenshell

    first, second = (ifcopenshell.open(str(folder / name)) for name in ("school.ifc", "school_ifc2x3.ifc"))
    for ifc_class in ("IfcWall", "IfcWindow", "IfcDoor", "IfcSpace", "IfcSlab"):
        ids = [{entity.GlobalId for entity in model.by_type(ifc_class)} for model in (first, second)]
        assert ids[0] == ids[1]


@pytest.mark.parametrize("name", ["tower", "school", "school_ifc2x3", "clinic"])
def test_a_building_says_that_it_stands_on_its_site(folder, name) -> None:
    import ifcopenshell
    import ifcopenshell.util.element

    model = ifcopenshell.open(str(folder / f"{name}.ifc"))
    if model.schema == "IFC4":
        conversion = model.by_type("IfcMapConversion")[0]
        told = {
            k: getattr(conversion, k)
            for k in ("Eastings", "Northings", "OrthogonalHeight", "XAxisAbscissa", "XAxisOrdinate")
        }
        crs = conversion.TargetCRS
        assert (crs.Name, crs.VerticalDatum) == ("EPSG:4548", "1985国家高程基准")
    else:
        sets = ifcopenshell.util.element.get_psets(model.by_type("IfcSite")[0])
        told = sets["ePSet_MapConversion"]
        assert sets["ePSet_ProjectedCRS"]["Name"] == "EPSG:4548"
    site = SITES[name.split("_")[0]]
    design = next(d for d in ifc_buildings._DESIGNS if d.file == f"{name}.ifc")
    angle = math.atan2(told["XAxisOrdinate"], told["XAxisAbscissa"])
    x, y = design.middle
    assert told["Eastings"] + x * math.cos(angle) - y * math.sin(angle) == pytest.approx(site.easting, abs=0.01)
    assert told["Northings"] + x * math.sin(angle) + y * math.cos(angle) == pytest.approx(site.northing, abs=0.01)
    assert told["OrthogonalHeight"] == pytest.approx(site.height_m + 0.45)
    assert math.degrees(angle) % 360 == pytest.approx(-site.bearing_deg % 360, abs=1e-6)


@pytest.mark.parametrize("name", ["school", "school_ifc2x3", "clinic"])
def test_a_building_has_the_same_shapes_with_either_geometry_kernel(folder, name) -> None:
    counts = [
        _shapes(folder / f"{name}.ifc", kernel)[0] for kernel in ("opencascade", "hybrid-cgal-simple-opencascade")
    ]
    assert counts[0] == counts[1] > 100


def test_the_tower_repeats_its_floors_as_shared_shapes(folder) -> None:
    count, shapes, (low, high) = _shapes(folder / "tower.ifc", "hybrid-cgal-simple-opencascade")
    assert count > 1_500
    assert shapes < 400
    assert high[2] - low[2] > 60
    assert high[0] - low[0] <= ifc_buildings.FOOTPRINT_M["tower"][0] + 0.2


def _shapes(path, kernel):
    """Return the number of shapes, of distinct geometries, and the bounds."""
    import ifcopenshell
    import ifcopenshell.geom

    model = ifcopenshell.open(str(path))
    iterator = ifcopenshell.geom.iterator(
        ifcopenshell.geom.settings(), model, 1, exclude=["IfcOpeningElement"], geometry_library=kernel
    )
    count, ids, low, high = 0, set(), np.full(3, np.inf), np.full(3, -np.inf)
    running = iterator.initialize()
    while running:
        shape = iterator.get()
        count += 1
        ids.add(shape.geometry.id)
        points = np.asarray(shape.geometry.verts).reshape(-1, 3)
        matrix = np.asarray(shape.transformation.matrix).reshape(4, 4, order="F")
        points = points @ matrix[:3, :3].T + matrix[:3, 3]
        low, high = np.minimum(low, points.min(axis=0)), np.maximum(high, points.max(axis=0))
        running = iterator.next()
    return count, len(ids), (low, high)


# -- water supply ----------------------------------------------------------------------------------------------------


def test_the_planted_burst_is_isolated_as_the_sample_says(city: City, made: dict[str, pd.DataFrame]) -> None:
    """The truth comes from a plain search of the generator; nothing of it is shared with the model."""
    network, _ = build_network(made["pipes"], made["pipe_nodes"])
    problem = next(p for p in city.planted if p["id"] == "water_main_burst")
    fid = made["pipes"].index[made["pipes"]["code"] == problem["codes"][0]][0]
    plan = isolate(network, edges=network.edges_of(int(fid)))
    for name, nodes in (
        ("close", plan.close), ("closed", plan.shut), ("passed", plan.passed), ("customers", plan.segment.customers),
        ("hydrants", plan.segment.hydrants),
    ):  # fmt: skip
        assert sorted(network.node_key[nodes]) == problem[name], name
    assert problem["passed"]
    assert problem["customers"]


def test_valves_of_the_water_supply_have_the_planted_states_and_others_none(
    city: City, made: dict[str, pd.DataFrame]
) -> None:
    nodes = made["pipe_nodes"].set_index("code")
    for state in ("closed", "faulty"):
        assert sorted(nodes.index[nodes["valve_state"] == state]) == planted(city, f"water_valves_{state}")
    assert set(nodes.loc[nodes["valve_state"].notna(), "kind"]) == {"JS"}
    assert set(nodes.loc[nodes["valve_state"].notna(), "node_type"]) == {"valve"}


def test_the_cases_of_the_sample_stand_in_each_of_the_seven_steps_as_their_logs_say(
    made: dict[str, pd.DataFrame],
) -> None:
    told, log = case_steps.make(made["cases"].assign(due_at=made["cases"]["reported_at"]), made["components"])
    assert {states()[one].step for one in ids_of(told["state"])} == set(steps())
    assert set(told["taskNum"]) == {step.case for step in log}
    pd.testing.assert_series_equal(told["closed_at"], made["cases"]["closed_at"])
    last = {step.case: step.state for step in log}
    assert [last[number] for number in told["taskNum"]] == ids_of(told["state"]).tolist()

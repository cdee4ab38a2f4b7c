"""Where IFC models stand: what is written, what is believed, and how it is written back."""

import hashlib
import json
import math
from pathlib import Path
from typing import Any

import ifcopenshell
import ifcopenshell.util.geolocation
import numpy as np
import pytest
from pyproj import CRS, Geod, Transformer

from app.command_line.main import run
from models.bim.georeference import GeorefReport, report
from models.bim.placement import placement_of
from models.core.errors import UserError
from models.core.progress import Progress
from models.crs.names import crs_of_name, vertical_of_name
from models.io.ifc import reader as ifc
from models.io.ifc.place.georeference import default_city
from models.io.ifc.write import run_json, write_georef
from models.io.request import ReadRequest
from models.layers.layer import ModelData
from tests.support.io_models import make_model, write_model
from tests.support.paths import DATA

PLACE = {"Eastings": 502000.0, "Northings": 4059000.0, "OrthogonalHeight": 31.5}


def read(path: Path, **request: Any) -> ModelData:
    data = ifc.read(path, ReadRequest(**request), Progress())[0].data
    assert isinstance(data, ModelData)
    return data


def told(path: Path, **request: Any) -> tuple[GeorefReport, list[str]]:
    data = read(path, **request)
    return report(data), [caution.code for caution in data.cautions]


@pytest.mark.parametrize(
    ("name", "official"),
    [
        ("EPSG:4549", "CGCS2000 / 3-degree Gauss-Kruger CM 120E"),
        ("urn:ogc:def:crs:EPSG::28992", "Amersfoort / RD New"),
        ("4548", "CGCS2000 / 3-degree Gauss-Kruger CM 117E"),
        ("CGCS2000 / 3-degree Gauss-Kruger CM 120E", "CGCS2000 / 3-degree Gauss-Kruger CM 120E"),
        ("CGCS2000_3_Degree_GK_Zone_40", "CGCS2000 / 3-degree Gauss-Kruger zone 40"),
        ("2000国家大地坐标系 3度带 中央子午线120°", "CGCS2000 / 3-degree Gauss-Kruger CM 120E"),
        ("国家2000大地坐标系三度带40带", "CGCS2000 / 3-degree Gauss-Kruger zone 40"),
        ("西安80坐标系 3度带 第39带", "Xian 1980 / 3-degree Gauss-Kruger zone 39"),
        ("北京54 6度带 20带", "Beijing 1954 / Gauss-Kruger zone 20"),
        ("西安80 中央子午线117", "Xian 1980 / 3-degree Gauss-Kruger CM 117E"),
        ("ETRS89_UTM32", "ETRS89 / UTM zone 32N"),
        (CRS("EPSG:4548").to_wkt(), "CGCS2000 / 3-degree Gauss-Kruger CM 117E"),
    ],
)
def test_a_name_of_any_sort_leads_to_the_system_it_means(name: str, official: str) -> None:
    assert CRS(crs_of_name(name)).name == official


@pytest.mark.parametrize("name", ["", "CGCS 2000", "2000", "1980", "市独立坐标系", "local", "undefined"])
def test_half_a_name_leads_nowhere(name: str) -> None:
    assert crs_of_name(name) == ""


def test_a_datum_alone_is_no_projected_system_but_with_its_zone_it_is() -> None:
    assert not CRS(crs_of_name("Xian 1980")).is_projected
    assert crs_of_name("Xian 1980", "", "", "3-degree", "zone 39") == "EPSG:2363"


def test_what_else_is_said_of_a_system_helps_where_its_name_is_empty() -> None:
    assert crs_of_name("", "", "CGCS2000", "Gauss-Kruger 3-degree", "zone 40") == "EPSG:4528"
    assert vertical_of_name("1985国家高程基准") == "EPSG:5737"
    assert vertical_of_name("somewhere") == ""


def test_a_sound_conversion_is_sure_and_its_figures_are_those_of_an_independent_reckoning(tmp_path: Path) -> None:
    turned = {"XAxisAbscissa": math.cos(math.radians(30)), "XAxisOrdinate": math.sin(math.radians(30))}
    path = write_model(tmp_path / "a.ifc", map_conversion={**PLACE, **turned})
    found, codes = told(path)
    assert (found.kind, found.certainty, found.level, found.crs) == ("map_conversion", "sure", 50, "EPSG:4548")
    assert codes == []
    assert (found.east_m, found.north_m, found.height_m) == pytest.approx((502000.0, 4059000.0, 31.5))
    lon, lat = Transformer.from_crs("EPSG:4548", "EPSG:4326", always_xy=True).transform(502000.0, 4059000.0)
    assert (found.lon_deg, found.lat_deg) == pytest.approx((lon, lat), abs=1e-9)
    assert (found.rotation_deg, found.bearing_deg, found.scale) == pytest.approx((30.0, 330.0, 1.0))
    ahead = Transformer.from_crs("EPSG:4548", "EPSG:4326", always_xy=True).transform(
        502000.0 - 50 * math.sin(math.radians(30)), 4059000.0 + 50 * math.cos(math.radians(30))
    )
    assert found.true_bearing_deg == pytest.approx(Geod(ellps="GRS80").inv(lon, lat, *ahead)[0] % 360, abs=1e-3)
    json.dumps(found.as_dict())


@pytest.mark.parametrize(
    ("crs", "values", "code"),
    [
        ("EPSG:4548", {"Eastings": 4059000.0, "Northings": 502000.0}, "io.axes_swapped"),
        ("EPSG:4548", {"Eastings": 39502000.0, "Northings": 4059000.0}, "io.zone_prefix"),
        ("EPSG:4527", {"Eastings": 502000.0, "Northings": 4059000.0}, "io.zone_prefix"),
        ("EPSG:4548", {"Eastings": 502000000.0, "Northings": 4059000000.0}, "io.map_unit_doubted"),
        ("西安80 3度带 第39带", {"Eastings": 502000.0, "Northings": 4059000.0}, "io.zone_prefix"),
    ],
)
def test_one_mistake_is_mended_and_said(tmp_path: Path, crs: str, values: dict[str, float], code: str) -> None:
    found, codes = told(write_model(tmp_path / "a.ifc", map_conversion=values, crs=crs))
    assert codes == [code]
    assert found.certainty == "likely"
    assert (found.lon_deg, found.lat_deg) == pytest.approx((117.022, 36.661), abs=2e-3)


def test_a_zone_number_of_another_meridian_is_doubtful(tmp_path: Path) -> None:
    wrong = {"Eastings": 40502000.0, "Northings": 4059000.0}
    found, codes = told(write_model(tmp_path / "a.ifc", map_conversion=wrong))
    assert (codes, found.certainty) == (["io.zone_differs"], "doubtful")


def test_a_scale_upside_down_is_named_as_such(tmp_path: Path) -> None:
    model = make_model("IFC4", prefix="MILLI", map_conversion={**PLACE, "Scale": 1000.0})
    target = model.by_type("IfcProjectedCRS")[0]
    target.MapUnit = model.create_entity("IfcSIUnit", UnitType="LENGTHUNIT", Name="METRE")
    model.write(str(tmp_path / "a.ifc"))
    found, codes = told(tmp_path / "a.ifc")
    assert codes == ["io.scale_upside_down"]
    assert (found.east_m, found.scale) == pytest.approx((502000.0, 1.0))


def test_an_offset_world_system_is_taken_off_unless_it_repeats_the_place(tmp_path: Path) -> None:
    for offset, code, height in (((10.0, 0.0, 2.0), "io.system_offset", 29.5),
                                 ((0.0, 0.0, 31.5), "io.system_repeats_place", 31.5)):  # fmt: skip
        model = make_model("IFC4", map_conversion=PLACE)
        for context in model.by_type("IfcGeometricRepresentationContext", include_subtypes=False):
            point = model.create_entity("IfcCartesianPoint", Coordinates=offset)
            context.WorldCoordinateSystem = model.create_entity("IfcAxis2Placement3D", Location=point)
        model.write(str(tmp_path / "a.ifc"))
        found, codes = told(tmp_path / "a.ifc")
        assert codes == [code]
        assert found.height_m == pytest.approx(height)


def test_a_world_system_in_map_coordinates_is_a_place_once_its_crs_is_known(tmp_path: Path) -> None:
    model = make_model("IFC2X3")
    for context in model.by_type("IfcGeometricRepresentationContext", include_subtypes=False):
        point = model.create_entity("IfcCartesianPoint", Coordinates=(502000.0, 4059000.0, 30.0))
        context.WorldCoordinateSystem = model.create_entity("IfcAxis2Placement3D", Location=point)
    model.write(str(tmp_path / "a.ifc"))
    assert told(tmp_path / "a.ifc")[1] == ["io.world_coordinates", "io.no_georeference"]
    found, _ = told(tmp_path / "a.ifc", crs="EPSG:4548")
    assert (found.kind, found.certainty, found.level) == ("world_system", "likely", 40)
    assert (found.east_m, found.north_m, found.height_m) == pytest.approx((502000.0, 4059000.0, 30.0))


def test_latitude_and_longitude_elsewhere_contradict_the_conversion(tmp_path: Path) -> None:
    shandong = ((36, 30, 0, 0), (117, 1, 12, 0))
    _, codes = told(write_model(tmp_path / "a.ifc", map_conversion=PLACE, latlon=shandong))
    assert codes == ["io.latlon_disagrees"]


def test_an_empty_conversion_leaves_the_word_to_the_site(tmp_path: Path) -> None:
    empty = {"Eastings": 0.0, "Northings": 0.0, "OrthogonalHeight": 0.0}
    path = write_model(tmp_path / "a.ifc", map_conversion=empty, latlon=((36, 39, 36, 0), (117, 1, 12, 0)))
    found, codes = told(path)
    assert (found.kind, found.certainty) == ("site_latlon", "unsure")
    assert codes == ["io.empty_conversion", "io.placed_by_latlon"]


def test_typed_coordinates_with_a_zone_number_stand_in_the_system_without(tmp_path: Path) -> None:
    path = write_model(tmp_path / "a.ifc", at_m=(39502000.0, 4059000.0, 30.0))
    data = read(path, crs="EPSG:4548")
    assert "io.zone_prefix" in [caution.code for caution in data.cautions]
    corner = data.placement @ [*np.asarray(data.meshes.bounds())[0], 1.0]
    assert corner[:2] == pytest.approx((501999.8, 4058999.8), abs=1e-2)


def test_conversions_that_differ_are_told(tmp_path: Path) -> None:
    model = make_model("IFC4", map_conversion=PLACE)
    first = model.by_type("IfcMapConversion")[0]
    model.create_entity("IfcMapConversion", first.SourceCRS, first.TargetCRS, 503000.0, 4060000.0, 0.0)
    model.write(str(tmp_path / "a.ifc"))
    found, codes = told(tmp_path / "a.ifc")
    assert (codes, found.certainty) == (["io.several_conversions"], "likely")


def test_the_exporters_cities_are_known_by_name() -> None:
    assert default_city(42.3584, -71.0598)["en"] == "Boston"
    assert default_city(24.4667, 54.4167)["zh"] == "阿布扎比"
    assert default_city(36.66, 117.02) == {}


@pytest.mark.parametrize("schema", ["IFC2X3", "IFC4", "IFC4X3_ADD2"])
@pytest.mark.parametrize("prefix", [None, "MILLI"])
def test_a_place_written_into_a_copy_is_read_back_within_a_millimetre(
    tmp_path: Path, schema: str, prefix: str | None
) -> None:
    wrong = {"Eastings": 1.0, "Northings": 2.0, "OrthogonalHeight": 3.0}
    source = write_model(tmp_path / "楼.ifc", schema=schema, prefix=prefix, map_conversion=wrong)
    before = hashlib.sha256(source.read_bytes()).hexdigest()
    asked = {
        "source": str(source), "target": str(tmp_path / "out" / "副本.ifc"), "crs": "EPSG:4549",
        "easting_m": 512345.678, "northing_m": 4012345.678, "height_m": 23.456, "bearing_deg": 37.5,
        "vertical": "EPSG:5737",
    }  # fmt: skip
    (tmp_path / "out").mkdir()
    run_json(asked, Progress())
    assert hashlib.sha256(source.read_bytes()).hexdigest() == before
    target = tmp_path / "out" / "副本.ifc"
    found, codes = told(target)
    assert codes == []
    assert (found.certainty, found.crs, found.vertical) == ("sure", "EPSG:4549", "EPSG:5737")
    assert (found.east_m, found.north_m, found.height_m) == pytest.approx((512345.678, 4012345.678, 23.456), abs=1e-3)
    assert found.bearing_deg == pytest.approx(37.5, abs=1e-9)
    names = read(source).elements["name"].tolist()
    assert read(target).elements["name"].tolist() == names
    # IfcOpenShell's own reckoning agrees
    model = ifcopenshell.open(str(target))
    unit = 0.001 if prefix else 1.0
    east, north, height = ifcopenshell.util.geolocation.auto_xyz2enh(model, 10.0 / unit, 0.0, 0.0)
    scale = unit if schema == "IFC2X3" else 1.0
    angle = math.radians(-37.5)
    expected = (512345.678 + 10 * math.cos(angle), 4012345.678 + 10 * math.sin(angle), 23.456)
    assert np.array([east, north, height]) * scale == pytest.approx(expected, abs=1e-3)


def test_the_original_is_never_written_and_nothing_half_is_left(tmp_path: Path) -> None:
    source = write_model(tmp_path / "a.ifc")
    with pytest.raises(UserError, match=r"place\.onto_itself"):
        write_georef(source, source, "EPSG:4548", 1, 2, 3)
    with pytest.raises(UserError, match=r"place\.not_finite"):
        write_georef(source, tmp_path / "b.ifc", "EPSG:4548", math.nan, 2, 3)
    with pytest.raises(UserError, match=r"crs\.not_projected"):
        write_georef(source, tmp_path / "b.ifc", "EPSG:4490", 1, 2, 3)
    (tmp_path / "broken.ifc").write_text("ISO-10303-21;\nnothing")
    with pytest.raises(UserError):
        write_georef(tmp_path / "broken.ifc", tmp_path / "b.ifc", "EPSG:4548", 1, 2, 3)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.ifc", "broken.ifc"]


def test_the_command_line_reports_and_writes_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHENGJING_HOME", str(tmp_path / "home"))
    source, copy = write_model(tmp_path / "a.ifc"), tmp_path / "b.ifc"
    put = ["--crs", "EPSG:4548", "--set", "502000,4059000,31.5,90", "--out", str(copy)]
    assert run(["ifc", "georef", str(source), *put, "--lang", "en"]) == 0
    capsys.readouterr()
    assert run(["ifc", "georef", str(copy), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["kind"], answer["certainty"], answer["crs"]) == ("map_conversion", "sure", "EPSG:4548")
    assert (answer["east_m"], answer["bearing_deg"]) == pytest.approx((502000.0, 90.0))
    assert run(["ifc", "georef", str(source), "--set", "1,2", "--out", str(copy)]) == 3
    assert run(["ifc", "georef", str(source), "--crs", "EPSG:4548", "--set", "1,x", "--out", str(copy)]) == 3


def test_the_command_line_takes_paths_as_seen_from_where_it_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The child that writes the copy works in another folder."""
    monkeypatch.setenv("CHENGJING_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    write_model(tmp_path / "a.ifc")
    put = ["--crs", "EPSG:4548", "--set", "502000,4059000,31.5,90", "--out", "b.ifc"]
    assert run(["ifc", "georef", "a.ifc", *put]) == 0
    assert (tmp_path / "b.ifc").exists()


# --- real files against references worked out here ------------------------------------------------------------------

#: Name, kind, CRS, place of the model's origin (E, N, H in metres, as the file states them), rotation in degrees.
REAL = [
    ("geographic-referencing-gk", "map_conversion", "EPSG:31467", (3458715.92, 5439966.65, 113.7), 74.3),
    ("geographic-referencing-utm", "map_conversion", "EPSG:25832", (458657.30, 5438232.25, 113.7), 74.3),
    ("geolocation-unit1", "map_conversion", "EPSG:3857", (10.0, 0.0, 0.0), 0.0),
    ("geolocation-unit3", "map_conversion", "EPSG:3857", (10.0, 0.0, 0.0), 0.0),
    ("OWL 20230717", "map_conversion", "EPSG:28992", (93869.354318, 435604.866546, 4.25), 144.76),
    ("Van Brienenoordbrug-IFC4X3", "map_conversion", "EPSG:28992", (96400.0, 435000.0, 0.0), 23.05),
    ("Building-Architecture", "map_conversion", "EPSG:32760", (729013.34883, 9063992.684697, 1.3), 60.0),
    ("Building-Hvac", "map_conversion", "EPSG:32760", (729013.34883, 9063992.684697, 1.3), 60.0),
    ("infra-bridge", "map_conversion", "EPSG:32760", (729011.225882, 9063960.607645, 0.0), 0.0),
    ("Duplex_A_20110907_georeferenced", "epset", "EPSG:9897", (76670.0, 77179.0, 293.7), 71.0),
]


def real(name: str) -> Path:
    path = DATA / "ifc" / f"{name}.ifc"
    if not path.exists():
        pytest.skip(f"{path.name} is not here")
    return path


@pytest.mark.data
@pytest.mark.parametrize(("name", "kind", "crs", "origin", "rotation"), REAL, ids=[row[0] for row in REAL])
def test_real_files_stand_where_their_statements_put_them(
    name: str, kind: str, crs: str, origin: tuple[float, ...], rotation: float
) -> None:
    found, _ = told(real(name))
    assert (found.kind, found.crs) == (kind, crs)
    assert (found.east_m, found.north_m, found.height_m) == pytest.approx(origin, abs=1e-3)
    assert found.rotation_deg == pytest.approx(rotation, abs=0.01)


@pytest.mark.data
def test_the_two_grids_of_one_place_agree_with_its_latitude_and_longitude() -> None:
    stated = (8 + 26 / 60 + 1.2473 / 3600, 49 + 5 / 60 + 43.9837 / 3600)
    for name, within_m in (("geographic-referencing-gk", 3.0), ("geographic-referencing-utm", 0.01)):
        found, _ = told(real(name))
        assert found.lon_deg is not None
        assert found.lat_deg is not None
        assert Geod(ellps="GRS80").inv(found.lon_deg, found.lat_deg, *stated)[2] < within_m


@pytest.mark.data
def test_a_rigid_operation_in_degrees_stands_upright_at_them() -> None:
    found, codes = told(real("geographic-referencing-rigid-operation"))
    assert (found.lon_deg, found.lat_deg, found.height_m) == pytest.approx((14.0902217, 46.3623297, 475.0), abs=1e-8)
    assert found.true_bearing_deg is not None
    assert min(found.true_bearing_deg, 360 - found.true_bearing_deg) < 1e-4
    assert "io.axes_swapped" in codes


@pytest.mark.data
@pytest.mark.parametrize("name", ["duplex", "OMG_KS_GEO-Nulpunt", "DrainageSystem-1-1"])
def test_real_files_without_a_believable_place_say_so(name: str) -> None:
    found, codes = told(real(name))
    assert (found.kind, found.certainty, found.crs) == ("none", "none", "")
    assert "io.no_georeference" in codes


@pytest.mark.data
def test_the_bridge_at_rotterdam_lies_on_its_own_survey() -> None:
    """The same bridge as CityJSON, by the city: every corner of the IFC should be one of the survey's."""
    from scipy.spatial import cKDTree

    survey = DATA / "scenes" / "scene_brienenoord" / "export.json"
    data = read(real("Van Brienenoordbrug-IFC4X3"))
    city = json.loads(survey.read_text(encoding="utf-8"))
    there = np.array(city["vertices"], dtype=np.float64)
    if "transform" in city:
        there = there * city["transform"]["scale"] + np.array(city["transform"]["translate"])
    store, corners = data.meshes, []
    for mesh, matrix in zip(store.placement_mesh, store.placement_matrix, strict=True):
        own = np.asarray(store.vertices[store.mesh_vertices[mesh] : store.mesh_vertices[mesh + 1]], dtype=np.float64)
        both = data.placement @ np.asarray(matrix, dtype=np.float64)
        corners.append(own @ both[:3, :3].T + both[:3, 3])
    away, _ = cKDTree(there).query(np.concatenate(corners))
    assert np.median(away) < 0.01
    assert np.percentile(away, 99) < 0.05


def test_a_matrix_and_its_placement_say_the_same(tmp_path: Path) -> None:
    data = read(write_model(tmp_path / "a.ifc", map_conversion={**PLACE, "XAxisAbscissa": 0.6, "XAxisOrdinate": 0.8}))
    again = placement_of(data.placement, data.crs, anchor=(3.0, -2.0, 1.0))
    assert np.allclose(again.matrix(), data.placement, atol=1e-9)


def _in_feet(model: Any, survey: bool = True) -> Any:
    """Return a conversion based unit of feet."""
    metre = model.create_entity("IfcSIUnit", UnitType="LENGTHUNIT", Name="METRE")
    factor = model.create_entity("IfcLengthMeasure", 1200 / 3937 if survey else 0.3048)
    return model.create_entity(
        "IfcConversionBasedUnit", UnitType="LENGTHUNIT", Name="US SURVEY FOOT" if survey else "FOOT",
        Dimensions=model.create_entity("IfcDimensionalExponents", 1, 0, 0, 0, 0, 0, 0),
        ConversionFactor=model.create_entity("IfcMeasureWithUnit", factor, metre),
    )  # fmt: skip


def test_without_a_map_unit_a_scale_of_a_thousandth_says_metres(tmp_path: Path) -> None:
    values = {"Eastings": 553330.997, "Northings": 259994.429, "Scale": 0.001}
    found, codes = told(write_model(tmp_path / "a.ifc", prefix="MILLI", map_conversion=values, crs="EPSG:27700"))
    assert codes == ["io.map_unit_by_scale"]
    assert (found.certainty, found.scale) == ("likely", 1.0)
    assert (found.east_m, found.north_m) == pytest.approx((553330.997, 259994.429))
    assert (found.lon_deg, found.lat_deg) == pytest.approx((0.243, 52.217), abs=1e-3)


@pytest.mark.parametrize("scale", [None, 3.2808, 3937 / 1200])
@pytest.mark.parametrize("unit", [True, False])
def test_a_grid_of_feet_is_taken_to_one_of_metres(tmp_path: Path, scale: float | None, unit: bool) -> None:
    place = {"Eastings": 775000.0, "Northings": 2956000.0} | ({} if scale is None else {"Scale": scale})
    model = make_model("IFC4", map_conversion=place, crs="EPSG:2249")
    if unit:
        model.by_type("IfcProjectedCRS")[0].MapUnit = _in_feet(model)
    model.write(str(tmp_path / "a.ifc"))
    found, codes = told(tmp_path / "a.ifc")
    lon, lat = Transformer.from_crs("EPSG:2249", "EPSG:4326", always_xy=True).transform(775000.0, 2956000.0)
    assert "io.feet_to_metres" in codes
    assert found.crs == "EPSG:32619"
    assert (found.lon_deg, found.lat_deg) == pytest.approx((lon, lat), abs=2e-8)
    ahead = Transformer.from_crs("EPSG:2249", "EPSG:4326", always_xy=True).transform(775000.0, 2956300.0)
    assert found.true_bearing_deg == pytest.approx(Geod(ellps="GRS80").inv(lon, lat, *ahead)[0] % 360, abs=1e-3)


def test_a_conversion_of_nothing_but_a_scale_in_feet_is_no_place(tmp_path: Path) -> None:
    empty = {"Eastings": 0.0, "Northings": 0.0, "OrthogonalHeight": 0.0, "Scale": 3.2808}
    found, codes = told(write_model(tmp_path / "a.ifc", map_conversion=empty, crs="EPSG:2249"))
    assert (found.kind, codes) == ("none", ["io.empty_conversion", "io.no_georeference"])


def test_elements_in_map_feet_stand_where_they_say(tmp_path: Path) -> None:
    empty = {"Eastings": 0.0, "Northings": 0.0, "OrthogonalHeight": 0.0, "Scale": 3.2808}
    at_m = (775000.0 * 1200 / 3937, 2956000.0 * 1200 / 3937, 5.0)
    data = read(write_model(tmp_path / "a.ifc", map_conversion=empty, crs="EPSG:2249", at_m=at_m))
    corner = data.placement @ [*at_m, 1.0]
    lon, lat = Transformer.from_crs(data.crs, "EPSG:4326", always_xy=True).transform(*corner[:2])
    right = Transformer.from_crs("EPSG:2249", "EPSG:4326", always_xy=True).transform(775000.0, 2956000.0)
    assert (lon, lat) == pytest.approx(right, abs=3e-8)
    assert corner[2] == pytest.approx(5.0)


def test_a_well_known_text_names_the_system_where_the_name_does_not(tmp_path: Path) -> None:
    model = make_model("IFC4X3_ADD2", map_conversion=PLACE, crs="site grid")
    target = model.by_type("IfcProjectedCRS")[0]
    model.create_entity("IfcWellKnownText", CRS("EPSG:4548").to_wkt(), target)
    model.write(str(tmp_path / "a.ifc"))
    found, codes = told(tmp_path / "a.ifc")
    assert (found.crs, found.certainty, codes) == ("EPSG:4548", "sure", [])


DEFAULTS = {
    "Revit now": ((42, 21, 31, 181945), (-71, -3, -24, -263305), "io.default_latlon"),
    "Rebro": ((24, 28, 0, 0), (54, 14, 0, 0), "io.default_latlon"),
    "Revit in Munich": ((48, 7, 58, 800000), (11, 34, 58, 800000), "io.default_latlon"),
    "ArchiCAD in Berlin": ((52, 31, 0, 120000), (13, 24, 0, 0), "io.default_latlon"),
    "nothing entered": ((0, 0, 0, 0), (0, 0, 0, 0), "io.default_latlon"),
    "overflown": ((24, 28, -2147483648), (54, 14, -2147483648), "io.latlon_damaged"),
    "overflown millionths": ((24, 28, 0, -2147483648), (54, 14, 0, 0), "io.latlon_damaged"),
    "pole": ((91, 0, 0), (10, 0, 0), "io.latlon_damaged"),
}


@pytest.mark.parametrize("who", DEFAULTS)
def test_what_an_exporter_writes_by_itself_is_no_place(tmp_path: Path, who: str) -> None:
    lat, lon, code = DEFAULTS[who]
    found, codes = told(write_model(tmp_path / "a.ifc", latlon=(lat, lon)))
    assert (found.kind, codes) == ("none", [code, "io.no_georeference"])


def test_a_lone_latitude_and_longitude_is_unsure_and_one_to_the_minute_says_so(tmp_path: Path) -> None:
    found, codes = told(write_model(tmp_path / "a.ifc", latlon=((36, 39, 0, 0), (117, 1, 0, 0))))
    assert (found.kind, found.certainty) == ("site_latlon", "unsure")
    assert codes == ["io.latlon_to_the_minute", "io.placed_by_latlon"]


@pytest.mark.parametrize(
    ("country", "believed"),
    [("中国", True), ("CN", True), ("Deutschland", False), ("Sweden", False), ("Atlantis", True), ("", True)],
)
def test_an_address_in_another_country_contradicts_the_latitude(tmp_path: Path, country: str, believed: bool) -> None:
    model = make_model("IFC4", latlon=((36, 39, 36, 0), (117, 1, 12, 0)))
    model.by_type("IfcBuilding")[0].BuildingAddress = model.create_entity("IfcPostalAddress", Country=country or None)
    model.write(str(tmp_path / "a.ifc"))
    found, codes = told(tmp_path / "a.ifc")
    assert (found.kind == "site_latlon", "io.latlon_other_country" not in codes) == (believed, believed)

"""Units and properties of IFC models: every value arrives in one set of units, with its symbol."""

import math
from pathlib import Path
from typing import Any

import ifcopenshell
import ifcopenshell.guid
import pytest

from models.core.progress import Progress
from models.io.ifc import reader as ifc
from models.io.ifc.elements import collect
from models.io.ifc.property_sets import PsetStore
from models.io.ifc.units import Units, to_si
from models.io.request import ReadRequest
from models.layers.layer import ModelData
from tests.support.io_models import make_model


def model_with(*units: Any, schema: str = "IFC4", assigned: bool = True) -> ifcopenshell.file:
    """Return a project with a wall; ``units`` are functions of the model that make one unit each."""
    model = ifcopenshell.file(schema=schema)
    project = model.create_entity("IfcProject", ifcopenshell.guid.new(), Name="P")
    model.create_entity("IfcWall", ifcopenshell.guid.new(), Name="W")
    if assigned:
        made = [unit(model) for unit in units]
        project.UnitsInContext = model.create_entity("IfcUnitAssignment", made)
    return model


def si(kind: str, name: str, prefix: str | None = None) -> Any:
    return lambda model: model.create_entity("IfcSIUnit", UnitType=kind, Prefix=prefix, Name=name)


def based(kind: str, name: str, factor: float | None, of: Any, offset: float | None = None) -> Any:
    def make(model: ifcopenshell.file) -> Any:
        dimensions = model.create_entity("IfcDimensionalExponents", 0, 0, 0, 0, 0, 0, 0)
        measure = None
        if factor is not None:
            value = model.create_entity("IfcRatioMeasure", factor)
            measure = model.create_entity("IfcMeasureWithUnit", value, of(model))
        if offset is None:
            return model.create_entity("IfcConversionBasedUnit", dimensions, kind, name, measure)
        return model.create_entity("IfcConversionBasedUnitWithOffset", dimensions, kind, name, measure, offset)

    return make


def pset(model: ifcopenshell.file, *properties: Any) -> PsetStore:
    definition = model.create_entity("IfcPropertySet", ifcopenshell.guid.new(), Name="S", HasProperties=properties)
    return define(model, definition)


def define(model: ifcopenshell.file, definition: Any) -> PsetStore:
    wall = model.by_type("IfcWall")[0]
    model.create_entity(
        "IfcRelDefinesByProperties", ifcopenshell.guid.new(), RelatedObjects=[wall],
        RelatingPropertyDefinition=definition,
    )  # fmt: skip
    return collect(model, set(), 1.0).psets


def single(model: ifcopenshell.file, measure: str, value: Any, unit: Any = None, name: str = "p") -> Any:
    return model.create_entity("IfcPropertySingleValue", name, None, model.create_entity(measure, value), unit)


METRE, RADIAN = si("LENGTHUNIT", "METRE"), si("PLANEANGLEUNIT", "RADIAN")


@pytest.mark.parametrize(("unit", "measure", "written", "value", "symbol"), [
    (si("LENGTHUNIT", "METRE", "MILLI"), "IfcLengthMeasure", 3200.0, 3.2, "m"),
    (si("LENGTHUNIT", "METRE", "KILO"), "IfcPositiveLengthMeasure", 1.5, 1500.0, "m"),
    (based("LENGTHUNIT", "FOOT", 0.3048, METRE), "IfcLengthMeasure", 10.0, 3.048, "m"),
    (based("LENGTHUNIT", "INCH", 25.4, si("LENGTHUNIT", "METRE", "MILLI")), "IfcLengthMeasure", 100.0, 2.54, "m"),
    (based("LENGTHUNIT", "YARD", 0.9144, METRE), "IfcLengthMeasure", 1.0, 0.9144, "m"),
    (based("LENGTHUNIT", "MILE", 1609.344, METRE), "IfcLengthMeasure", 2.0, 3218.688, "m"),
    (based("LENGTHUNIT", "US SURVEY FOOT", 1200 / 3937, METRE), "IfcLengthMeasure", 3937.0, 1200.0, "m"),
    (based("LENGTHUNIT", "US_SURVEY_FOOT", None, METRE), "IfcLengthMeasure", 3937.0, 1200.0, "m"),
    (si("AREAUNIT", "SQUARE_METRE", "MILLI"), "IfcAreaMeasure", 2.5e6, 2.5, "m²"),
    (based("AREAUNIT", "SQUARE FOOT", 0.09290304, si("AREAUNIT", "SQUARE_METRE")), "IfcAreaMeasure", 100.0, 9.290304,
     "m²"),
    (si("VOLUMEUNIT", "CUBIC_METRE", "DECI"), "IfcVolumeMeasure", 1000.0, 1.0, "m³"),
    (based("VOLUMEUNIT", "LITRE", 0.001, si("VOLUMEUNIT", "CUBIC_METRE")), "IfcVolumeMeasure", 30.0, 0.03, "m³"),
    (RADIAN, "IfcPlaneAngleMeasure", math.pi / 2, 90.0, "°"),
    (based("PLANEANGLEUNIT", "DEGREE", math.pi / 180, RADIAN), "IfcPlaneAngleMeasure", 45.0, 45.0, "°"),
    (based("PLANEANGLEUNIT", "DEGREE", 180 / math.pi, RADIAN), "IfcPlaneAngleMeasure", 45.0, 45.0, "°"),
    (based("PLANEANGLEUNIT", "GON", math.pi / 200, RADIAN), "IfcPositivePlaneAngleMeasure", 100.0, 90.0, "°"),
    (si("MASSUNIT", "GRAM", "KILO"), "IfcMassMeasure", 12.0, 12.0, "kg"),
    (si("THERMODYNAMICTEMPERATUREUNIT", "KELVIN"), "IfcThermodynamicTemperatureMeasure", 293.15, 20.0, "°C"),
    (si("THERMODYNAMICTEMPERATUREUNIT", "DEGREE_CELSIUS"), "IfcThermodynamicTemperatureMeasure", 20.0, 20.0, "°C"),
    (based("THERMODYNAMICTEMPERATUREUNIT", "FAHRENHEIT", 5 / 9, si("THERMODYNAMICTEMPERATUREUNIT", "KELVIN"), 459.67),
     "IfcThermodynamicTemperatureMeasure", 68.0, 20.0, "°C"),
    (METRE, "IfcRatioMeasure", 0.3, 0.3, ""), (METRE, "IfcLabel", "2h", "2h", ""),
    (METRE, "IfcBoolean", True, True, ""),
    (METRE, "IfcThermodynamicTemperatureMeasure", 23.0, 23.0, ""),
    (lambda model: model.create_entity("IfcMonetaryUnit", "CNY"), "IfcMonetaryMeasure", 5.0, 5.0, "CNY"),
])  # fmt: skip
def test_a_value_arrives_in_si_with_its_symbol(unit: Any, measure: str, written: Any, value: Any, symbol: str) -> None:
    model = model_with(unit)
    psets = pset(model, single(model, measure, written))
    found = psets[1]["S"]["p"]
    assert found == value if isinstance(value, (str, bool)) else math.isclose(found, value, rel_tol=1e-9)
    assert psets.unit_of("S", "p") == symbol


def test_a_derived_unit_is_the_product_of_its_parts() -> None:
    def flow(model: ifcopenshell.file) -> Any:
        litre = based("VOLUMEUNIT", "LITRE", 0.001, si("VOLUMEUNIT", "CUBIC_METRE"))(model)
        hour = based("TIMEUNIT", "HOUR", 3600.0, si("TIMEUNIT", "SECOND"))(model)
        parts = [model.create_entity("IfcDerivedUnitElement", *part) for part in ((litre, 1), (hour, -1))]
        return model.create_entity("IfcDerivedUnit", parts, "VOLUMETRICFLOWRATEUNIT")

    model = model_with(flow)
    psets = pset(model, single(model, "IfcVolumetricFlowRateMeasure", 3600.0))
    assert math.isclose(psets[1]["S"]["p"], 0.001)
    assert psets.unit_of("S", "p") == "m³/s"


def test_a_propertys_own_unit_overrules_the_projects() -> None:
    model = model_with(si("LENGTHUNIT", "METRE", "MILLI"))
    own = METRE(model)
    odd = model.create_entity(
        "IfcContextDependentUnit",
        model.create_entity("IfcDimensionalExponents", 0, 0, 0, 0, 0, 0, 0),
        "USERDEFINED",
        "包",
    )
    psets = pset(
        model, single(model, "IfcLengthMeasure", 3.0, own, "a"), single(model, "IfcReal", 3.0, own, "b"),
        single(model, "IfcReal", 7.0, odd, "c"),
    )  # fmt: skip
    assert psets[1]["S"] == {"a": 3.0, "b": 3.0, "c": 7.0}
    assert psets.units["S"] == {"a": "m", "b": "m", "c": "包"}


def test_without_any_units_the_schemas_defaults_hold() -> None:
    model = model_with(assigned=False)
    assert Units(model).length_m == 1.0
    psets = pset(model, single(model, "IfcLengthMeasure", 3.0))
    assert (psets[1]["S"]["p"], psets.unit_of("S", "p")) == (3.0, "m")


@pytest.mark.parametrize("factor", [0.0, -1.0])
def test_an_impossible_unit_is_no_unit(factor: float) -> None:
    model = model_with(based("LENGTHUNIT", "ELL", factor, METRE))
    assert Units(model).length_m == 1.0


def test_a_unit_that_is_based_on_itself_ends() -> None:
    model = model_with(based("LENGTHUNIT", "ELL", 0.5, METRE))
    unit = model.by_type("IfcConversionBasedUnit")[0]
    unit.ConversionFactor.UnitComponent = unit
    assert to_si(unit) is not None
    assert math.isfinite(Units(model).length_m)


def test_every_kind_of_property_has_a_plain_value() -> None:
    model = model_with(si("LENGTHUNIT", "METRE", "MILLI"), si("AREAUNIT", "SQUARE_METRE"))
    new = model.create_entity

    def length(value: float) -> Any:
        return new("IfcLengthMeasure", value)

    psets = pset(
        model,
        new("IfcPropertyEnumeratedValue", "one", None, [new("IfcLabel", "NEW")], None),
        new("IfcPropertyEnumeratedValue", "two", None, [new("IfcLabel", "A"), new("IfcLabel", "B")], None),
        new("IfcPropertyListValue", "list", None, [length(1000.0), length(2000.0)], None),
        new("IfcPropertyBoundedValue", "bounds", None, length(9000.0), length(1000.0), None, length(5000.0)),
        new("IfcPropertyTableValue", "table", None, [length(1000.0)], [new("IfcReal", 0.5)], None, None, None, None),
        new("IfcPropertyReferenceValue", "reference", None, None, new("IfcMaterial", "混凝土")),
        new("IfcComplexProperty", "complex", None, "use", [single(model, "IfcLengthMeasure", 500.0, None, "inner")]),
        new("IfcPropertySingleValue", "empty", None, None, None),
    )  # fmt: skip
    assert psets[1]["S"] == {
        "one": "NEW", "two": ["A", "B"], "list": [1.0, 2.0], "bounds": {"lower": 1.0, "upper": 9.0, "set": 5.0},
        "table": {"from": [1.0], "to": [0.5]}, "reference": "混凝土", "complex": {"inner": 0.5},
    }  # fmt: skip
    assert psets.units["S"] == {"list": "m", "bounds": "m", "table.from": "m", "complex.inner": "m"}


def test_quantities_and_predefined_sets_are_measured_too() -> None:
    model = model_with(si("LENGTHUNIT", "METRE", "MILLI"), si("AREAUNIT", "SQUARE_METRE"))
    new = model.create_entity
    inner = new("IfcQuantityLength", "thickness", None, None, 200.0, None)
    quantities = [
        new("IfcQuantityLength", "Length", None, None, 3200.0, None),
        new("IfcQuantityCount", "Count", None, None, 4, None),
        new("IfcQuantityArea", "Area", None, None, 12.5, None),
        new("IfcPhysicalComplexQuantity", "Layer", None, [inner], "layer"),
    ]  # fmt: skip
    define(model, new("IfcElementQuantity", ifcopenshell.guid.new(), Name="Qto", Quantities=quantities))
    psets = define(model, new("IfcDoorLiningProperties", ifcopenshell.guid.new(), Name="Lining", LiningDepth=50.0))
    assert psets[1]["Qto"] == {"Length": 3.2, "Count": 4, "Area": 12.5, "Layer": {"thickness": 0.2}}
    assert psets[1]["Lining"] == {"LiningDepth": 0.05}
    assert psets.units == {
        "Qto": {"Length": "m", "Area": "m²", "Layer.thickness": "m"}, "Lining": {"LiningDepth": "m"},
    }  # fmt: skip


def test_units_survive_the_cache(tmp_path: Path) -> None:
    model = model_with(METRE)
    psets = pset(model, single(model, "IfcLengthMeasure", 3.0))
    psets.save(tmp_path)
    again = PsetStore.load(tmp_path)
    assert (again[1], again.unit_of("S", "p"), again.unit_of("S", "q")) == (psets[1], "m", "")


# ------------------------------------------------------------------------------------------------- unassigned units


def column_with(quantities: dict[str, tuple[str, str, float]], path: Path, prefix: str | None = "MILLI") -> ModelData:
    """Return columns of 0.4 × 0.4 × 3 m whose quantities are stated; no unit but that of length is assigned."""
    model = make_model("IFC4", prefix=prefix)
    made = [
        model.create_entity(kind, name, **{attribute: value}) for name, (kind, attribute, value) in quantities.items()
    ]
    base = model.create_entity("IfcElementQuantity", ifcopenshell.guid.new(), Name="BaseQuantities", Quantities=made)
    model.create_entity(
        "IfcRelDefinesByProperties", ifcopenshell.guid.new(), RelatedObjects=model.by_type("IfcColumn"),
        RelatingPropertyDefinition=base,
    )  # fmt: skip
    model.write(str(path))
    data = ifc.read(path, ReadRequest(), Progress())[0].data
    assert isinstance(data, ModelData)
    return data


def stated(data: ModelData, name: str) -> tuple[float, str]:
    column = data.elements.index[data.elements["ifc_class"] == "IfcColumn"][0]
    return data.psets[int(column)]["BaseQuantities"][name], data.psets.unit_of("BaseQuantities", name)


@pytest.mark.parametrize(("volume", "area", "unit"), [(480e6, 4.8e6, "mm³"), (0.48, 4.8, "m³")])
def test_unassigned_areas_and_volumes_are_read_as_the_geometry_allows(
    tmp_path: Path, volume: float, area: float, unit: str
) -> None:
    data = column_with(
        {
            "NetVolume": ("IfcQuantityVolume", "VolumeValue", volume),
            "OuterSurfaceArea": ("IfcQuantityArea", "AreaValue", area),
        },
        tmp_path / "a.ifc",
    )
    assert stated(data, "NetVolume") == (pytest.approx(0.48), "m³")
    assert stated(data, "OuterSurfaceArea") == (pytest.approx(4.8), "m²")
    told = {one.facts["si"]: one for one in data.cautions if one.code == "io.unit_by_geometry"}
    assert told["m³"].facts["unit"] == unit
    assert set(told) == {"m²", "m³"}


def test_an_area_that_stands_alone_is_read_as_the_volume_is(tmp_path: Path) -> None:
    model = make_model("IFC4", prefix="MILLI")
    volume = model.create_entity("IfcQuantityVolume", "NetVolume", VolumeValue=480e6)
    area = model.create_entity("IfcQuantityArea", "NetFloorArea", AreaValue=12e6)
    for quantity, things in ((volume, model.by_type("IfcColumn")), (area, model.by_type("IfcBuildingStorey"))):
        base = model.create_entity("IfcElementQuantity", ifcopenshell.guid.new(), Name="Q", Quantities=[quantity])
        model.create_entity("IfcRelDefinesByProperties", ifcopenshell.guid.new(), RelatedObjects=things,
                            RelatingPropertyDefinition=base)  # fmt: skip
    model.write(str(tmp_path / "a.ifc"))
    data = ifc.read(tmp_path / "a.ifc", ReadRequest(), Progress())[0].data
    assert isinstance(data, ModelData)
    storey = int(data.elements.index[data.elements["ifc_class"] == "IfcBuildingStorey"][0])
    assert data.psets[storey]["Q"]["NetFloorArea"] == pytest.approx(12.0)


def test_a_unit_that_nothing_decides_is_unknown_and_said(tmp_path: Path) -> None:
    model = make_model("IFC4", prefix="MILLI", columns=0)
    area = model.create_entity("IfcQuantityArea", "NetFloorArea", AreaValue=12.0)
    base = model.create_entity("IfcElementQuantity", ifcopenshell.guid.new(), Name="Q", Quantities=[area])
    model.create_entity("IfcRelDefinesByProperties", ifcopenshell.guid.new(),
                        RelatedObjects=model.by_type("IfcSpace"), RelatingPropertyDefinition=base)  # fmt: skip
    model.write(str(tmp_path / "a.ifc"))
    data = ifc.read(tmp_path / "a.ifc", ReadRequest(), Progress())[0].data
    assert isinstance(data, ModelData)
    assert data.psets.unit_of("Q", "NetFloorArea") == ""
    assert "io.unit_unknown" in [one.code for one in data.cautions]


def test_a_quantitys_own_unit_decides_before_anything_else(tmp_path: Path) -> None:
    model = make_model("IFC4", prefix="MILLI")
    litre = si("VOLUMEUNIT", "CUBIC_METRE", "DECI")(model)
    volume = model.create_entity("IfcQuantityVolume", "NetVolume", Unit=litre, VolumeValue=480.0)
    base = model.create_entity("IfcElementQuantity", ifcopenshell.guid.new(), Name="BaseQuantities",
                               Quantities=[volume])  # fmt: skip
    model.create_entity("IfcRelDefinesByProperties", ifcopenshell.guid.new(),
                        RelatedObjects=model.by_type("IfcColumn"), RelatingPropertyDefinition=base)  # fmt: skip
    model.write(str(tmp_path / "a.ifc"))
    data = ifc.read(tmp_path / "a.ifc", ReadRequest(), Progress())[0].data
    assert isinstance(data, ModelData)
    assert stated(data, "NetVolume") == (pytest.approx(0.48), "m³")
    assert not [one for one in data.cautions if one.code.startswith("io.unit_")]


@pytest.mark.parametrize(("weight", "unit"), [(1200.0, "kg"), (1.2e6, "g"), (1.2, "t")])
def test_an_unassigned_weight_is_read_by_the_density_that_follows(tmp_path: Path, weight: float, unit: str) -> None:
    data = column_with({"NetWeight": ("IfcQuantityWeight", "WeightValue", weight)}, tmp_path / "a.ifc", None)
    assert stated(data, "NetWeight") == (pytest.approx(1200.0), "kg")
    assert [one.facts["unit"] for one in data.cautions if one.code == "io.unit_by_geometry"] == [unit]


@pytest.mark.parametrize(("written", "degrees", "unit"), [(0.5, 28.6478897565, "rad"), (35.0, 35.0, "°")])
def test_unassigned_angles_of_more_than_a_turn_are_degrees(written: float, degrees: float, unit: str) -> None:
    model = model_with(METRE)
    psets = pset(model, single(model, "IfcPlaneAngleMeasure", written))
    assert (psets[1]["S"]["p"], psets.unit_of("S", "p")) == (pytest.approx(degrees), "°")


def test_a_model_without_a_unit_of_length_says_how_long_it_would_be(tmp_path: Path) -> None:
    model = make_model("IFC4")
    model.by_type("IfcProject")[0].UnitsInContext = None
    model.write(str(tmp_path / "a.ifc"))
    data = ifc.read(tmp_path / "a.ifc", ReadRequest(), Progress())[0].data
    told = [one for one in data.cautions if one.code == "io.no_length_unit"]
    assert [one.facts["size"] for one in told] == [pytest.approx(10.4)]

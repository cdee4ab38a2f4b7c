"""Units of an IFC model: conversion of the numbers of a file to the units used here (metres, square metres …).

A file may measure in millimetres, US survey feet, square inches, degrees or gons, and a single property may carry a
unit of its own. Values leave here in one set of units: m, m², m³, degrees, kg, s, °C, coherent SI for all else.

Invariants
----------
1. The file's own conversion factor counts, not a table of feet and inches; that serves where the factor is missing.
2. A measure whose unit nobody states is taken as SI, as the schema's default, unless geometry shows that it cannot be
   (:mod:`models.io.ifc.unit_evidence`); a temperature is left as written, because 23 without a unit is never 23 K, and
   so is what could be either and cannot be compared with anything.
3. What has no SI form (context dependent units, money, ratios) keeps its number and shows its own name.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from models.io.ifc.attributes import by_type, entities, entity, field, number

if TYPE_CHECKING:
    from models.io.ifc.unit_evidence import Choice

    Choices = Mapping[str, Choice]

#: Symbol of the unit in which each kind of measure leaves this module.
SYMBOLS = {
    "LENGTHUNIT": "m", "AREAUNIT": "m²", "VOLUMEUNIT": "m³", "PLANEANGLEUNIT": "°", "SOLIDANGLEUNIT": "sr",
    "MASSUNIT": "kg", "TIMEUNIT": "s", "THERMODYNAMICTEMPERATUREUNIT": "°C", "FREQUENCYUNIT": "Hz",
    "FORCEUNIT": "N", "PRESSUREUNIT": "Pa", "ENERGYUNIT": "J", "POWERUNIT": "W", "AMOUNTOFSUBSTANCEUNIT": "mol",
    "ELECTRICCURRENTUNIT": "A", "ELECTRICCHARGEUNIT": "C", "ELECTRICVOLTAGEUNIT": "V", "ELECTRICCAPACITANCEUNIT": "F",
    "ELECTRICRESISTANCEUNIT": "Ω", "ELECTRICCONDUCTANCEUNIT": "S", "INDUCTANCEUNIT": "H", "MAGNETICFLUXUNIT": "Wb",
    "MAGNETICFLUXDENSITYUNIT": "T", "LUMINOUSFLUXUNIT": "lm", "LUMINOUSINTENSITYUNIT": "cd", "ILLUMINANCEUNIT": "lx",
    "RADIOACTIVITYUNIT": "Bq", "ABSORBEDDOSEUNIT": "Gy", "DOSEEQUIVALENTUNIT": "Sv",
    "ACCELERATIONUNIT": "m/s²", "ANGULARVELOCITYUNIT": "rad/s", "AREADENSITYUNIT": "kg/m²", "CURVATUREUNIT": "1/m",
    "DYNAMICVISCOSITYUNIT": "Pa·s", "HEATFLUXDENSITYUNIT": "W/m²", "HEATINGVALUEUNIT": "J/kg",
    "KINEMATICVISCOSITYUNIT": "m²/s", "LINEARFORCEUNIT": "N/m", "LINEARMOMENTUNIT": "N·m/m",
    "LINEARSTIFFNESSUNIT": "N/m", "LINEARVELOCITYUNIT": "m/s", "MASSDENSITYUNIT": "kg/m³", "MASSFLOWRATEUNIT": "kg/s",
    "MASSPERLENGTHUNIT": "kg/m", "MODULUSOFELASTICITYUNIT": "Pa", "MOMENTOFINERTIAUNIT": "m⁴", "PLANARFORCEUNIT": "Pa",
    "ROTATIONALFREQUENCYUNIT": "Hz", "SECTIONMODULUSUNIT": "m³", "SHEARMODULUSUNIT": "Pa",
    "SPECIFICHEATCAPACITYUNIT": "J/(kg·K)", "THERMALADMITTANCEUNIT": "W/(m²·K)", "THERMALCONDUCTANCEUNIT": "W/(m·K)",
    "THERMALEXPANSIONCOEFFICIENTUNIT": "1/K", "THERMALRESISTANCEUNIT": "m²·K/W",
    "THERMALTRANSMITTANCEUNIT": "W/(m²·K)", "TORQUEUNIT": "N·m", "VAPORPERMEABILITYUNIT": "kg/(s·m·Pa)",
    "VOLUMETRICFLOWRATEUNIT": "m³/s", "MODULUSOFSUBGRADEREACTIONUNIT": "N/m³", "WARPINGCONSTANTUNIT": "m⁶",
    "SOUNDPRESSUREUNIT": "Pa", "SOUNDPOWERUNIT": "W", "TEMPERATUREGRADIENTUNIT": "K/m",
}  # fmt: skip

#: Conversion based units by their usual names, to coherent SI (ISO 80000; NIST SP 811 for the US ones).
NAMED = {
    "INCH": 0.0254, "FOOT": 0.3048, "FEET": 0.3048, "YARD": 0.9144, "MILE": 1609.344, "THOU": 2.54e-5,
    "US SURVEY FOOT": 1200 / 3937, "USSURVEYFOOT": 1200 / 3937, "FTUS": 1200 / 3937, "NAUTICAL MILE": 1852.0,
    "SQUARE INCH": 0.0254**2, "SQUARE FOOT": 0.3048**2, "SQUARE YARD": 0.9144**2, "ACRE": 4046.8564224,
    "HECTARE": 10_000.0, "SQUARE MILE": 1609.344**2, "CUBIC INCH": 0.0254**3, "CUBIC FOOT": 0.3048**3,
    "CUBIC YARD": 0.9144**3, "LITRE": 0.001, "LITER": 0.001, "GALLON US": 0.003785411784, "GALLON UK": 0.00454609,
    "DEGREE": math.pi / 180, "GON": math.pi / 200, "GRAD": math.pi / 200, "MINUTE": 60.0, "HOUR": 3600.0,
    "DAY": 86400.0, "POUND": 0.45359237, "OUNCE": 0.028349523125, "TONNE": 1000.0, "TON UK": 1016.0469088,
    "TON US": 907.18474, "LBF": 4.4482216152605, "KIP": 4448.2216152605, "PSI": 6894.757293168,
    "KSI": 6894757.293168, "BTU": 1055.05585262,
}  # fmt: skip

_PREFIXES = {
    "EXA": 1e18, "PETA": 1e15, "TERA": 1e12, "GIGA": 1e9, "MEGA": 1e6, "KILO": 1e3, "HECTO": 1e2, "DECA": 1e1,
    "DECI": 1e-1, "CENTI": 1e-2, "MILLI": 1e-3, "MICRO": 1e-6, "NANO": 1e-9, "PICO": 1e-12, "FEMTO": 1e-15,
    "ATTO": 1e-18,
}  # fmt: skip
_TEMPERATURE = "THERMODYNAMICTEMPERATUREUNIT"
_KELVIN = 273.15
# Measures whose name is not that of their unit.
_UNIT_TYPE = {
    "IfcThermalConductivityMeasure": "THERMALCONDUCTANCEUNIT",
    "IfcNonNegativeLengthMeasure": "LENGTHUNIT",
    "IfcPositiveLengthMeasure": "LENGTHUNIT",
    "IfcPositivePlaneAngleMeasure": "PLANEANGLEUNIT",
    "IfcElectricCurrentMeasure": "ELECTRICCURRENTUNIT",
}
_MAX_DEPTH = 5


def unit_type_of(measure: str) -> str:
    """Return the kind of unit of a measure, empty for what has none.

    Examples
    --------
    >>> unit_type_of("IfcPositiveLengthMeasure"), unit_type_of("IfcLabel"), unit_type_of("IfcRatioMeasure")
    ('LENGTHUNIT', '', '')
    """
    found = _UNIT_TYPE.get(measure) or (measure[3:-7].upper() + "UNIT" if measure.endswith("Measure") else "")
    return found if found in SYMBOLS else ""


def to_si(unit: Any, depth: int = 0) -> tuple[float, float] | None:
    """Return factor and offset with which ``value × factor + offset`` is coherent SI, None where there is no SI form.

    Parameters
    ----------
    unit : entity_instance
        ``IfcSIUnit``, ``IfcConversionBasedUnit`` or ``IfcDerivedUnit``.
    depth : int
        How deep a chain of units we are; broken files hold circles.
    """
    if unit is None or depth > _MAX_DEPTH:
        return None
    if unit.is_a("IfcSIUnit"):
        return _si(unit)
    if unit.is_a("IfcConversionBasedUnit"):
        return _converted(unit, depth)
    if unit.is_a("IfcDerivedUnit"):
        factor = 1.0
        for element in entities(field(unit, "Elements")):
            inner = to_si(entity(field(element, "Unit")), depth + 1)
            exponent = number(field(element, "Exponent"))
            if inner is None or exponent is None or abs(exponent) > 10:
                return None
            factor *= inner[0] ** exponent
        return factor, 0.0
    return None


def _si(unit: Any) -> tuple[float, float]:
    name = str(field(unit, "Name") or "").upper().replace("METER", "METRE")
    factor = _PREFIXES.get(str(field(unit, "Prefix") or "").upper(), 1.0)
    factor **= 2 if name.startswith("SQUARE_") else 3 if name.startswith("CUBIC_") else 1
    if name == "GRAM":
        factor *= 1e-3  # IFC counts mass in grams, SI in kilograms
    return factor, _KELVIN if name == "DEGREE_CELSIUS" else 0.0


def _converted(unit: Any, depth: int) -> tuple[float, float] | None:
    known = NAMED.get(" ".join(str(field(unit, "Name") or "").upper().replace("_", " ").replace("-", " ").split()))
    measure = entity(field(unit, "ConversionFactor"))
    value = entity(field(measure, "ValueComponent")) if measure is not None else None
    factor = number(getattr(value, "wrappedValue", None)) if value is not None else None
    inner = to_si(entity(field(measure, "UnitComponent")), depth + 1) if measure is not None else None
    if not factor or not math.isfinite(factor) or factor < 0:
        return (known, 0.0) if known else None
    total = factor * (inner[0] if inner else 1.0)
    if known and math.isclose(total * known, 1.0, rel_tol=1e-3) and not math.isclose(known, 1.0, rel_tol=1e-2):
        total = known  # written upside down: 57.3 radians in a degree
    offset = number(field(unit, "ConversionOffset")) or 0.0
    return total, offset * total


class Units:
    """The units of one model.

    Parameters
    ----------
    model : ifcopenshell.file
    decide : callable, optional
        Given model, assigned kinds and metres in its unit of length, returns the units of kinds that are not assigned,
        see :func:`models.io.ifc.unit_evidence.choices`.

    Attributes
    ----------
    length_m : float
        Metres in the project's unit of length; 1 where none is assigned.
    chosen : dict of str to Choice
        Kinds of measure whose unit the model does not assign, with what was decided.
    """

    def __init__(self, model: Any, decide: Callable[[Any, Mapping[str, Any], float], Choices] | None = None) -> None:
        self._project: dict[str, tuple[float, float]] = {}
        self._of_unit: dict[int, tuple[str, tuple[float, float] | None, str]] = {}
        self.currency = ""
        for project in [*by_type(model, "IfcProject"), *by_type(model, "IfcContext")][:1]:
            assignment = entity(field(project, "UnitsInContext"))
            for unit in entities(field(assignment, "Units")) if assignment is not None else ():
                if unit.is_a("IfcMonetaryUnit"):
                    self.currency = str(field(unit, "Currency") or "")
                kind = str(field(unit, "UnitType") or "")
                scale = to_si(unit) if kind in SYMBOLS else None
                if scale is not None and _is_sound(scale):
                    self._project.setdefault(kind, scale)
        self.length_m = self._project.get("LENGTHUNIT", (1.0, 0.0))[0]
        self.chosen: Choices = {} if decide is None else decide(model, self._project, self.length_m)
        self._unknown = {kind for kind, choice in self.chosen.items() if choice.factor is None}
        self._project |= {
            kind: (choice.factor, 0.0) for kind, choice in self.chosen.items() if choice.factor is not None
        }

    def is_assigned(self, kind: str) -> bool:
        """Whether the project assigns a unit to a kind of measure, ``"LENGTHUNIT"``."""
        return kind in self._project and kind not in self.chosen

    def value(self, raw: Any, measure: str, unit: Any = None) -> tuple[Any, str]:
        """Return a value in the units of :data:`SYMBOLS` and the symbol of its unit.

        Parameters
        ----------
        raw : object
            As written; anything but a number passes unchanged.
        measure : str
            Class of the value, ``"IfcLengthMeasure"``.
        unit : entity_instance, optional
            The property's own unit, which overrules the project's.
        """
        if isinstance(raw, bool) or not isinstance(raw, (int, float)):
            return raw, ""
        if measure == "IfcMonetaryMeasure" and unit is None:
            return raw, self.currency
        kind, scale, name = (unit_type_of(measure), None, "") if unit is None else self._own(unit)
        if unit is not None and scale is None:
            return raw, name
        if unit is None:
            if not kind or kind in self._unknown or (kind == _TEMPERATURE and kind not in self._project):
                return raw, ""
            scale = self._project.get(kind, (1.0, 0.0))
        assert scale is not None  # noqa: S101 - both cases above return
        return _in_ours(float(raw), kind, scale), SYMBOLS.get(kind, name)

    def _own(self, unit: Any) -> tuple[str, tuple[float, float] | None, str]:
        key = unit.id()
        if key not in self._of_unit:
            kind = str(field(unit, "UnitType") or "")
            name = str(field(unit, "Currency") or field(unit, "UserDefinedType") or field(unit, "Name") or "")
            scale = to_si(unit) if kind in SYMBOLS else None
            self._of_unit[key] = (kind, scale if scale and _is_sound(scale) else None, name)
        return self._of_unit[key]


def _in_ours(raw: float, kind: str, scale: tuple[float, float]) -> float:
    value = raw * scale[0] + scale[1]
    if kind == "PLANEANGLEUNIT":
        value = math.degrees(value)
    elif kind == _TEMPERATURE:
        value -= _KELVIN
    # 12 digits: what is left of 0.1 × 3 after a factor is no property of the building
    return float(f"{value:.12g}") if math.isfinite(value) else raw


def _is_sound(scale: tuple[float, float]) -> bool:
    return all(math.isfinite(part) for part in scale) and scale[0] > 0

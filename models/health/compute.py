"""The indicators that the city's layers can answer, by sub-district (街区) and for the whole city.

Invariants
----------
1. No data is no data. A missing layer, a theme nobody surveyed or an empty denominator gives ``value=None`` with a
   reason; a zero is only said where the inputs are there and the count is zero.
2. Everything is measured in the project's projected CRS; layers in another CRS are brought into it first.
3. The city's value is the ratio of sums over the districts that have data, and ``coverage`` says how much of the city
   that is. A mean of percentages would weigh a hamlet like a quarter.
4. A result leads back to the objects behind it: ``problems`` and ``marks`` carry object keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
import shapely

from models.core.errors import UserError
from models.core.progress import Progress
from models.crs.frame import Frame, require_projected
from models.facilities import register
from models.health import cim_coverage, coverage
from models.health.coverage import Floats, Geometries
from models.health.editions import Benchmark, Edition, IndicatorDef, edition, indicator
from models.layers.layer import LayerData, VectorData
from models.project.project import KeptResult, ProjectState
from models.project.selection import ObjectKey
from models.query.filtering import filtered

#: Object id of the row over all districts.
CITY_OID = -1


@dataclass(frozen=True, slots=True)
class UnitValue:
    """The value of an indicator for one district, or for the city.

    Parameters
    ----------
    unit_layer, unit_oid : str, int
        Key of the district; :data:`CITY_OID` for the city.
    unit_code, unit_name, unit_name_en : str
    value : float or None
        In the indicator's unit; None means no data.
    numerator, denominator : float or None
    coverage : float
        Share of the inputs that exist here, 0…1.
    status : str
        ``"ok"``, ``"partial"`` (a value from incomplete inputs) or ``"no_data"``.
    reason : str
        Why there is no data: ``"no_layer"``, ``"not_surveyed"`` or ``"nothing_to_measure"``.
    grade : str
        Against the first benchmark: ``"met"``, ``"not_met"``, ``"no_benchmark"`` or ``"no_data"``.
    """

    unit_layer: str
    unit_oid: int
    unit_code: str
    unit_name: str
    unit_name_en: str
    value: float | None
    numerator: float | None
    denominator: float | None
    coverage: float
    status: str
    reason: str = ""
    grade: str = "no_data"

    @property
    def key(self) -> ObjectKey:
        """Return the key of the district."""
        return ObjectKey(self.unit_layer, self.unit_oid)

    def title(self, lang: str) -> str:
        """Return the district's name in a language."""
        return self.unit_name_en if lang == "en" and self.unit_name_en else self.unit_name


@dataclass(frozen=True, slots=True)
class Problem:
    """One object that makes an indicator bad.

    Parameters
    ----------
    key : ObjectKey
        The parcel, cover or district; where to fly.
    reason : str
        ``"parcel_uncovered"``, ``"cover_damaged"`` (and the other states), ``"below_benchmark"``.
    value : float or None
        How bad: share of the parcel out of reach (0…1), density of the district.
    code, name, name_en : str
        As the object's own table gives them.
    unit_oid : int
        The district in which it lies.
    """

    key: ObjectKey
    reason: str
    value: float | None = None
    code: str = ""
    name: str = ""
    name_en: str = ""
    unit_oid: int = CITY_OID

    def title(self, lang: str) -> str:
        """Return the object's name, or its code, in a language."""
        return (self.name_en if lang == "en" and self.name_en else self.name) or self.code


@dataclass(frozen=True, slots=True)
class InputUsed:
    """How many objects of a layer went into a result."""

    layer_id: str
    role: str
    count: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A shape that explains a result on the map, in the project's CRS.

    Parameters
    ----------
    kind : str
        ``"site"`` (a facility that counts), ``"reach"`` (all service areas) or ``"uncovered"`` (a parcel's part out of
        reach).
    geometry : shapely geometry
    key : ObjectKey or None
        The object it belongs to.
    """

    kind: str
    geometry: Any
    key: ObjectKey | None = None


@dataclass(frozen=True, slots=True)
class Threshold:
    """A rule that went into a result, and where it comes from.

    Parameters
    ----------
    code : str
        ``health.threshold.<code>`` is its sentence.
    facts : mapping
        Values for the sentence.
    source : str
        Document and clause; empty for a rule of our own.
    uncertain : bool
    """

    code: str
    facts: Mapping[str, Any]
    source: str = ""
    uncertain: bool = False


@dataclass(frozen=True, slots=True)
class IndicatorResult:
    """All that is known of one indicator: values, what makes them bad, and how they came about.

    Parameters
    ----------
    code, edition : str
    units : tuple of UnitValue
        One a district, in the order of the district layer.
    city : UnitValue
    problems : tuple of Problem
        Worst first.
    inputs : tuple of InputUsed
    marks : tuple of Mark
    thresholds : tuple of Threshold
    """

    code: str
    edition: str
    units: tuple[UnitValue, ...]
    city: UnitValue
    problems: tuple[Problem, ...] = ()
    inputs: tuple[InputUsed, ...] = ()
    marks: tuple[Mark, ...] = field(default=(), repr=False)
    thresholds: tuple[Threshold, ...] = ()

    @property
    def definition(self) -> IndicatorDef:
        """Return what the indicator is."""
        return indicator(self.code, self.edition)


def compute(
    code: str, state: ProjectState, data: Mapping[str, LayerData], progress: Progress | None = None
) -> IndicatorResult:
    """Work out one indicator from the project's layers.

    Parameters
    ----------
    code : str
        One that the edition marks as computed: ``"HC25-25"``, ``"HC25-58"`` …
    state : ProjectState
        Layers are found by their role; a layer without data counts as missing.
    data : mapping of str to LayerData
    progress : Progress, optional

    Raises
    ------
    UserError
        ``health.no_indicator``, ``health.not_computed``, ``health.no_frame``, ``health.no_districts``, ``crs.missing``.
    """
    progress = progress or Progress()
    progress.step(0.0, "progress.health.measuring")
    definition, book = indicator(code), edition("2025")
    if not definition.computed:
        raise UserError("health.not_computed", indicator=code)
    if state.frame is None:
        raise UserError("health.no_frame")
    require_projected(state.frame.horizontal, definition.name)
    layers = _Layers(state, data, state.frame, definition)
    districts = _districts(layers)
    shares = _survey_shares(layers, districts, definition.survey_themes)
    missing = [needed.role for needed in definition.inputs if layers.frame(needed.role) is None]
    if missing:
        measured = _Measured(np.full(len(districts.frame), np.nan), np.zeros(len(districts.frame)), why="no_layer")
    else:
        progress.step(0.3, "progress.health.measuring")
        measured = _METHODS[definition.method](layers, districts, definition)
    progress.step(0.9, "progress.health.measuring")
    return _result(definition, book, districts, shares, measured, layers)


def keep(result: IndicatorResult) -> tuple[KeptResult, ...]:
    """Return what the project keeps of a result: a row a district and one for the city."""
    return tuple(
        KeptResult(
            indicator=result.code,
            unit_layer=unit.unit_layer,
            unit_oid=unit.unit_oid,
            unit_name=unit.unit_name,
            value=unit.value,
            numerator=unit.numerator,
            denominator=unit.denominator,
            coverage=unit.coverage,
            edition=result.edition,
        )
        for unit in (*result.units, result.city)
    )


# --- what is measured ---


@dataclass(slots=True)
class _Measured:
    """Numbers by district before surveys and benchmarks are held against them.

    ``factor`` turns numerator ÷ denominator into the indicator's unit; ``known`` is the share of inputs with a value.
    """

    numerator: Floats
    denominator: Floats
    factor: float = 1.0
    known: Floats | None = None
    why: str = "nothing_to_measure"
    problems: list[tuple[int, Problem]] = field(default_factory=list)
    marks: list[tuple[int, Mark]] = field(default_factory=list)
    used: dict[str, pd.DataFrame] = field(default_factory=dict)
    thresholds: list[Threshold] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Districts:
    layer: str
    frame: pd.DataFrame
    shapes: Geometries

    def text(self, name: str, position: int) -> str:
        return _text(self.frame, name, position)


class _Layers:
    """The project's vector layers by role, brought into the project's CRS and joined into one table a role."""

    def __init__(
        self, state: ProjectState, data: Mapping[str, LayerData], frame: Frame, definition: IndicatorDef
    ) -> None:
        self._state, self._data, self._frame, self._operation = state, data, frame, definition.name
        self._joined: dict[str, pd.DataFrame | None] = {}

    def frame(self, role: str) -> pd.DataFrame | None:
        """Return the rows of a role that pass their layers' filters, with ``_layer``, ``_oid`` and ``_shape``.

        None if no layer holds the role.
        """
        if role not in self._joined:
            parts = [
                self._placed(layer.id, left.frame)
                for layer in self._state.with_role(role)
                if isinstance(found := self._data.get(layer.id), VectorData)
                and isinstance(left := filtered(layer, found, self._frame.horizontal), VectorData)
            ]
            self._joined[role] = pd.concat(parts, ignore_index=True) if parts else None
        return self._joined[role]

    def need(self, role: str) -> pd.DataFrame:
        """Return the rows of a role that is known to be there."""
        frame = self.frame(role)
        if frame is None:
            raise KeyError(role)
        return frame

    def projections(self) -> Iterator[cim_coverage.Projection]:
        """Yield what each layer of 3D data covers."""
        return cim_coverage.projections(self._state, self._data, self._frame)

    def _placed(self, layer_id: str, frame: pd.DataFrame) -> pd.DataFrame:
        import geopandas as gpd

        plain = pd.DataFrame(frame)
        if isinstance(frame, gpd.GeoDataFrame) and frame._geometry_column_name in frame.columns:
            if frame.crs is None:
                require_projected(None, self._operation)
            flat = gpd.GeoSeries(shapely.force_2d(frame.geometry.to_numpy()), crs=_horizontal(frame.crs))
            shapes = flat.to_crs(self._frame.horizontal).to_numpy()
            plain = plain.drop(columns=frame._geometry_column_name)
        else:
            shapes = np.full(len(frame), None, dtype=object)
        return plain.assign(
            _layer=layer_id, _oid=frame.index.to_numpy(), _shape=pd.Series(shapes, plain.index, dtype=object)
        )


def _horizontal(crs: Any) -> Any:
    return crs.sub_crs_list[0] if crs.is_compound else crs


def _districts(layers: _Layers) -> _Districts:
    frame = layers.frame("districts")
    if frame is None or not len(frame):
        raise UserError("health.no_districts")
    return _Districts(str(frame["_layer"].iloc[0]), frame, coverage.polygons(frame["_shape"]))


def _survey_shares(layers: _Layers, districts: _Districts, themes: tuple[str, ...]) -> Floats:
    """Return the surveyed share of each district, the least of the themes an indicator needs.

    A theme without a row is complete; a row without a share was not surveyed.
    """
    shares = np.ones(len(districts.frame))
    surveys = layers.frame("surveys")
    if surveys is None or not {"district_code", "theme", "share"} <= set(surveys.columns):
        return shares
    wanted = surveys[surveys["theme"].isin(themes)]
    if "surveyed_on" in wanted.columns:
        wanted = wanted.sort_values("surveyed_on", kind="stable", na_position="first")
    latest = wanted.drop_duplicates(["district_code", "theme"], keep="last")
    found = (
        latest.assign(share=latest["share"].astype(float).fillna(0.0))
        .groupby(latest["district_code"].astype("str"))["share"]
        .min()
    )
    for position in range(len(shares)):
        shares[position] = min(max(float(found.get(districts.text("code", position), 1.0)), 0.0), 1.0)
    return shares


def _service_coverage(layers: _Layers, districts: _Districts, definition: IndicatorDef) -> _Measured:
    """Residential land within the service radius of facilities ÷ residential land."""
    rules = definition.parameters
    parcels = _chosen_parcels(layers.need("parcels"), rules["land_use_prefixes"])
    site_role = next(item.role for item in definition.inputs if item.role != "parcels")
    sites, radius_m = _sites(layers.need(site_role), rules)
    area = coverage.service_area(sites["_shape"], radius_m, rules["quad_segs"])
    shapes = coverage.polygons(parcels["_shape"])
    reach = coverage.reach(shapes, districts.shapes, area)
    limit = rules["problem_uncovered_share"]
    measured = _Measured(reach.covered_m2, reach.total_m2, factor=100.0)
    for position in np.flatnonzero(reach.district >= 0):
        home, share = int(reach.district[position]), float(reach.uncovered_share[position])
        key = _key(parcels, position)
        if share >= limit:
            problem = Problem(key, "parcel_uncovered", share, **_names(parcels, position))
            measured.problems.append((home, problem))
        if shapely.area(reach.uncovered[position]) > 1.0:
            measured.marks.append((home, Mark("uncovered", reach.uncovered[position], key)))
    measured.problems.sort(key=lambda item: (-(item[1].value or 0.0), item[1].code))
    measured.marks += [(-1, Mark("site", shape, _key(sites, i))) for i, shape in enumerate(sites["_shape"])]
    measured.marks.append((-1, Mark("reach", area)))
    measured.used = {"parcels": parcels, site_role: sites}
    measured.thresholds = [
        *(_radius_threshold(row) for row in rules["radius"]),
        Threshold("kinds", {"kinds": rules["kinds"]}),
        Threshold("problem_share", {"share": limit}),
    ]
    return measured


def _chosen_parcels(parcels: pd.DataFrame, prefixes: list[str]) -> pd.DataFrame:
    """Return the residential parcels; a layer that does not tell land uses apart is all residential."""
    if "land_use" not in parcels.columns:
        return parcels
    use = parcels["land_use"].astype("str")
    return parcels[parcels["land_use"].isna() | use.str.startswith(tuple(prefixes))].reset_index(drop=True)


def _sites(frame: pd.DataFrame, rules: Mapping[str, Any]) -> tuple[pd.DataFrame, Floats]:
    """Return the facilities that count, with the service radius of each in metres."""
    counts = np.ones(len(frame), dtype=bool)
    if "kind" in frame.columns:
        counts &= frame["kind"].isin(rules["kinds"]).to_numpy()
    if rules.get("require_open") and "open_to_public" in frame.columns:
        counts &= (frame["open_to_public"].astype("boolean").fillna(True)).to_numpy(dtype=bool)
    frame = frame[counts]
    areas_ha = shapely.area(np.asarray(frame["_shape"], dtype=object)) / 1e4
    historic = np.zeros(len(frame), dtype=bool)
    if "historic" in frame.columns:
        historic = frame["historic"].astype("boolean").fillna(False).to_numpy(dtype=bool)
    radius_m = np.full(len(frame), np.nan)
    for row in rules["radius"]:
        fits = (areas_ha >= row.get("min_ha", -1.0)) & (areas_ha < row.get("max_ha", np.inf))
        if row.get("historic_only"):
            fits &= historic
        radius_m[fits] = row["radius_m"]
    serves = np.isfinite(radius_m)
    return frame[serves].reset_index(drop=True), radius_m[serves]


def _radius_threshold(row: Mapping[str, Any]) -> Threshold:
    code = "radius"
    if "min_ha" in row:
        code = (
            "radius_historic"
            if row.get("historic_only")
            else "radius_from"
            if "max_ha" not in row
            else "radius_by_area"
        )
    facts = {name: row[name] for name in ("min_ha", "max_ha", "radius_m") if name in row}
    return Threshold(code, facts, row["source"], row["uncertain"])


def _line_density(layers: _Layers, districts: _Districts, definition: IndicatorDef) -> _Measured:
    """Length of road centre-lines ÷ area of the district, km/km²."""
    rules = definition.parameters
    roads = layers.need("roads")
    if "class" in roads.columns:
        roads = roads[roads["class"].isin(rules["classes"])].reset_index(drop=True)
    lengths_m = coverage.lengths_by_district(roads["_shape"], districts.shapes, rules["boundary_split"])
    areas_km2 = shapely.area(districts.shapes) / 1e6
    measured = _Measured(lengths_m / 1e3, areas_km2)
    benchmark = definition.benchmarks[0]
    for position in np.flatnonzero(areas_km2 > 0):
        value = float(measured.numerator[position] / areas_km2[position])
        if not benchmark.met(value):
            key = _key(districts.frame, position)
            measured.problems.append(
                (int(position), Problem(key, "below_benchmark", value, **_names(districts.frame, position)))
            )
    measured.problems.sort(key=lambda item: item[1].value or 0.0)
    measured.used = {"roads": roads}
    measured.thresholds = [Threshold("road_classes", {"classes": rules["classes"]})]
    if rules["boundary_split"]:
        measured.thresholds.append(Threshold("boundary_split", {}))
    return measured


def _intact_share(layers: _Layers, districts: _Districts, definition: IndicatorDef) -> _Measured:
    """Covers in good state ÷ covers whose state is known."""
    rules = definition.parameters
    covers = register.covers(layers.need("facilities")).reset_index(drop=True)
    status = register.status_of(covers)
    home = coverage.district_of(covers["_shape"], districts.shapes)
    here, count = home >= 0, len(districts.frame)
    good = np.isin(status.astype(str), rules["good_states"])
    known = ~np.isin(status.astype(str), rules["unknown_states"])

    def tally(chosen: Any) -> Floats:
        return np.bincount(home[here & chosen], minlength=count).astype(float)

    every = tally(np.ones(len(covers), dtype=bool))
    measured = _Measured(tally(good & known), tally(known), factor=100.0)
    measured.known = np.divide(measured.denominator, every, out=np.zeros(count), where=every > 0)
    severity = {name: state.severity for name, state in register.states().items()}
    for position in np.flatnonzero(here & known & ~good):
        problem = Problem(_key(covers, position), f"cover_{status[position]}", None, **_names(covers, position))
        measured.problems.append((int(home[position]), problem))
    measured.problems.sort(key=lambda item: (-severity[item[1].reason.removeprefix("cover_")], item[1].code))
    measured.used = {"facilities": covers[here]}
    measured.thresholds = [Threshold("good_states", {"states": rules["good_states"]})]
    return measured


def _coverage_3d(layers: _Layers, districts: _Districts, definition: IndicatorDef) -> _Measured:
    """Ground covered by three-dimensional data ÷ area of the district."""
    parts = list(layers.projections())
    shapes = np.concatenate([part.shapes for part in parts]) if parts else np.empty(0, dtype=object)
    areas_m2 = shapely.area(districts.shapes)
    measured = _Measured(cim_coverage.covered(shapes, districts.shapes), areas_m2, factor=100.0)
    benchmark = definition.benchmarks[0]
    for position in np.flatnonzero(areas_m2 > 0):
        value = float(100.0 * measured.numerator[position] / areas_m2[position])
        if not benchmark.met(value):
            key = _key(districts.frame, position)
            problem = Problem(key, "below_benchmark", value, **_names(districts.frame, position))
            measured.problems.append((int(position), problem))
    measured.problems.sort(key=lambda item: item[1].value or 0.0)
    used = [(part.layer.role, pd.DataFrame({"_layer": part.layer.id, "_oid": np.unique(part.oids)})) for part in parts]
    measured.used = {role: pd.concat([rows for own, rows in used if own == role]) for role, _ in used}
    measured.thresholds = [Threshold("projection", {"level": definition.parameters["first_level"]}, uncertain=True)]
    return measured


_METHODS: dict[str, Callable[[_Layers, _Districts, IndicatorDef], _Measured]] = {
    "service_coverage": _service_coverage,
    "line_density": _line_density,
    "intact_share": _intact_share,
    "coverage_3d": _coverage_3d,
}


# --- from numbers to a result ---


def _result(
    definition: IndicatorDef,
    book: Edition,
    districts: _Districts,
    shares: Floats,
    measured: _Measured,
    layers: _Layers,
) -> IndicatorResult:
    units: list[UnitValue] = []
    for position, share in enumerate(shares):
        units.append(_unit(definition, book, districts, position, float(share), measured))
    has_data = {position for position, unit in enumerate(units) if unit.status != "no_data"}
    oids = [unit.unit_oid for unit in units]
    return IndicatorResult(
        code=definition.code,
        edition=book.id,
        units=tuple(units),
        city=_city(definition, book, districts, units, measured),
        problems=tuple(replace(item, unit_oid=oids[home]) for home, item in measured.problems if home in has_data),
        inputs=tuple(
            InputUsed(str(layer), role, int(count))
            for role, frame in measured.used.items()
            for layer, count in frame["_layer"].value_counts(sort=False).items()
        ),
        marks=tuple(mark for home, mark in measured.marks if home in has_data or home < 0),
        thresholds=(
            *measured.thresholds,
            *(_benchmark_threshold(row) for row in definition.benchmarks),
        ),
    )


def _benchmark_threshold(row: Benchmark) -> Threshold:
    facts = {"value": row.value, "op": row.op, "zh": row.name, "en": row.name_en}
    return Threshold("benchmark", facts, row.source, row.uncertain)


def _unit(
    definition: IndicatorDef, book: Edition, districts: _Districts, position: int, share: float, measured: _Measured
) -> UnitValue:
    blank = UnitValue(
        unit_layer=str(districts.frame["_layer"].iloc[position]),
        unit_oid=int(districts.frame["_oid"].iloc[position]),
        unit_code=districts.text("code", position),
        unit_name=districts.text("name", position) or districts.text("code", position),
        unit_name_en=districts.text("name_en", position),
        value=None, numerator=None, denominator=None, coverage=0.0, status="no_data", reason=measured.why,
    )  # fmt: skip
    if measured.why == "no_layer":
        return blank
    if share <= 0:
        return replace(blank, reason="not_surveyed")
    numerator, denominator = float(measured.numerator[position]), float(measured.denominator[position])
    if denominator <= 0:
        return blank
    known = share if measured.known is None else share * float(measured.known[position])
    value = measured.factor * numerator / denominator
    return replace(
        blank,
        value=value,
        numerator=numerator,
        denominator=denominator,
        coverage=known,
        status="ok" if known >= book.complete_share else "partial",
        reason="",
        grade=_grade(definition, value),
    )


def _city(
    definition: IndicatorDef, book: Edition, districts: _Districts, units: list[UnitValue], measured: _Measured
) -> UnitValue:
    """Sum over the districts with data; coverage is weighed by the area of the districts."""
    blank = UnitValue(
        unit_layer=districts.layer, unit_oid=CITY_OID, unit_code="", unit_name=book.city[0], unit_name_en=book.city[1],
        value=None, numerator=None, denominator=None, coverage=0.0, status="no_data", reason=measured.why,
    )  # fmt: skip
    with_data = [unit for unit in units if unit.status != "no_data"]
    if not with_data:
        reasons = {unit.reason for unit in units}
        return replace(blank, reason=reasons.pop() if len(reasons) == 1 else blank.reason)
    numerator = sum(unit.numerator or 0.0 for unit in with_data)
    denominator = sum(unit.denominator or 0.0 for unit in with_data)
    areas = shapely.area(districts.shapes)
    known = float(np.dot(areas, [unit.coverage for unit in units]) / areas.sum())
    value = measured.factor * numerator / denominator
    complete = known >= book.complete_share and len(with_data) == len(units)
    return replace(
        blank,
        value=value,
        numerator=numerator,
        denominator=denominator,
        coverage=known,
        status="ok" if complete else "partial",
        reason="",
        grade=_grade(definition, value),
    )


def _grade(definition: IndicatorDef, value: float) -> str:
    if not definition.benchmarks:
        return "no_benchmark"
    return "met" if definition.benchmarks[0].met(value) else "not_met"


def _key(frame: pd.DataFrame, position: Any) -> ObjectKey:
    return ObjectKey(str(frame["_layer"].iloc[position]), int(frame["_oid"].iloc[position]))


def _names(frame: pd.DataFrame, position: Any) -> dict[str, Any]:
    code = register.field_of(frame, ("ObjID", "code"))
    name = register.field_of(frame, register.NAME_FIELDS)
    return {
        "code": _text(frame, code or "", position),
        "name": _text(frame, name or "", position),
        "name_en": _text(frame, "name_en", position),
    }


def _text(frame: pd.DataFrame, column: str, position: Any) -> str:
    if column not in frame.columns:
        return ""
    value = frame[column].iloc[position]
    return "" if pd.isna(value) else str(value)


__all__ = [
    "CITY_OID", "IndicatorResult", "InputUsed", "Mark", "Problem", "Threshold", "UnitValue", "compute", "keep",
]  # fmt: skip

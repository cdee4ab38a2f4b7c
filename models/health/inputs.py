"""From the project's layers to what a method measures, and the stamp of what was read.

Layers are found by their role; their filters hold; everything is brought into the project's projected CRS. A layer
without data counts as missing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from models.core.errors import UserError
from models.crs.frame import require_projected
from models.crs.measuring import measuring_crs
from models.facilities.coding.editions import Edition as CodeEdition
from models.facilities.register import is_cover
from models.health import coverage
from models.health.coverage import Floats
from models.health.editions import Edition, IndicatorDef
from models.health.mapping.field_names import FieldName, of_layer, own_names, renamed
from models.health.partition import CODE_EDITION, COVER, NAME_FIELDS, Method, Partition, text_at
from models.health.projections import HEIGHT_COLUMNS, layers_in_3d, projections
from models.health.results import LayerRead, Stamp
from models.health.units.effect import UnitsInEffect, sets_in_effect
from models.layers.layer import Layer, LayerData, ModelData, VectorData
from models.project.fingerprints import ROWS, SHAPES, Fingerprints
from models.project.project import ProjectState
from models.query.filtering import filtered

#: Role under which a method gets what stands in three dimensions, from layers of any role.
PROJECTIONS = "projections"
#: Role of the units that are smaller than a sub-district.
ESTATES = "communities"
#: Role of the table of check records.
RECORDS = "check_records"
UNIT_FIELDS = ("code",)
SURVEY_FIELDS = ("district_code", "theme", "share", "surveyed_on")


@dataclass(frozen=True, slots=True)
class Level:
    """The city cut into units of one kind.

    Parameters
    ----------
    partition : Partition
        All units of the city.
    shares : ndarray, shape (units,)
        Surveyed share of each unit; NaN where nobody recorded it.
    """

    partition: Partition
    shares: Floats


@dataclass(frozen=True, slots=True)
class Inputs:
    """What one indicator is worked out from.

    Parameters
    ----------
    districts : Level
        By sub-district (街区).
    lacks : str
        Why nothing can be measured: ``"no_layer:<role>,…"``, ``"no_field:<role>.<field>,…"``; empty where all is there.
    estates : Level or None
        By estate or community (小区/社区); None where there is no layer of them, or the method knows no such level.
    """

    districts: Level
    lacks: str
    estates: Level | None = None

    @property
    def partition(self) -> Partition:
        """Return the city by sub-district."""
        return self.districts.partition


def gathered(
    definition: IndicatorDef, method: Method, state: ProjectState, data: Mapping[str, LayerData], crs: str
) -> Inputs:
    """Return what an indicator is worked out from, in coordinates that do not distort.

    Raises
    ------
    UserError
        ``health.no_districts``, ``crs.missing``.
    """
    metres = crs if state.frame is None else measuring_crs(state.frame)

    def _named(frame: Any, layer: Layer) -> Any:
        return renamed(frame, of_layer(state.health.field_names, layer.id))

    def frame_of(role: str, fields: Sequence[str]) -> pd.DataFrame | None:
        parts = [
            _placed(layer.id, _named(part.frame, layer), (*fields, *NAME_FIELDS), metres, definition.name).assign(
                **_of_edition(part.frame, state.edition_of(layer), fields)
            )
            for layer, found in _layers(state, data, role)
            if isinstance(part := filtered(layer, found, crs), VectorData)
        ]
        return pd.concat(parts, ignore_index=True) if parts else None

    in_effect = UnitsInEffect(state)
    units = frame_of("districts", UNIT_FIELDS)
    if units is None or not len(units):
        raise UserError("health.no_districts")
    frames: dict[str, pd.DataFrame | None] = {}
    for role, fields in method.fields_of(definition).items():
        found = _projected(state, data, metres) if role == PROJECTIONS else frame_of(role, fields)
        frames[role] = None if found is None else in_effect.led(found, are_records=role == RECORDS)
    needs = method.needs(definition)
    for need in needs:  # an empty layer need not have the field
        empty = frames.get(need.role)
        if empty is not None and not len(empty):
            frames[need.role] = empty.assign(**{need.fields[0]: None})
    roles = dict.fromkeys([*(item.role for item in definition.inputs), *(need.role for need in needs)])
    missing = [role for role in roles if not any(True for _ in _layers(state, data, role))]
    untold = [
        need
        for need in needs
        if (found := frames.get(need.role)) is not None
        and len(found)
        and not (need.is_met(found) or need.is_waived(frames))
    ]
    lacks = f"no_layer:{','.join(missing)}" if missing else ""
    if untold and not missing:
        lacks = "no_field:" + ",".join(f"{need.role}.{need.fields[0]}" for need in untold)
    members = {unit.code: unit.members for made in sets_in_effect(state, "districts") for unit in made.units}
    shares = survey_shares(units, frame_of("surveys", SURVEY_FIELDS), definition.survey_themes, members)
    known = {role: frame for role, frame in frames.items() if frame is not None}
    by_district = Level(_partition(units, known), shares)
    estates = frame_of(ESTATES, UNIT_FIELDS) if method.by_estate else None
    if estates is None or shapely.is_missing(np.asarray(estates["_shape"], dtype=object)).all():
        return Inputs(by_district, lacks)
    by_estate = _partition(estates, known)
    home = coverage.district_of(shapely.point_on_surface(by_estate.shapes), by_district.partition.shapes)
    return Inputs(by_district, lacks, Level(by_estate, np.where(home >= 0, shares[home], np.nan)))


def _partition(units: pd.DataFrame, frames: Mapping[str, pd.DataFrame]) -> Partition:
    return Partition(units, coverage.polygons(units["_shape"]), np.ones(len(units), dtype=bool), frames)


def stamp_of(
    definition: IndicatorDef,
    book: Edition,
    method: Method,
    state: ProjectState,
    data: Mapping[str, LayerData],
    fingerprints: Fingerprints,
) -> Stamp:
    """Return the stamp that a result has if it is worked out now.

    Names of objects are not in it: no figure depends on them.
    """
    crs = state.frame.horizontal if state.frame is not None else ""
    wanted: list[tuple[str, tuple[str, ...]]] = [("districts", UNIT_FIELDS)]
    if method.by_estate:
        wanted.append((ESTATES, UNIT_FIELDS))
    if definition.survey_themes:
        wanted.append(("surveys", SURVEY_FIELDS))
    read_by: dict[str, dict[str, None]] = {}
    for one in (definition, *definition.other_readings):  # their figures stand beside
        for role, names in method.fields_of(one).items():
            read_by.setdefault(role, {}).update(dict.fromkeys(names))
    wanted += [(role, tuple(names)) for role, names in read_by.items() if role != PROJECTIONS]
    read = [
        LayerRead(
            layer.id,
            role,
            fingerprints.of(layer, found, (ROWS, SHAPES, *own_names(_own(fields), named)), crs)
            | _edition_prints(state.edition_of(layer), fields)
            | _mapping_print(named),
        )
        for role, fields in wanted
        for layer, found in _layers(state, data, role)
        for named in (of_layer(state.health.field_names, layer.id),)
    ]
    if PROJECTIONS in method.fields_of(definition):
        for layer, found in layers_in_3d(state, data):
            own = (layer.style.height_field, layer.style.storeys_field)
            fields = () if isinstance(found, ModelData) else (SHAPES, *(name for name in own if name), *HEIGHT_COLUMNS)
            read.append(LayerRead(layer.id, layer.role, fingerprints.of(layer, found, (ROWS, *fields), crs)))
    metres = crs if state.frame is None else measuring_crs(state.frame)
    return Stamp(_definition_print(definition, book, state), metres, tuple(read))


def survey_shares(
    units: pd.DataFrame,
    surveys: pd.DataFrame | None,
    themes: tuple[str, ...],
    members: Mapping[str, Sequence[str]] | None = None,
) -> Floats:
    """Return the surveyed share of each unit, the least of the themes an indicator needs.

    NaN where a theme has no row, or there is no table of surveys: then nobody said how complete the layers are, and
    that is not the same as complete. A row without a share was not surveyed. A check unit has the mean of its members
    (``members`` by its code), where each of them is told.
    """
    shares = np.full(len(units), np.nan)
    if surveys is None or not {"district_code", "theme", "share"} <= set(surveys.columns):
        return shares
    wanted = surveys[surveys["theme"].isin(themes)]
    if "surveyed_on" in wanted.columns:
        wanted = wanted.sort_values("surveyed_on", kind="stable", na_position="first")
    latest = wanted.drop_duplicates(["district_code", "theme"], keep="last")
    share = pd.to_numeric(latest["share"], errors="coerce").fillna(0.0).clip(0.0, 1.0)
    by_unit = latest.assign(share=share).groupby(latest["district_code"].astype("str"))
    least, themes_told = by_unit["share"].min(), by_unit["theme"].nunique()
    told = least.where((themes_told == len(set(themes))) | (least == 0.0))
    for row in range(len(shares)):
        code = text_at(units, "code", row)
        shares[row] = told.reindex(list((members or {}).get(code, (code,)))).to_numpy(np.float64).mean()
    return shares


def _layers(state: ProjectState, data: Mapping[str, LayerData], role: str) -> Iterator[tuple[Layer, VectorData]]:
    for layer in state.with_role(role):
        found = data.get(layer.id)
        if isinstance(found, VectorData):
            yield layer, found


def _placed(layer_id: str, frame: Any, fields: Sequence[str], crs: str, operation: str) -> pd.DataFrame:
    """Return the fields of a layer with ``_layer``, ``_oid`` and ``_shape``, as a partition wants them."""
    plain = pd.DataFrame(frame)
    if isinstance(frame, gpd.GeoDataFrame) and frame._geometry_column_name in frame.columns:
        if frame.crs is None:
            require_projected(None, operation)
        own = frame.crs.sub_crs_list[0] if frame.crs.is_compound else frame.crs
        shapes = gpd.GeoSeries(shapely.force_2d(frame.geometry.to_numpy()), crs=own).to_crs(crs).to_numpy()
    else:
        shapes = np.full(len(frame), None, dtype=object)
    chosen = plain[[name for name in dict.fromkeys(fields) if name in plain.columns]]
    oids = frame.index.to_numpy()
    return chosen.assign(_layer=layer_id, _oid=oids, _shape=pd.Series(shapes, plain.index, dtype=object))


def _own(fields: Sequence[str]) -> list[str]:
    """Return the fields that a table itself has."""
    return [name for name in fields if name not in (CODE_EDITION, COVER)]


def _of_edition(frame: pd.DataFrame, edition: CodeEdition, fields: Sequence[str]) -> dict[str, Any]:
    """Return what is asked for of what the edition of a layer says of its rows."""
    made: dict[str, Any] = {}
    if CODE_EDITION in fields:
        made[CODE_EDITION] = edition.id
    if COVER in fields:
        made[COVER] = is_cover(frame, edition)
    return made


def _edition_prints(edition: CodeEdition, fields: Sequence[str]) -> dict[str, str]:
    """Return fingerprints of the edition and of which of its classes are covers."""
    covers = sorted(code for code, kind in edition.classes.items() if kind.cover)
    prints = {CODE_EDITION: edition.id, COVER: hashlib.blake2b(repr(covers).encode(), digest_size=16).hexdigest()}
    return {name: text for name, text in prints.items() if name in fields}


def _mapping_print(named: Sequence[FieldName]) -> dict[str, str]:
    """Return a fingerprint of which columns are read as which fields; nothing where they have their own names."""
    if not named:
        return {}
    told = repr(sorted((one.field, one.column, one.values) for one in named))
    return {"field names": hashlib.blake2b(told.encode(), digest_size=16).hexdigest()}


def _projected(state: ProjectState, data: Mapping[str, LayerData], metres: str) -> pd.DataFrame:
    assert state.frame is not None  # noqa: S101 - compute() looked
    parts = [
        pd.DataFrame({"_layer": part.layer.id, "_role": part.layer.role, "_oid": part.oids, "_shape": part.shapes})
        for part in projections(state, data, state.frame)
    ]
    if metres != state.frame.horizontal:
        for part in parts:
            placed = gpd.GeoSeries(part["_shape"].to_numpy(), crs=state.frame.horizontal).to_crs(metres)
            part["_shape"] = placed.to_numpy(dtype=object)
    empty = pd.DataFrame({name: pd.Series(dtype=object) for name in ("_layer", "_role", "_oid", "_shape")})
    return pd.concat(parts, ignore_index=True) if parts else empty


def _definition_print(definition: IndicatorDef, book: Edition, state: ProjectState) -> str:
    city = {name: state.profile.of(name) for name in definition.profile_fields}
    row = json.dumps([asdict(definition), book.id, book.complete_share, city], sort_keys=True, default=str)
    return hashlib.blake2b(row.encode(), digest_size=16).hexdigest()

"""The properties of one object, for the property panel and the command line."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.usecases.bim import lods
from app.usecases.crs import placement, unsure_place
from app.usecases.health import health
from models.core.errors import UserError
from models.core.value_text import DEGREE_DECIMALS, NumberForm, coordinate, figure, rounded
from models.crs.frame import metres_per_unit, parse_crs
from models.geometry.geodesic import areas_m2, lengths_m
from models.layers.layer import Layer, ModelData, VectorData
from models.project.selection import ObjectKey
from models.query.columns import columns_of
from models.query.filtering import filtered
from resources.words import has
from viewers.texts.values import field_label, field_value, property_value

if TYPE_CHECKING:
    from app.session import Session
    from models.project.edits import Edit

#: Columns that only machines need.
_HIDDEN = {"geometry", "fid"}
#: Words of shapely's geometry types; whether there are several parts is nobody's question.
_GEOMETRY_WORDS = {
    "Point": "geometry.point", "MultiPoint": "geometry.point",
    "LineString": "geometry.line", "MultiLineString": "geometry.line", "LinearRing": "geometry.line",
    "Polygon": "geometry.polygon", "MultiPolygon": "geometry.polygon",
    "GeometryCollection": "geometry.mixed",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Section:
    """One group of rows.

    Parameters
    ----------
    title_key : str
        Word key of its heading; empty for a heading that comes from the data (an IFC property set).
    title : str
        The heading in the session's language.
    rows : tuple of (str, str)
        Label and value, ready to be shown.
    links : mapping of str to tuple of (str, ObjectKey)
        By label: the objects of which a value speaks, in its order, to go there.
    """

    title_key: str
    title: str
    rows: tuple[tuple[str, str], ...]
    links: Mapping[str, tuple[tuple[str, ObjectKey], ...]] = dataclasses.field(default_factory=dict)


def describe(session: Session, key: ObjectKey) -> list[Section]:
    """Return everything known of one object, in the session's language.

    Raises
    ------
    UserError
        ``project.no_layer``, ``project.no_data`` or ``project.no_object``.
    """
    layer = session.project.state.layer(key.layer)
    data = session.project.data_of(key.layer)
    if isinstance(data, ModelData):
        sections = _of_element(session, layer, data, key.oid)
    elif isinstance(data, VectorData):
        sections = _of_feature(session, layer, data, key.oid)
    else:
        raise UserError("project.no_object", layer=layer.title(session.lang), oid=key.oid)
    return [*sections, *_problems(session, key)]


def title_of(session: Session, key: ObjectKey) -> str:
    """Return what an object is called: its name, else its code, else its layer and number."""
    layer = session.project.state.layer(key.layer)
    data = session.project.data.get(key.layer)
    row: Mapping[Any, Any] = {}
    if isinstance(data, ModelData) and 0 <= key.oid < len(data.elements):
        row = dict(data.elements.iloc[key.oid].items())
    elif isinstance(data, VectorData) and data.has(key.oid):
        row = _row(data, key.oid)
    names = ("name_en", "name") if session.lang == "en" else ("name",)
    for field in (*names, "ObjName", "code", "ObjID", "taskNum", "ifc_class"):
        if (text := field_value(field, row.get(field), session.lang)) not in ("", session.word("value.none")):
            return text
    return f"{layer.title(session.lang)} {key.oid}"


def _row(data: VectorData, oid: int) -> dict[str, Any]:
    return {str(name): value for name, value in data.row(oid).items()}


def _section(session: Session, title_key: str, rows: list[tuple[str, str]]) -> list[Section]:
    return [Section(title_key, session.word(title_key), tuple(rows))] if rows else []


def _of_feature(session: Session, layer: Layer, data: VectorData, oid: int) -> list[Section]:
    if not data.has(oid):
        raise UserError("project.no_object", layer=layer.title(session.lang), oid=oid)
    row = _row(data, oid)
    identity = [(session.word("field.layer"), layer.title(session.lang))]
    if layer.synthetic:
        identity.append((session.word("field.data"), session.word("app.synthetic")))
    columns = columns_of(data)
    assert columns is not None  # noqa: S101 - features have a table
    rows = [
        (field_label(field, session.lang), field_value(field, value, session.lang, columns.form(field)))
        for field, value in row.items()
        if field not in _HIDDEN and field in columns.fields
    ]
    if layer.role == "buildings":
        identity += _height_row(session, layer, data, oid)
    sections = _section(session, "section.identity", identity)
    if layer.role == "facilities":
        sections += _section(session, "section.facility", _facility_rows(session, layer, row))
    sections += _section(session, "section.attributes", rows)
    sections += _section(session, "section.from_model", [
        (field_label(edit.column, session.lang), _edit_text(session, edit))
        for edit in session.project.state.edits
        if edit.source and (edit.layer, edit.oid) == (layer.id, oid)
    ])  # fmt: skip
    sections += _section(session, "section.geometry", _geometry_rows(session, data, row.get("geometry")))
    if layer.role == "sensors":
        sections += _section(session, "section.readings", _reading_rows(session, row))
    return sections


def _height_row(session: Session, layer: Layer, data: VectorData, oid: int) -> list[tuple[str, str]]:
    """Return the height with which a building is drawn where it was estimated: a guess is never passed off as known."""
    from models.buildings.heights import estimated, heights

    style = layer.style
    known = heights(data.attributes.loc[[oid]], style.height_field, style.storeys_field, style.storey_height_m)
    origin = str(known.origin[0])
    if not estimated(origin):
        return []
    text = session.word(f"height.{origin}", height=f"{known.height_m[0]:.1f}")
    return [(session.word("field.drawn_height"), text)]


def _facility_rows(session: Session, layer: Layer, row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the code of a component taken apart by the edition that its layer states."""
    from models.facilities.coding.codes import parse

    word, lang = session.word, session.lang
    edition = session.project.state.edition_of(layer)
    stated = edition.short(lang) if edition.is_stated else word("codes.edition.unstated")
    rows = [(word("field.code_edition"), stated)]
    if not edition.is_stated:
        return rows
    text = str(row.get("ObjID") or "")
    try:
        code = parse(text, edition)
    except UserError:
        return [*rows, (word("field.ObjID"), word("codes.unreadable", digits=edition.length))] if text else rows
    rows.append((word("field.division"), code.division))
    known = code.known_class
    if known is not None:
        rows.append((word("field.facility_class"), f"{code.class_code[:2]} {known.group_title(lang)}".rstrip()))
        rows.append((word("field.facility_subclass"), f"{code.class_code} {known.title(lang)}"))
    elif code.class_code:
        own = word("codes.own_class") if edition.is_own_class(code.class_code) else word("codes.class_unknown")
        rows.append((word("field.facility_subclass"), f"{code.class_code} {own}"))
    if code.serial:
        rows.append((word("field.serial"), code.serial))
    return rows


def _geometry_rows(session: Session, data: VectorData, geometry: Any) -> list[tuple[str, str]]:
    """Return kind, size and place; in degrees the size is that on the ellipsoid, and the place longitude, latitude."""
    import numpy as np

    if geometry is None or geometry.is_empty:
        return []
    crs = parse_crs(data.crs) if data.crs else None
    rows = [(session.word("field.geometry_type"), session.word(_GEOMETRY_WORDS[geometry.geom_type]))]
    point = geometry.representative_point()
    if crs is not None and crs.is_geographic:
        shapes = np.array([geometry], dtype=object)
        area, length = float(areas_m2(shapes, crs)[0]), float(lengths_m(shapes, crs)[0])
        if area > 0:
            rows.append((session.word("field.geodesic_area"), f"{rounded(area, 2)} m²"))
        elif length > 0:
            rows.append((session.word("field.geodesic_length"), f"{rounded(length, 2)} m"))
        place = (figure(one, NumberForm(False, DEGREE_DECIMALS)) for one in (point.x, point.y))
        return [*rows, (session.word("field.place_lonlat"), ", ".join(f"{one}°" for one in place))]
    if crs is not None and crs.is_projected:
        metre = metres_per_unit(crs)  # feet are not taken for metres
        if geometry.area > 0:
            rows.append((session.word("field.measured_area"), f"{rounded(geometry.area * metre**2, 2)} m²"))
        elif geometry.length > 0:
            rows.append((session.word("field.measured_length"), f"{rounded(geometry.length * metre, 2)} m"))
    label = "field.place" if crs is not None and crs.is_projected else "field.place_xy"
    rows.append((session.word(label), f"{coordinate(point.x)}, {coordinate(point.y)}"))
    return rows


def _reading_rows(session: Session, row: Mapping[str, Any]) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for layer in session.project.state.with_role("readings"):
        data = filtered(layer, session.project.data[layer.id]) if layer.id in session.project.data else None
        if not isinstance(data, VectorData) or "sensor" not in data.fields:
            continue
        own = data.frame[data.frame["sensor"] == row.get("code")]
        if own.empty:
            continue
        last = own.sort_values("time").iloc[-1]
        unit = f" {row.get('unit') or ''}".rstrip()
        rows += [
            (session.word("field.readings_count"), f"{len(own):,}"),
            (session.word("field.last_reading"), f"{field_value('value', last['value'], session.lang)}{unit}"),
            (session.word("field.last_time"), str(last["time"])),
            (session.word("field.range"), f"{figure(own['value'].min())} … {figure(own['value'].max())}{unit}"),
        ]
    return rows


#: What is shown of an element first; columns that are empty for it are left out.
_IDENTITY = ("name", "long_name", "ifc_class", "predefined_type", "type_name", "object_type", "storey", "elevation_m",
             "floor_level_m", "height_m", "storeys", "storeys_below", "year", "use", "roof", "lod",
             "material", "classification", "system", "description", "tag", "guid")  # fmt: skip


def _of_element(session: Session, layer: Layer, data: ModelData, oid: int) -> list[Section]:
    if not 0 <= oid < len(data.elements):
        raise UserError("project.no_object", layer=layer.title(session.lang), oid=oid)
    row = data.elements.iloc[oid].to_dict()
    none, word = session.word("value.none"), session.word

    def rows_of(names: tuple[str, ...]) -> list[tuple[str, str]]:
        texts = [(name, field_value(name, row.get(name), session.lang)) for name in names]
        return [(label_of(name), text) for name, text in texts if text != none or name == "name"]

    def label_of(name: str) -> str:
        return field_label("city_class" if name == "ifc_class" and data.info.get("city") else name, session.lang)

    identity = [(word("field.layer"), layer.title(session.lang)), *rows_of(_IDENTITY)]
    path = _path_of(data, oid)
    links: dict[str, tuple[tuple[str, ObjectKey], ...]] = {}
    if path:
        label = word("field.within")
        identity.append((label, " / ".join(name for name, _ in path)))
        links[label] = tuple((name, ObjectKey(layer.id, above)) for name, above in path)
    parts = _parts_of(data, oid)
    if parts:
        label = word("field.contains")
        listed = parts[:_PARTS_LISTED]
        more = f" … +{len(parts) - len(listed):,}" if len(parts) > len(listed) else ""
        identity.append((label, ", ".join(name for name, _ in listed) + more))
        if not more:
            links[label] = tuple((name, ObjectKey(layer.id, below)) for name, below in listed)
    sections = [dataclasses.replace(one, links=links) for one in _section(session, "section.identity", identity)]
    if data.info.get("city"):
        sections += _section(session, "section.surface", lods.clicked_rows(session, layer, data, oid))
    if row.get("ifc_class") in ("IfcProject", "IfcSite", "IfcBuilding"):
        sections += _section(
            session, "section.georef", placement.place_rows(session, unsure_place.weighed_report(session, layer.id))
        )
        sections += _taken(session, layer)
    for name, values in sorted(data.psets.get(oid, {}).items(), key=lambda item: _set_order(item[0])):
        found = tuple(_property_rows(session, data, name, values))
        if found:
            sections.append(Section("", name, found))
    for above, at in reversed(path if data.info.get("city") else []):  # a part of a building has its attributes too
        for name, values in data.psets.get(at, {}).items():
            sections.append(Section("", f"{name} · {above}", tuple(_property_rows(session, data, name, values))))
    return sections


def _taken(session: Session, layer: Layer) -> list[Section]:
    """Return what went from a model into the records of buildings, each record with a way to it."""
    file = Path(layer.source.path).name
    rows: list[tuple[str, str]] = []
    links: dict[str, tuple[tuple[str, ObjectKey], ...]] = {}
    for edit in session.project.state.edits:
        if not file or edit.source != file:
            continue
        key = ObjectKey(edit.layer, edit.oid)
        if not links:
            label = session.word("field.building_record")
            links[label] = ((title_of(session, key), key),)
            rows.append((label, links[label][0][0]))
        rows.append((field_label(edit.column, session.lang), field_value(edit.column, edit.after, session.lang)))
    return [dataclasses.replace(one, links=links) for one in _section(session, "section.taken", rows)]


def _edit_text(session: Session, edit: Edit) -> str:
    value = field_value(edit.column, edit.after, session.lang)
    certainty = session.word(f"bim.certainty.{edit.certainty}") if edit.certainty else session.word("value.none")
    return session.word("facts.edit", value=value, file=edit.source, certainty=certainty)


#: So many parts of an element are listed by name.
_PARTS_LISTED = 12


def _path_of(data: ModelData, oid: int) -> list[tuple[str, int]]:
    """Return names and oids of what an element stands in, from the project down."""
    parents = data.elements["parent"].to_numpy()
    path: list[tuple[str, int]] = []
    seen, above = {oid}, int(parents[oid])
    while 0 <= above < len(parents) and above not in seen:
        seen.add(above)
        path.append((_element_name(data, above), above))
        above = int(parents[above])
    return path[::-1]


def _parts_of(data: ModelData, oid: int) -> list[tuple[str, int]]:
    """Return what stands directly in an element that is no storey, building or site: its parts, doors, windows."""
    if str(data.elements["ifc_class"].iat[oid]) in _SPATIAL:
        return []
    below = (data.elements["parent"].to_numpy() == oid).nonzero()[0]
    return [(_element_name(data, int(one)), int(one)) for one in below if int(one) != oid]


_SPATIAL = frozenset({"IfcProject", "IfcSite", "IfcBuilding", "IfcBuildingStorey", "IfcFacility", "IfcFacilityPart"})


def _element_name(data: ModelData, oid: int) -> str:
    row = data.elements.iloc[oid]
    return str(row["name"] or row.get("long_name") or row["ifc_class"])


def _set_order(name: str) -> tuple[int, str]:
    """Property sets of the standard first, then quantities, then what the author's program wrote."""
    rank = 0 if name.startswith("Pset_") else 1 if name.startswith(("Qto_", "BaseQuantities")) else 2
    return rank, name.casefold()


def _property_rows(
    session: Session, data: ModelData, group: str, values: Mapping[str, Any], above: str = ""
) -> list[tuple[str, str]]:
    """Return the properties of one set with their units; those of a complex property behind its name."""
    unit_of = getattr(data.psets, "unit_of", None)
    rows: list[tuple[str, str]] = []
    for name, value in values.items():
        if isinstance(value, Mapping):
            rows += _property_rows(session, data, group, value, f"{above}{name}.")
            continue
        unit = unit_of(group, f"{above}{name}") if callable(unit_of) else ""
        rows.append((f"{above}{name}", property_value(value, unit, session.lang)))
    return rows


def _problems(session: Session, key: ObjectKey) -> list[Section]:
    """Say which indicators this object makes bad, and why."""
    rows = []
    for code, result in health.all_kept(session).items():
        for problem in result.problems:
            if problem.key == key:
                reason = (
                    session.word(f"problem.{problem.reason}") if has(f"problem.{problem.reason}") else problem.reason
                )
                rows.append((code, reason))
    return _section(session, "section.problems", rows)

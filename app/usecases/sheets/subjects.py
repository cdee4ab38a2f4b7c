"""What a sheet is about, found in the open project: a unit by name or code, where it lies, its value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from app.usecases.health import health
from models.core.errors import UserError
from models.project.selection import ObjectKey
from models.sheets.spec import Subject, SubjectKind

if TYPE_CHECKING:
    from app.session import Session
    from models.health.results import IndicatorResult, UnitValue

#: Role of the layer in which the units of a kind of subject are.
UNIT_ROLES: dict[str, str] = {"district": "districts", "community": "communities"}


@dataclass(frozen=True, slots=True)
class Unit:
    """A district or community.

    Parameters
    ----------
    key : ObjectKey
    code, name : str
        The name in the language of the session.
    shape : shapely geometry
        In the project's CRS.
    """

    key: ObjectKey
    code: str
    name: str
    shape: Any


def units_of(session: Session, kind: str) -> tuple[Unit, ...]:
    """Return the units of a kind, those of the layers that play their role; none where no layer does."""
    rows = unit_rows(session, kind)
    names = rows["name_en"].where(rows["name_en"] != "", rows["name"]) if session.lang == "en" else rows["name"]
    return tuple(
        Unit(ObjectKey(str(layer), int(oid)), str(code), str(name) or str(code), shape)
        for layer, oid, code, name, shape in zip(
            rows["_layer"], rows["_oid"], rows["code"], names, rows["_shape"], strict=True
        )
    )


def unit_rows(session: Session, kind: str) -> pd.DataFrame:
    """Return the rows of the units of a kind: ``_layer``, ``_oid``, ``_shape``, ``code``, ``name``, ``name_en``.

    Columns of other names are read as somebody mapped them, and names also from the column that labels the layer; a
    unit that has no code is known by ``layer/oid``.
    """
    from models.health.mapping.field_names import of_layer
    from models.health.units.sources import rows_of_role, texts

    state = session.project.state
    if state.frame is None or kind not in UNIT_ROLES:
        raise UserError("picture.nothing")
    fields = ("code", "name", "name_en")
    layers = state.with_role(UNIT_ROLES[kind])
    mapped = [one for layer in layers for one in of_layer(state.health.field_names, layer.id) if one.field in fields]
    labels = {layer.id: layer.style.label_field for layer in layers if layer.style.label_field}
    columns = dict.fromkeys((*fields, *(one.column for one in mapped), *labels.values()))
    rows = rows_of_role(state, session.project.data, UNIT_ROLES[kind], state.frame.horizontal, tuple(columns))
    said = {name: pd.Series(texts(rows[name]), index=rows.index, dtype=object) for name in columns}
    for layer, field, column in (
        *((one.layer, one.field, one.column) for one in mapped), *((one, "name", text) for one, text in labels.items())
    ):  # fmt: skip
        lacking = (rows["_layer"] == layer) & (said[field] == "")
        said[field] = said[field].mask(lacking, said[column])
    by_row = rows["_layer"].astype(str) + "/" + rows["_oid"].astype(str)
    said["code"] = said["code"].mask(said["code"] == "", by_row)
    return rows.assign(**{name: said[name] for name in fields})


def unit_of(session: Session, subject: Subject) -> Unit | None:
    """Return the unit that a page is about; None for a page about something else, or a unit that is gone."""
    if subject.kind not in UNIT_ROLES or not subject.code:
        return None
    return next((unit for unit in units_of(session, subject.kind) if subject.code == unit.code), None)


def subject_named(session: Session, name: str, indicator: str = "", kind: SubjectKind | None = None) -> Subject:
    """Return the subject of a name or code: a district, a community; the city for an empty name.

    Raises
    ------
    UserError
        ``sheets.no_unit`` where nothing is called so; ``sheets.many_units`` where several are.
    """
    if not name:
        return Subject("city", "", city_name(session), indicator)
    kinds = (kind,) if kind in UNIT_ROLES else tuple(UNIT_ROLES)
    rows = [(one, unit_rows(session, one)) for one in kinds]
    found: list[tuple[SubjectKind, str, str]] = []
    for one, table in rows:
        is_it = (table["code"] == name) | (table["name"] == name) | (table["name_en"].str.lower() == name.lower())
        for _, row in table[is_it].iterrows():
            shown = row["name_en"] if session.lang == "en" and row["name_en"] else row["name"]
            found.append((one, str(row["code"]), str(shown or row["code"])))  # type: ignore[arg-type]
    if not found:
        known = [str(code) for _, table in rows for code in table["name"] if code][:8]
        raise UserError("sheets.no_unit", name=name, known=", ".join(known) or "—")
    if len({code for _, code, _ in found}) > 1:
        raise UserError("sheets.many_units", name=name, codes=", ".join(code for _, code, _ in found[:8]))
    return Subject(found[0][0], found[0][1], found[0][2], indicator)


def subject_of_objects(
    session: Session, keys: Sequence[ObjectKey], indicator: str = "", kind: SubjectKind = "building"
) -> Subject:
    """Return the subject of some objects: each is numbered, the first gives the page its name.

    Raises
    ------
    UserError
        ``project.no_object`` for an object that is not there.
    """
    from app.usecases.query.describe import describe, title_of

    keys = tuple(dict.fromkeys(keys))
    for key in keys[:1]:
        describe(session, key)
    name = "" if not keys else title_of(session, keys[0])
    if len(keys) > 1:
        name = session.word("sheets.and_more", name=name, count=len(keys))
    return Subject(kind, "", name, indicator, keys)


def subject_of_problems(session: Session, indicator: str, first: int = 1, count: int = 1) -> Subject:
    """Return the subject of what makes an indicator bad: from a place of its list on, the worst first.

    Raises
    ------
    UserError
        ``sheets.no_problem`` where the list is shorter.
    """
    result = health.kept(session, indicator)
    found = () if result is None else result.problems[first - 1 : first - 1 + count]
    if not found:
        raise UserError("sheets.no_problem", indicator=indicator, number=first)
    name = found[0].title(session.lang) or f"{found[0].key.layer} {found[0].key.oid}"
    if len(found) > 1:
        name = session.word("sheets.and_more", name=name, count=len(found))
    return Subject("problem", "", name, indicator, tuple(one.key for one in found))


def city_name(session: Session) -> str:
    """Return the name of the project's city in the language of the session."""
    state = session.project.state
    return (state.name_en if session.lang == "en" else "") or state.name or session.word("app.name")


def result_of(session: Session, subject: Subject) -> IndicatorResult | None:
    """Return the result that counts of the indicator of a page."""
    return health.kept(session, subject.indicator) if subject.indicator else None


def value_of(result: IndicatorResult, subject: Subject) -> UnitValue | None:
    """Return the value of a page's subject: its unit's, the city's for a page about no unit; None where it has none."""
    if subject.kind == "district":
        return next((unit for unit in result.units if _is_of(unit, subject.code)), None)
    if subject.kind == "community":
        return next((unit for unit in result.estates if _is_of(unit, subject.code)), None)
    return result.city


def _is_of(unit: UnitValue, code: str) -> bool:
    """Whether a value is that of a unit, known by its code or by its row."""
    return bool(code) and code in (unit.unit_code, f"{unit.unit_layer}/{unit.unit_oid}")

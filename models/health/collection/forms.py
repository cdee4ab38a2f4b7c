"""Which objects stand on the form of a community, and what is asked at each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from models.health.collection.kinds import FormItem, ObjectKind, items_of, kind_of, object_kinds
from models.health.editions import Edition, IndicatorDef
from models.health.entered.units import Unit, units_of
from models.health.partition import has_value
from models.health.units.effect import UnitsInEffect
from models.layers.layer import LayerData, VectorData
from models.project.project import ProjectState
from models.query.filtering import filtered

#: Columns of the objects of a form, before the items.
OBJECT_COLUMNS = ("object_code", "object_name", "kind_value")


@dataclass(frozen=True, slots=True)
class FormSheet:
    """The objects of one kind on a form.

    Parameters
    ----------
    kind : ObjectKind
    items : tuple of FormItem
    objects : GeoDataFrame
        :data:`OBJECT_COLUMNS` and the geometry; one row an object.
    """

    kind: ObjectKind
    items: tuple[FormItem, ...]
    objects: gpd.GeoDataFrame


@dataclass(frozen=True, slots=True)
class Form:
    """What goes out for one community.

    Parameters
    ----------
    unit : Unit
    sheets : tuple of FormSheet
    values : tuple of IndicatorDef
        Indicators that are asked as values of the community.
    """

    unit: Unit
    sheets: tuple[FormSheet, ...]
    values: tuple[IndicatorDef, ...]

    @property
    def objects(self) -> int:
        """Return how many objects stand on it; a form of values alone counts as one."""
        return sum(len(sheet.objects) for sheet in self.sheets) or int(bool(self.values))


def forms_of(
    state: ProjectState,
    data: Mapping[str, LayerData],
    book: Edition,
    indicators: Sequence[str],
    units: Sequence[str] = (),
) -> tuple[Form, ...]:
    """Return the forms of communities; one on which nothing would stand is left out.

    Parameters
    ----------
    state : ProjectState
    data : mapping of str to LayerData
    book : Edition
    indicators : sequence of str
    units : sequence of str
        Codes of communities; empty for all.
    """
    values = tuple(book.indicators[code] for code in indicators if code in book.indicators and kind_of(code) is None)
    chosen = [one for one in units_of(state, data, "community") if not units or one.code in units]
    crs = state.frame.horizontal if state.frame is not None else ""
    tables: list[tuple[ObjectKind, tuple[FormItem, ...], gpd.GeoDataFrame, pd.Series]] = []
    areas = _areas(state, data, chosen, crs)
    for kind in object_kinds():
        items = items_of(book, [code for code in indicators if code in kind.indicators])
        if items:
            objects = objects_of(kind, state, data, crs)
            objects = objects[_is_asked(objects, kind, {item.indicator for item in items})]
            tables.append((kind, items, objects, _homes(objects, kind, chosen, areas)))
    made = []
    for unit in chosen:
        sheets = tuple(
            FormSheet(kind, items, objects[homes.to_numpy() == unit.code].drop(columns="home"))
            for kind, items, objects, homes in tables
        )
        form = Form(unit, tuple(sheet for sheet in sheets if len(sheet.objects)), values)
        if form.sheets or form.values:
            made.append(form)
    return tuple(made)


def objects_of(kind: ObjectKind, state: ProjectState, data: Mapping[str, LayerData], crs: str) -> gpd.GeoDataFrame:
    """Return the objects of a kind that have a code: :data:`OBJECT_COLUMNS`, ``home`` (the community that its own table
    names), geometry in ``crs``; the first of those that have the same code.
    """
    parts, in_effect = [], UnitsInEffect(state)
    for layer in state.with_role(kind.role):
        found = data.get(layer.id)
        part = filtered(layer, found, crs) if isinstance(found, VectorData) else None
        if (
            not isinstance(part, VectorData)
            or "code" not in part.fields
            or not isinstance(part.frame, gpd.GeoDataFrame)
        ):
            continue
        frame = part.frame[has_value(part.frame["code"])]
        for name, values in kind.where.items():
            frame = frame[frame[name].isin(values)] if name in frame.columns else frame.iloc[:0]
        telling = next(iter(kind.where), "")
        home = "code" if kind.id == "community" else "community_code"
        shapes = frame.geometry if not crs or frame.crs is None else frame.geometry.to_crs(crs)
        parts.append(
            gpd.GeoDataFrame(
                {
                    "object_code": frame["code"].astype("str").str.strip(),
                    "object_name": _text(frame, "name"),
                    "kind_value": _text(frame, telling),
                    "home": _text(in_effect.led(pd.DataFrame(frame)), home),
                },
                geometry=shapely.force_2d(np.asarray(shapes.array, dtype=object)),
                crs=shapes.crs,
            )
        )
    if not parts:
        columns = {name: pd.Series(dtype=object) for name in (*OBJECT_COLUMNS, "home")}
        return gpd.GeoDataFrame(columns, geometry=[], crs=crs or None)
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True)).drop_duplicates("object_code", ignore_index=True)


def _text(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame.columns:
        return pd.Series("", index=frame.index, dtype=object)
    texts: pd.Series = frame[name].astype("str").where(frame[name].notna(), "").astype(object)
    return texts


def _is_asked(objects: gpd.GeoDataFrame, kind: ObjectKind, indicators: set[str]) -> pd.Series:
    """Return which objects are looked at for one of the indicators."""
    if indicators - set(kind.only):
        return pd.Series(True, index=objects.index)
    wanted = [value for code in indicators for value in kind.only[code]]
    asked: pd.Series = objects["kind_value"].isin(wanted)
    return asked


def _areas(state: ProjectState, data: Mapping[str, LayerData], units: Sequence[Unit], crs: str) -> gpd.GeoSeries:
    """Return the areas of communities by code."""
    codes, shapes = [], []
    for layer in {unit.layer for unit in units}:
        found = data[layer]
        frame = found.frame if isinstance(found, VectorData) else None
        if isinstance(frame, gpd.GeoDataFrame):
            inside = [unit for unit in units if unit.layer == layer]
            own = frame.geometry if not crs or frame.crs is None else frame.geometry.to_crs(crs)
            codes += [unit.code for unit in inside]
            shapes += list(own.loc[[unit.oid for unit in inside]])
    return gpd.GeoSeries(shapes, index=pd.Index(codes, dtype=object))


def _homes(objects: gpd.GeoDataFrame, kind: ObjectKind, units: Sequence[Unit], areas: gpd.GeoSeries) -> pd.Series:
    """Return the community of each object: as its table names it, else the one in which it lies."""
    homes: pd.Series = objects["home"].copy()
    lost = ~homes.isin([unit.code for unit in units])
    if kind.id != "community" and lost.any() and len(areas):
        # A table that names communities is believed: what it places elsewhere stands on no form of these.
        blank = lost & ~homes.astype(bool)
        points = np.asarray(objects.geometry[blank].representative_point().array, dtype=object)
        point, area = shapely.STRtree(np.asarray(areas.array, dtype=object)).query(points, predicate="intersects")
        found = pd.Series(areas.index.to_numpy()[area], index=objects.index[blank][point])
        found = found[~found.index.duplicated()]
        homes.loc[found.index] = found
    return homes

"""Filter layers, select by expression, location and similarity, edit cells. Changes can be undone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.usecases.bim import visibility
from app.usecases.facilities.state_history import with_edits
from models.core.errors import UserError
from models.core.progress import Progress
from models.core.value_text import figure
from models.layers.layer import Layer, ModelData, RasterData, VectorData
from models.project.edits import Edit
from models.project.selection import ObjectKey
from models.query import nothing_found, spatial_relations, syntax_tree, values
from models.query.cells import plain_of, typed
from models.query.columns import Columns, columns_of
from models.query.expression import Expression, compile_expression, field_of
from models.query.filtering import filtered, geometry_in
from models.query.footprints import plans_of
from models.query.shown_words import with_codes
from models.query.spatial_relations import Found, Shapes
from resources.words import LANGUAGES, has, word
from viewers.texts.values import field_label, field_value, shown_words

if TYPE_CHECKING:
    from app.session import Session

Oids = NDArray[np.int64]
#: So many cells may be changed in one step; each is kept with what it was.
MOST_EDITS = 200_000


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """What an expression found: objects for which it is true, and how many could not be told."""

    oids: Oids
    silent: int
    asked: int


@dataclass(frozen=True, slots=True)
class Under:
    """Everything under a point: objects, and what rasters hold there."""

    keys: tuple[ObjectKey, ...]
    rasters: tuple[tuple[str, str], ...]


# --- understanding ----------------------------------------------------------------------------------------------------


def crs_of(session: Session) -> str:
    """Return the project's projected CRS, empty before there is one."""
    frame = session.project.state.frame
    return frame.horizontal if frame is not None else ""


def table_of(session: Session, layer_id: str) -> Columns:
    """Return what of a layer's table passes its filter.

    Raises
    ------
    UserError
        ``ask.no_table`` for what has none.
    """
    layer = session.project.state.layer(layer_id)
    columns = columns_of(filtered(layer, session.project.data_of(layer_id), crs_of(session)))
    if columns is None:
        raise UserError("ask.no_table", layer=layer.title(session.lang))
    return columns


def names_of(fields: Sequence[str]) -> dict[str, str]:
    """Return what people call some fields, in every language → the field."""
    by_label: dict[str, str] = {}
    for field in fields:
        if has(f"field.{field}"):
            for lang in LANGUAGES:
                by_label.setdefault(word(f"field.{field}", lang), field)
    return by_label


def expression_for(session: Session, layer_id: str, text: str) -> Expression:
    """Understand an expression about a layer; fields and values may be called as the table calls them.

    Raises
    ------
    UserError
        ``ask.no_field``, ``ask.syntax`` …
    """
    columns = columns_of(session.project.data_of(layer_id))
    fields = columns.fields if columns is not None else ()
    return compile_expression(text, fields, names_of(fields), lambda tree: _with_codes(tree, columns))


def _with_codes(tree: syntax_tree.Node, columns: Columns | None) -> syntax_tree.Node:
    """Return an expression that asks for what the columns hold where the given one asks for what is shown for it."""

    def held(field: str) -> frozenset[str]:
        return columns.texts(field) if columns is not None else frozenset()

    def is_truth(field: str) -> bool:
        return columns is not None and columns.value(field).kind == "bool"

    return with_codes(tree, shown_words(), held, is_truth)


def expression_for_database(fields: Mapping[str, str], text: str) -> str:
    """Return an expression about a table in a database that asks for its own fields and values.

    Parameters
    ----------
    fields : mapping of str to str
        Column → its type as PostgreSQL calls it.
    text : str

    Raises
    ------
    UserError
        As :func:`expression_for`.
    """

    def meant(tree: syntax_tree.Node) -> syntax_tree.Node:
        return with_codes(tree, shown_words(), lambda _: None, lambda field: fields[field] == "bool")

    return compile_expression(text, list(fields), names_of(list(fields)), meant).text


def matched(session: Session, layer_id: str, text: str) -> Matched:
    """Return which objects of a layer an expression is true of."""
    layer = session.project.state.layer(layer_id)
    asked = expression_for(session, layer_id, text)
    data = filtered(layer, session.project.data_of(layer_id), crs_of(session))
    columns = table_of(session, layer_id)
    crs = crs_of(session)

    def geometry() -> Any:
        return geometry_in(data, crs) if isinstance(data, VectorData) else None

    true, known = asked.truth(columns, geometry)
    return Matched(columns.oids[true], int(np.count_nonzero(~known)), len(columns))


def why_nothing(session: Session, layer_id: str, text: str) -> str:
    """Return which conditions of an expression nothing meets, and which values there are, in the session's language.

    Empty where there is nothing to say: the expression is not understood, or the layer has no rows.
    """
    try:
        asked, columns = expression_for(session, layer_id, text), table_of(session, layer_id)
    except UserError:
        return ""
    if not len(columns):  # as where this very expression became the layer's filter
        columns = columns_of(session.project.data_of(layer_id)) or columns
    if not len(columns):
        return ""
    lang = session.lang

    def said(field: str, value: object) -> str:
        shown = field_value(field, value, lang, columns.form(field))
        return shown if not isinstance(value, str) or shown == value else f"{shown} ({value})"

    def sentence(one: nothing_found.Unmet) -> str:
        facts = {"field": field_label(one.field, lang), "asked": one.asked}
        if one.common:
            values = session.word("sheet.comma").join(
                f"{said(one.field, name)} × {count:,}" for name, count in one.common
            )
            near = session.word("sheet.comma").join(said(one.field, name) for name in one.near)
            return session.word("ask.nothing.near" if near else "ask.nothing.values", **facts, values=values, near=near)
        if one.least is not None:
            ends = {"least": said(one.field, one.least), "most": said(one.field, one.most)}
            return session.word("ask.nothing.range", **facts, **ends)
        return session.word("ask.nothing.empty" if not one.count else "ask.nothing.truth", **facts)

    def words_of(field: str, value: str) -> tuple[str, ...]:
        return shown_words().alike(field, value)

    found = nothing_found.unmet(asked.tree, columns, words_of)
    if found:
        return " ".join(map(sentence, found[:3]))
    is_several = isinstance(asked.tree, (syntax_tree.And, syntax_tree.Or))
    return session.word("ask.nothing.together") if is_several else ""


def field_named(columns: Columns, name: str) -> str:
    """Return the field that a name means, as an expression would take it.

    Raises
    ------
    UserError
        ``ask.no_field``.
    """
    by_label = names_of(columns.fields)
    return by_label[name] if name in by_label else field_of(syntax_tree.Field(name), list(columns.fields), by_label)


# --- filters ----------------------------------------------------------------------------------------------------------


def set_filter(session: Session, layer_id: str, text: str) -> int:
    """Show, list, count and export only what an expression is true of; empty for everything. Returns how much stays.

    Raises
    ------
    UserError
        What is wrong with the expression, before anything changes.
    """
    layer = session.project.state.layer(layer_id)
    kept = ""
    if text.strip():
        data = session.project.data_of(layer_id)
        if not isinstance(data, VectorData):
            raise UserError("ask.no_filter_here", layer=layer.title(session.lang))
        kept = expression_for(session, layer_id, text).text
    fresh = replace(layer, filter=kept)
    count = len(_table(session, fresh)) if layer_id in session.project.data else 0
    if fresh != layer:
        session.history.do("history.filter_layer", lambda state: state.with_layer(fresh))
        _drop_hidden(session, fresh)
    return count


def _table(session: Session, layer: Layer) -> Columns:
    columns = columns_of(filtered(layer, session.project.data_of(layer.id), crs_of(session)))
    if columns is None:
        raise UserError("ask.no_table", layer=layer.title(session.lang))
    return columns


def _drop_hidden(session: Session, layer: Layer) -> None:
    """Select no longer what the filter takes away."""
    mine = session.selection.oids_of(layer.id)
    if len(mine):
        gone = mine[~np.isin(mine, _table(session, layer).oids)]
        session.selection.set_rows(layer.id, gone, "remove")


# --- selecting --------------------------------------------------------------------------------------------------------


def asked_layers(session: Session, active: str = "", *, models: bool = True) -> list[Layer]:
    """Return the layers that a selection asks, of features and of models: the active one, or all that are shown."""
    state, data = session.project.state, session.project.data
    kinds = (VectorData, ModelData) if models else (VectorData,)
    own = [layer for layer in state.layers if isinstance(data.get(layer.id), kinds) and layer.kind != "table"]
    return [layer for layer in own if layer.id == active] if active else [layer for layer in own if layer.visible]


def shapes_in(session: Session, layer: Layer) -> Shapes | None:
    """Return the geometries of what of a layer passes its filter, the plans of a model's elements, None for a table."""
    data = filtered(layer, session.project.data_of(layer.id), crs_of(session))
    if isinstance(data, ModelData):
        shapes = plans_of(layer, data, crs_of(session))
        return None if shapes is None else shapes.part(np.flatnonzero(visibility.seen(session, layer.id, data)))
    if not isinstance(data, VectorData):
        return None
    try:
        return spatial_relations.shapes_of(data, crs_of(session))
    except UserError as error:
        if error.code == "ask.no_geometry":
            return None
        raise


def inside(
    session: Session, area: Any, active: str = "", *, wholly: bool = False, progress: Progress | None = None
) -> dict[str, Oids]:
    """Return what lies in an area of the map (project CRS), by layer."""
    found: dict[str, Oids] = {}
    layers = asked_layers(session, active)
    for number, layer in enumerate(layers):
        if progress is not None:
            progress.step(number / len(layers))
        shapes = shapes_in(session, layer)
        if shapes is not None and len(oids := spatial_relations.inside(shapes, area, wholly=wholly)):
            found[layer.id] = oids
    return found


def related(
    session: Session, layer_id: str, relation: str, other_id: str, within_m: float = 0.0, *,
    only: Oids | None = None, progress: Progress | None = None,
) -> Found:  # fmt: skip
    """Return the objects of one layer that stand in a relation to those of another.

    Parameters
    ----------
    session : Session
    layer_id, other_id : str
    relation : str
        One of :data:`models.query.spatial_relations.RELATIONS`.
    within_m : float
        For ``"near"``, metres.
    only : ndarray of int64, optional
        Ask about these objects of the other layer alone.
    """
    state = session.project.state
    pair = [shapes_in(session, state.layer(one)) for one in (layer_id, other_id)]
    for shapes, one in zip(pair, (layer_id, other_id), strict=True):
        if shapes is None:
            raise UserError("ask.layer_no_geometry", layer=state.layer(one).title(session.lang))
    mine, theirs = pair
    assert mine is not None  # noqa: S101 - looked at above
    assert theirs is not None  # noqa: S101
    if only is not None:
        theirs = theirs.part(np.flatnonzero(np.isin(theirs.oids, only)))
    return spatial_relations.find(mine, theirs, relation, within_m, progress)


def inverted(session: Session) -> dict[str, Oids]:
    """Return what is not selected in the layers of which something is."""
    result = {}
    for layer_id in session.selection.layers:
        every = table_of(session, layer_id).oids
        result[layer_id] = every[~np.isin(every, session.selection.oids_of(layer_id))]
    return result


def same_value(session: Session, field: str) -> dict[str, Oids]:
    """Return what has the same value of a field as any selected object of its layer; missing equals missing.

    Raises
    ------
    UserError
        ``ask.no_selection``.
    """
    result: dict[str, Oids] = {}
    for layer_id in session.selection.layers:
        columns = table_of(session, layer_id)
        if field in columns.fields:
            rows = columns.rows_of(session.selection.oids_of(layer_id))
            plain = values.as_cells(columns.value(field), len(columns))
            import pandas as pd

            codes, _ = pd.factorize(pd.Series(plain, dtype=object), use_na_sentinel=False)
            result[layer_id] = columns.oids[np.isin(codes, codes[rows])]
    if not result:
        raise UserError("ask.no_selection")
    return result


def grown(session: Session, by_m: float, progress: Progress | None = None) -> dict[str, Oids]:
    """Return the selection with what of its layers lies within a distance of it."""
    state, result = session.project.state, {}
    for layer_id in session.selection.layers:
        every = shapes_in(session, state.layer(layer_id))
        if every is not None:
            chosen = every.part(np.flatnonzero(np.isin(every.oids, session.selection.oids_of(layer_id))))
            result[layer_id] = spatial_relations.grown(chosen, every, by_m, progress).oids
    if not result:
        raise UserError("ask.no_selection")
    return result


def under(session: Session, x: float, y: float, reach_m: float, first: ObjectKey | None = None) -> Under:
    """Return everything under a point of the map, layers from the top down, and what rasters hold there."""
    keys = [first] if first is not None else []
    for layer in reversed(asked_layers(session, models=False)):  # of a model all storeys lie under a point
        shapes = shapes_in(session, layer)
        if shapes is not None:
            keys += [ObjectKey(layer.id, int(oid)) for oid in spatial_relations.at_point(shapes, x, y, reach_m)[:20]]
    rasters = []
    for layer in reversed(session.project.state.layers):
        data = session.project.data.get(layer.id)
        if isinstance(data, RasterData) and layer.visible:
            text = raster_text(session, layer, data, x, y)
            rasters.append((layer.title(session.lang), text or session.word("value.none")))
    return Under(tuple(dict.fromkeys(keys)), tuple(rasters))


def raster_text(session: Session, layer: Layer, data: RasterData, x: float, y: float) -> str:
    """Return what a raster, as it was read for showing, holds at a point of the project CRS; empty for no data."""
    from models.crs.frame import transformer

    crs = crs_of(session)
    if data.crs and crs and data.crs != crs:
        x, y = transformer(crs, data.crs).transform(x, y)
    a, b, c, d, e, f = data.transform
    scale = a * e - b * d
    if not math.isfinite(x + y) or scale == 0:
        return ""
    column, row = (e * (x - c) - b * (y - f)) / scale, (a * (y - f) - d * (x - c)) / scale
    rows, columns = data.values.shape[:2]
    if not (0 <= row < rows and 0 <= column < columns):
        return ""
    found = data.values[int(row), int(column)]
    if np.ndim(found):
        return "" if len(found) == 4 and found[3] == 0 else " ".join(str(int(one)) for one in found[:3])
    unit = str(data.info.get("unit") or ("m" if layer.kind == "terrain" else ""))
    return f"{figure(found)} {unit}".rstrip() if np.isfinite(float(found)) else ""


# --- cells ------------------------------------------------------------------------------------------------------------


def set_cell(session: Session, layer_id: str, oid: int, field: str, text: str) -> None:
    """Put a value into one cell."""
    columns = _editable(session, layer_id)
    value = typed(columns, field, text)
    rows = columns.rows_of([oid])
    if not len(rows):
        raise UserError("project.no_object", layer=session.project.state.layer(layer_id).title(session.lang), oid=oid)
    before = plain_of(columns.cell(field, int(rows[0])))
    if before != value:
        edit = Edit(layer_id, oid, field, before, value, basis="typed", certainty="stated")
        session.history.do("history.edit_cell", with_edits(session, [edit]))


def filled(session: Session, layer_id: str, field: str, text: str, oids: Oids | None = None) -> list[Edit]:
    """Return the edits that fill a column by an expression; for a job thread.

    Raises
    ------
    UserError
        What is wrong with the expression, ``ask.wrong_kind`` where it gives what the column does not hold,
        ``ask.too_many_cells``.
    """
    columns, layer = _editable(session, layer_id), session.project.state.layer(layer_id)
    asked, data = expression_for(session, layer_id, text), session.project.data_of(layer_id)
    crs = crs_of(session)
    found = asked.value(columns, lambda: geometry_in(data, crs) if isinstance(data, VectorData) else None)
    if field in columns.fields:
        kind = columns.value(field).kind
        if found.kind not in (kind, "null") and bool(columns.value(field).known.any()):
            raise UserError("ask.wrong_kind", field=field, found=found.kind, wanted=kind)
    rows = np.arange(len(columns)) if oids is None else columns.rows_of(oids)
    if len(rows) > MOST_EDITS:
        raise UserError(
            "ask.too_many_cells", count=f"{len(rows):,}", most=f"{MOST_EDITS:,}", layer=layer.title(session.lang)
        )
    plain = values.as_cells(found, len(columns))
    fresh = []
    for row in rows.tolist():
        before = plain_of(columns.cell(field, row)) if field in columns.fields else None
        after = plain_of(plain[row])
        if before != after:
            oid = int(columns.oids[row])
            fresh.append(Edit(layer_id, oid, field, before, after, basis=asked.text, certainty="derived"))
    return fresh


def apply_edits(session: Session, edits: Sequence[Edit]) -> None:
    """Take worked-out values into the tables, as one step."""
    if edits:
        session.history.do("history.fill_column", with_edits(session, edits))


def _editable(session: Session, layer_id: str) -> Columns:
    data = session.project.data_of(layer_id)
    columns = columns_of(data)
    if not isinstance(data, VectorData) or columns is None:
        raise UserError("ask.not_editable", layer=session.project.state.layer(layer_id).title(session.lang))
    return columns


def counts(found: Mapping[str, Oids]) -> int:
    """Return how many objects were found in all layers."""
    return sum(len(oids) for oids in found.values())

"""Style layers by their data: propose, change, copy, save and load styles. All can be undone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.notices import notice_of_caution
from app.usecases.query.query import crs_of, expression_for
from app.usecases.style.qgis_notice import say_what_qgis_shows
from models.core.errors import UserError
from models.layers.layer import Layer, Style, VectorData
from models.query.expression import compile_expression
from models.query.filtering import filtered
from models.style.classify import classified, codes_of, counts_of, is_number, numbers_of, proposed
from models.style.kinds import KINDS, METHODS, Symbology
from models.style.matching import table_for
from models.style.ramps import ramp

if TYPE_CHECKING:
    from app.session import Session
    from viewers.legend import LegendEntry

#: Bars of a histogram.
BARS = 48
#: More values than this are sampled for a histogram.
SAMPLE = 200_000


@dataclass(frozen=True, slots=True)
class FieldFact:
    """A column that a style can speak of."""

    name: str
    label: str
    numeric: bool


@dataclass(frozen=True, slots=True)
class StyleFacts:
    """What the data says of a layer's style.

    Parameters
    ----------
    counts : tuple of int
        Objects in each class.
    other, blank : int
        Objects in no class, and without a value.
    labels : tuple of str
        What each class is called.
    edges, heights : tuple of float
        Histogram of the field's values, empty where they are no numbers.
    total : int
    """

    counts: tuple[int, ...] = ()
    other: int = 0
    blank: int = 0
    labels: tuple[str, ...] = ()
    edges: tuple[float, ...] = ()
    heights: tuple[float, ...] = ()
    total: int = 0
    error: UserError | None = None


def styled_layers(session: Session) -> list[Layer]:
    """Return the layers that can have a style, top first."""
    data = session.project.data
    return [
        layer for layer in reversed(session.project.state.layers)
        if layer.kind == "vector" and isinstance(data.get(layer.id), VectorData)
    ]  # fmt: skip


def data_of(session: Session, layer_id: str) -> VectorData:
    """Return the features of a layer.

    Raises
    ------
    UserError
        ``style.no_features`` for a raster, a model, or a layer whose source is missing.
    """
    data = session.project.data.get(layer_id)
    if not isinstance(data, VectorData):
        raise UserError("style.no_features", layer=session.project.state.layer(layer_id).title(session.lang))
    return data


def drawn_of(session: Session, layer_id: str) -> VectorData:
    """Return the features of a layer that pass its filter: what classes are made from."""
    data = data_of(session, layer_id)
    return left_of(session.project.state.layer(layer_id), data, crs_of(session))


def left_of(layer: Layer, data: VectorData, crs: str) -> VectorData:
    """Return what of a layer's features passes its filter."""
    left = filtered(layer, data, crs)
    return left if isinstance(left, VectorData) else data


def fields_of(session: Session, layer_id: str) -> list[FieldFact]:
    """Return the columns of a layer, in their order."""
    from viewers.texts.values import field_label

    table = data_of(session, layer_id).attributes
    return [
        FieldFact(str(name), field_label(str(name), session.lang), is_number(table, str(name)))
        for name in table.columns if name != "geometry"
    ]  # fmt: skip


def set_style(session: Session, layer_id: str, style: Style, burst: str = "") -> None:
    """Draw a layer another way; changes of one burst are one step to undo.

    Rules and labels may name fields and values as the table shows them.
    """
    layer = session.project.state.layer(layer_id)
    style = _as_held(session, layer_id, style)
    if layer.style == style:
        return
    changed = replace(layer, style=style)
    session.history.do("history.style_layer", lambda state: state.with_layer(changed), burst)


def _as_held(session: Session, layer_id: str, style: Style) -> Style:
    """Return the style with rules and labels that ask for fields and values as the table holds them."""

    def held(text: str) -> str:
        if not text.strip():
            return text
        try:
            meant = expression_for(session, layer_id, text).text
            return text if meant == compile_expression(text).text else meant
        except UserError:  # what is typed halfway; the panel says what is wrong with it
            return text

    symbology, labels = style.symbology, style.labels
    if symbology is not None and symbology.kind == "rules" and layer_id in session.project.data:
        classes = tuple(replace(one, expression=held(one.expression)) for one in symbology.classes)
        style = replace(style, symbology=replace(symbology, classes=classes))
    if labels is not None and labels.expression and layer_id in session.project.data:
        style = replace(style, labels=replace(labels, expression=held(labels.expression)))
    return style


def style_by(
    session: Session,
    layer_id: str,
    kind: str,
    field_name: str = "",
    *,
    method: str = "",
    count: int = 0,
    ramp_name: str = "",
    reverse: bool = False,
) -> Symbology:
    """Propose a style of a layer, put it on, and return it.

    Parameters
    ----------
    session : Session
    layer_id : str
    kind : str
        One of :data:`models.style.kinds.KINDS`.
    field_name : str
        Needed by ``categorised``, ``graduated`` and ``ramp``.
    method : str
        Of graduated classes; empty takes quantiles.
    count : int
        Classes; 0 takes five.
    ramp_name : str
    reverse : bool

    Raises
    ------
    UserError
        ``style.no_field``, ``style.no_numbers``, ``style.unknown_method``, ``style.unknown_kind``,
        ``style.unknown_ramp``.
    """
    if kind not in KINDS:
        raise UserError("style.unknown_kind", kind=kind, known=", ".join(KINDS))
    if method and method not in METHODS:
        raise UserError("style.unknown_method", method=method)
    table = drawn_of(session, layer_id).attributes
    check_field(table, kind, field_name)
    made = proposed(kind, field_name, table)
    changes: dict[str, Any] = {"reverse": reverse}
    if ramp_name:
        changes["ramp"] = ramp(ramp_name).id
    if method:
        changes["method"] = method
    if count:
        changes["count"] = count
    made = classified(replace(made, **changes), table)
    layer = session.project.state.layer(layer_id)
    set_style(session, layer_id, replace(layer.style, symbology=made))
    return made


def check_field(table: Any, kind: str, field_name: str) -> None:
    """Refuse a field that is not there, or holds no numbers where numbers are needed.

    Raises
    ------
    UserError
        ``style.no_field``, ``style.no_numbers``.
    """
    if kind not in ("categorised", "graduated", "ramp"):
        return
    if field_name not in table.columns:
        known = ", ".join(str(name) for name in table.columns if name != "geometry")
        raise UserError("style.no_field", field=field_name or "—", known=known)
    if kind != "categorised" and not np.isfinite(numbers_of(table, field_name)).any():
        raise UserError("style.no_numbers", field=field_name)


def facts_of(layer: Layer, data: VectorData, lang: str, crs: str = "") -> StyleFacts:
    """Return counts, names and the histogram of what is drawn by a style; plain work on columns, for a job."""
    from viewers.render.symbology.style_legend import class_labels

    try:
        data = left_of(layer, data, crs)
    except UserError as error:
        return StyleFacts(total=data.count, error=error)
    symbology = layer.style.symbology
    if symbology is None or symbology.kind in ("heat", "hex"):
        return StyleFacts(total=data.count)
    table = data.attributes
    values = numbers_of(table, symbology.field) if symbology.kind in ("graduated", "ramp") else np.zeros(0)
    edges, heights = _histogram(values)
    if symbology.kind == "ramp":
        return StyleFacts(blank=int((~np.isfinite(values)).sum()), edges=edges, heights=heights, total=data.count)
    try:
        counts, other, blank = counts_of(symbology, codes_of(symbology, table_for(symbology, data)))
    except UserError as error:
        return StyleFacts(total=data.count, labels=tuple(class_labels(symbology, lang)), error=error)
    labels = tuple(class_labels(symbology, lang))
    return StyleFacts(counts, other, blank, labels, edges, heights, data.count)


def _histogram(values: Any) -> tuple[tuple[float, ...], tuple[float, ...]]:
    known = values[np.isfinite(values)]
    if len(known) < 2 or known.min() == known.max():
        return (), ()
    if len(known) > SAMPLE:
        known = np.sort(known)[np.linspace(0, len(known) - 1, SAMPLE).astype(np.int64)]
    heights, edges = np.histogram(known, bins=BARS)
    return tuple(edges.tolist()), tuple(heights.astype(float).tolist())


def save_style(session: Session, layer_id: str, path: Path) -> None:
    """Write a layer's style as a QGIS style (``.qml``).

    Raises
    ------
    UserError
        ``style.unknown_file`` for another suffix.
    """
    from models.store.atomic import write_text
    from models.store.qgis_style import qml

    if path.suffix.lower() != ".qml":
        raise UserError("style.unknown_file", file=path.name)
    layer, data = session.project.state.layer(layer_id), data_of(session, layer_id)
    text = qml(layer, data.frame)
    write_text(path, text)
    session.notices.info("notice.written", file=path.name)
    say_what_qgis_shows(session, (layer,))


def load_style(session: Session, layer_id: str, path: Path) -> None:
    """Take over a simple style of a QGIS (``.qml``) or OGC (``.sld``, ``.xml``) style file.

    Raises
    ------
    UserError
        ``style.unknown_file``, ``style.broken_file``, ``style.not_simple``.
    """
    from models.store.style_files import read_style

    layer = session.project.state.layer(layer_id)
    read = read_style(path)
    for caution in read.cautions:
        session.notices.add(notice_of_caution(caution))
    style = replace(layer.style, symbology=read.symbology, opacity=read.opacity)
    if read.labels is not None:
        style = replace(style, labels=read.labels)
    if read.scales is not None:
        style = replace(style, scales=read.scales)
    set_style(session, layer_id, style)


def pasted(onto: Style, copied: Style) -> Style:
    """Return a style with colours, forms, labels and ranges of another; fields that give heights stay its own."""
    return replace(
        onto, colour=copied.colour, opacity=copied.opacity, by=copied.by, size=copied.size,
        symbology=copied.symbology, labels=copied.labels, scales=copied.scales,
    )  # fmt: skip


def legend_rows(session: Session, layer: Layer) -> list[LegendEntry]:
    """Return the legend of one layer's style in the session's language."""
    from viewers.render.symbology.style_legend import layer_rows

    return layer_rows(layer, data_of(session, layer.id), session.lang, state=session.project.state)

"""What a layer is, for the property panel: its objects, its source, its coordinates, its style and place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.usecases.query.describe import Section
from models.core.value_text import coordinate
from models.crs.frame import crs_label
from models.layers.layer import Layer, LayerData, RasterData, VectorData, amount_in
from models.query.filtering import filtered
from models.roles import role_row

if TYPE_CHECKING:
    from app.session import Session


def describe_layer(session: Session, layer_id: str) -> list[Section]:
    """Return everything known of a layer, in the session's language.

    Raises
    ------
    UserError
        ``project.no_layer``.
    """
    layer, data = session.project.state.layer(layer_id), session.project.data.get(layer_id)
    parts = (
        ("section.identity", _identity(session, layer, data)),
        ("layers.info.source", _source(session, layer)),
        ("layers.info.place", _place(session, layer, data)),
    )
    return [Section(key, session.word(key), tuple(rows)) for key, rows in parts if rows]


def _identity(session: Session, layer: Layer, data: LayerData | None) -> list[tuple[str, str]]:
    word, state = session.word, session.project.state
    rows = [(word("layers.info.role"), word(role_row(layer.role).word))]
    if layer.name_en and layer.name_en != layer.name:
        other = layer.name if session.lang == "en" else layer.name_en
        rows.append((word("layers.info.other_name"), other))
    if (count := count_text(data)) and data is not None:
        rows.append((word("layers.info.count"), count))
    if layer.filter and isinstance(data, VectorData):
        frame = state.frame
        left = filtered(layer, data, frame.horizontal if frame is not None else "")
        rows.append((word("layers.info.filter"), layer.filter))
        if isinstance(left, VectorData):
            rows.append((word("layers.info.left"), f"{left.count:,}"))
    if isinstance(data, VectorData):
        rows.append((word("layers.info.fields"), f"{len(data.fields):,}"))
    group = next((group for group in state.groups if layer.id in group.layers), None)
    if group is not None:
        rows.append((word("layers.info.group"), group.title(session.lang)))
    if layer.synthetic:
        rows.append((word("layers.info.kind"), word("app.synthetic")))
    return rows


def count_text(data: LayerData | None) -> str:
    """Return how much a layer holds: objects, points, or columns and rows of cells; empty without data."""
    amount = amount_in(data)
    if amount is not None:
        return f"{amount:,}"
    if isinstance(data, RasterData):
        rows, columns = data.info.get("shape") or data.values.shape[:2]
        return f"{columns:,} × {rows:,}"
    return ""


def _source(session: Session, layer: Layer) -> list[tuple[str, str]]:
    word, source = session.word, layer.source
    rows = [(word("layers.info.file"), source.path or word("layers.info.inside"))]
    if source.path and source.sublayer:
        rows.append((word("layers.info.sublayer"), source.sublayer))
    if layer.data_source:
        rows.append((word("layers.info.made_by"), layer.data_source))
    return rows


def _place(session: Session, layer: Layer, data: LayerData | None) -> list[tuple[str, str]]:
    word = session.word
    crs = str(getattr(data, "crs", "") or layer.source.crs)
    rows = (
        [(word("layers.info.crs"), crs_label(crs) if crs else word("layers.info.no_crs"))] if data is not None else []
    )
    if layer.kind == "table":
        rows = []
    bounds = data.bounds if isinstance(data, VectorData) else None
    if bounds is not None:
        west, south, east, north = bounds
        is_fine = max(map(abs, bounds)) <= 360.0
        rows += [
            (word("layers.info.east"), f"{_at(west, is_fine)} – {_at(east, is_fine)}"),
            (word("layers.info.north"), f"{_at(south, is_fine)} – {_at(north, is_fine)}"),
        ]
    return rows


def _at(value: float, degrees: bool) -> str:
    return f"{value:.6f}" if degrees else coordinate(value)

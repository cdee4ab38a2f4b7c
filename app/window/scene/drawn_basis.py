"""What a drawn layer, and the colours of a theme, rest on: while it is the same, nothing is made anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.session import Session
from models.layers.layer import Layer, Source
from models.roles import ROLES, drawn_row
from viewers.render.symbology.style_colours import plain_style


def basis_of_theme(session: Session, results: Mapping[str, Any], old: frozenset[str]) -> object:
    """Return what colours and legend rest on: fifty models that arrive one by one change neither."""
    state, data = session.project.state, session.project.data
    plain = tuple(
        replace(layer, source=Source(options=layer.source.options)) for layer in state.layers if layer.kind != "model"
    )
    held = tuple(stamp for stamp in session.project.data_stamp() if stamp[0] in {layer.id for layer in plain})
    models = any(layer.kind == "model" and layer.visible and layer.id in data for layer in state.layers)
    here = tuple(layer.id in data for layer in plain)
    shown = results.get(state.theme.indicator) if state.theme.kind == "indicator" else None
    is_old = state.theme.indicator in old
    years = (id(state.health.years), state.health.base_year) if state.theme.focus in ("before", "change") else None
    return state.theme, session.lang, plain, held, here, models, id(shown), is_old, years, id(session.gate)


def as_drawn(layer: Layer) -> Layer:
    """Return what of a layer its own geometry depends on: not its name, and no colours or labels by value."""
    return replace(layer, visible=True, name="", name_en="", style=plain_style(layer.style))


def preparation_rank(layer: Layer) -> int:
    """Return the place of a layer in the order in which layers are made ready."""
    order = drawn_row(layer.kind, layer.role).load_order
    return len(ROLES) if order is None else order

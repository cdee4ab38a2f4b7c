"""From a layer and its data to :class:`~viewers.render.geometry.parts.Prepared`, on a worker thread.

A maker is ``make(layer, data, context) -> Prepared``; the row of the layer's role (:mod:`models.roles`) names it as
text and it is imported when first used, so that a project without pipes never loads the pipe maker.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from models.roles import drawn_row
from viewers.render.geometry.parts import Prepared
from viewers.render.palette.context import PrepareContext

if TYPE_CHECKING:
    from models.layers.layer import Layer, LayerData


def maker_of(layer: Layer) -> str | None:
    """Return ``"module:function"`` for a layer, None for one that has no place in space."""
    return drawn_row(layer.kind, layer.role).maker or None


def make_parts(layer: Layer, data: LayerData, context: PrepareContext) -> Prepared | None:
    """Make the parts of a layer by the maker of its role; None for what holds nothing that can be drawn."""
    target = maker_of(layer)
    if target is None:
        return None
    module, _, function = target.partition(":")
    make: Callable[[Layer, LayerData, PrepareContext], Prepared | None] = getattr(import_module(module), function)
    prepared = make(layer, data, context)
    return prepared if prepared is not None and (prepared.parts or prepared.stream is not None) else None

"""From a layer and its data to :class:`~viewers.render.geometry.parts.Prepared`: the table of makers, on a worker
thread.

A maker is ``make(layer, data, context) -> Prepared``; it is named as text and imported when first used, so that a
project without pipes never loads the pipe maker. The role decides; a layer without a role of its own is drawn by its
geometry alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

from viewers.render.geometry.parts import Prepared
from viewers.render.palette.context import PrepareContext

if TYPE_CHECKING:
    from models.layers.layer import Layer, LayerData

#: Role or, where the role is not listed, kind of a layer → the function that makes its parts.
MAKERS: Mapping[str, str] = MappingProxyType(
    {
        "terrain": "viewers.render.layers.terrain:make",
        "image": "viewers.render.layers.terrain:make_image",
        "surface": "viewers.render.layers.terrain:make_image",
        "land": "viewers.render.layers.surfaces:make_land",
        "green": "viewers.render.layers.surfaces:make_green",
        "water": "viewers.render.layers.surfaces:make_water",
        "roads": "viewers.render.layers.roads:make",
        "bridges": "viewers.render.layers.roads:make",
        "footways": "viewers.render.layers.roads:make_footways",
        "buildings": "viewers.render.layers.buildings:make",
        "parcels": "viewers.render.layers.areas:make",
        "districts": "viewers.render.layers.areas:make",
        "communities": "viewers.render.layers.areas:make",
        "amenities": "viewers.render.layers.areas:make",
        "trees": "viewers.render.layers.trees:make",
        "facilities": "viewers.render.layers.facilities:make",
        "sensors": "viewers.render.layers.facilities:make",
        "cases": "viewers.render.layers.facilities:make",
        "pipes": "viewers.render.layers.pipes:make",
        "pipe_nodes": "viewers.render.layers.pipes:make",
        "model": "viewers.render.layers.building_models:make",
        "cloud": "viewers.render.layers.point_cloud:make",
        "other": "viewers.render.layers.surfaces:make_other",
    }
)

#: Roles without a place in space.
UNDRAWN = frozenset({"readings", "surveys"})


def maker_of(layer: Layer) -> str | None:
    """Return ``"module:function"`` for a layer, None for one that has no place in space."""
    if layer.role in UNDRAWN or layer.kind == "table":
        return None
    if layer.kind in ("cloud", "terrain", "image", "surface", "model"):
        return MAKERS[layer.kind]
    return MAKERS.get(layer.role, MAKERS["other"])


def make_parts(layer: Layer, data: LayerData, context: PrepareContext) -> Prepared | None:
    """Make the parts of a layer by the maker of its role; None for what holds nothing that can be drawn."""
    target = maker_of(layer)
    if target is None:
        return None
    module, _, function = target.partition(":")
    make: Callable[[Layer, LayerData, PrepareContext], Prepared | None] = getattr(import_module(module), function)
    prepared = make(layer, data, context)
    return prepared if prepared is not None and (prepared.parts or prepared.stream is not None) else None

"""The shapes of a layer's style, put into a scene with their colours and scale range."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from models.layers.layer import Layer, LayerData
from viewers.render.geometry.parts import form_id
from viewers.render.palette.context import PrepareContext
from viewers.render.symbology.style_colours import style_colours
from viewers.render.symbology.style_shapes import form_layer, make_form

if TYPE_CHECKING:
    from models.terrain.ground import Ground
    from viewers.render.scene.scene import Scene


def put_form(scene: Scene, layer: Layer, data: LayerData, ground: Ground, waters: Sequence[LayerData] = ()) -> None:
    """Make and put what a layer's style draws beside it, with its colours and scale range; silent without a style."""
    style = layer.style
    scene.set_scales(layer.id, style.scales)
    if style.symbology is None and style.labels is None:
        return
    scene.put(form_layer(layer), make_form(layer, data, PrepareContext(scene.frame, ground), waters))
    scene.set_scales(form_id(layer.id), style.scales)
    colours = style_colours(layer, data, scene.frame)
    if colours is not None:
        for name in (layer.id, form_id(layer.id)):
            scene.set_colours(name, colours)

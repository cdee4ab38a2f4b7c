"""What a picture of the open project is made of, so that it can be held against a later time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from app.usecases.health import health
from models.layers.layer import Layer, LayerData, ModelData, VectorData, amount_in
from models.project.fingerprints import ROWS, SHAPES
from models.project.project import ProjectState
from models.views.scene_state import Theme
from models.views.seen import Seen, SeenLayer

if TYPE_CHECKING:
    from app.session import Session

#: Field that tells the state of components, which colours them.
STATE_FIELD = "ObjState"


def seen_now(session: Session, state: ProjectState, theme: Theme) -> Callable[[], Seen]:
    """Return what works out, on any thread, what a picture of a state is made of."""
    data, prints, lang = dict(session.project.data), session.project.fingerprints, session.lang
    crs = state.frame.horizontal if state.frame is not None else ""
    result = health.kept(session, theme.indicator) if theme.kind == "indicator" else None

    def one(layer: Layer) -> SeenLayer:
        held = data.get(layer.id)
        style = _print(repr((layer.style, layer.filter)))
        if held is None:
            return SeenLayer(layer.title(lang), style=style)
        rows = amount_in(held)
        return SeenLayer(layer.title(lang), -1 if rows is None else rows, data_print(layer, held), style)

    def data_print(layer: Layer, held: LayerData) -> str:
        if not layer.visible or not isinstance(held, VectorData | ModelData) or not crs:
            return ""
        fields = [ROWS]
        if isinstance(held, VectorData):
            wanted = (layer.style.by, layer.style.label_field, layer.style.height_field, STATE_FIELD)
            fields += [SHAPES, *dict.fromkeys(name for name in wanted if name and name in held.fields)]
        told = prints.of(layer, held, fields, crs)
        return _print(repr(sorted(told.items())))

    def work() -> Seen:
        layers = {layer.id: one(layer) for layer in state.layers}
        if result is None:
            return Seen(layers)
        places = {unit.unit_code or unit.title(lang): (unit.title(lang), unit.value) for unit in result.units}
        values = {"": ("", result.city.value), **places}
        return Seen(layers, result.code, result.definition.unit_text(lang), values)

    return work


def _print(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()

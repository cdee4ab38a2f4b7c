"""Add what a reader gave to the project as layers, in one undoable step, with the cautions of the reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.notices import notice_of_caution
from app.usecases.project.project_frame import LOCAL_CRS, FirstNamed, placed
from models.core.errors import Caution
from models.crs.doctor.reframed import reframed
from models.layers.joins import moved
from models.layers.layer import Layer, LayerData, ModelData, new_layer_id
from models.project.project import ProjectState

if TYPE_CHECKING:
    from app.session import Session
    from models.crs.frame import Frame

#: Option of a linked source: the CRS the user gave when it was first read, which need not be the one found.
ASKED_CRS = "asked_crs"
#: Option of a layer that is kept in the project: the file it came from, to read it again with other settings.
ORIGIN = "origin"
#: Cautions about this machine rather than about a file: fifty files need not say them fifty times.
_ONCE = ("io.cache_unwritable",)


def take_in(
    session: Session, path: Path, opened: list[Any], asked: Mapping[str, str], instead: Layer | None = None,
    named: FirstNamed | None = None, rank: int = 0,
) -> list[Layer]:  # fmt: skip
    """Add what a reader gave as layers on top, or in a layer's place, in one undoable step, and return them.

    Parameters
    ----------
    session : Session
    path : Path
    opened : list of Opened
    asked : mapping
        Reader settings.
    instead : Layer, optional
        The layer in whose place they come.
    named, rank : FirstNamed, int
        Files that were named together, and the place of this one among them: the first gives the project its frame.
    """
    state = session.project.state
    frame = (named or FirstNamed()).frame_of(state, opened, rank)
    if frame is not None and state.frame is not None and state.frame.horizontal == LOCAL_CRS != frame.horizontal:
        _stand_anew(session, frame)
    taken = {layer.id for layer in state.layers}
    layers: list[Layer] = []
    for item in opened:
        layer: Layer = item.layer
        if layer.id in taken:
            layer = replace(layer, id=new_layer_id(layer.id))
        taken.add(layer.id)
        if layer.kind in ("vector", "table"):  # kept inside the project's own file
            kept = {**layer.source.options, ORIGIN: str(path), ASKED_CRS: asked.get(ASKED_CRS, "")}
            layer = replace(layer, source=replace(layer.source, path="", options=kept))
        else:
            layer = replace(layer, source=replace(layer.source, path=str(path), options=dict(asked)))
        data = placed(item.data, frame) if frame else item.data
        adrift = data is not item.data and isinstance(data, ModelData)
        say_cautions(session, item.data, adrift=adrift)
        if adrift and isinstance(data, ModelData):
            layer = _in_shared_coordinates(session, layer, data)
        if instead is not None and not layers:
            layer = _with_settings_of(instead, layer)
        session.project.put_data(layer.id, data)
        layers.append(layer)

    def change(before: ProjectState) -> ProjectState:
        before = before if frame is None else reframed(before, frame)
        after = replace(before, name=before.name or path.stem)
        if instead is not None:
            return _with_layers_replaced(after, instead.id, layers)
        return replace(after, layers=(*after.layers, *layers))

    session.history.do("history.open_file" if instead is None else "history.read_again", change)
    session.notices.info("notice.layers_added", file=path.name, count=len(layers))
    return layers


def _stand_anew(session: Session, frame: Frame) -> None:
    """Stand models without a place, which came while there was nothing else, on the origin of the first real frame."""
    for layer in session.project.state.layers:
        data = session.project.data.get(layer.id)
        if isinstance(data, ModelData) and data.crs == LOCAL_CRS and layer.standing is None:
            session.project.put_data(layer.id, placed(replace(data, crs=""), frame))


def _with_settings_of(old: Layer, layer: Layer) -> Layer:
    """Return a layer that was read again with what a person had set on the one before."""
    if old.kind != layer.kind:
        return replace(layer, name=old.name, name_en=old.name_en, data_source=old.data_source)
    return replace(
        layer, name=old.name, name_en=old.name_en, data_source=old.data_source, role=old.role, style=old.style,
        visible=old.visible, filter=old.filter, cim_level=old.cim_level,
    )  # fmt: skip


def _with_layers_replaced(state: ProjectState, old: str, layers: list[Layer]) -> ProjectState:
    """Return a state in which layers stand where one stood, and joins and edits follow to the first of them."""
    at = next(number for number, layer in enumerate(state.layers) if layer.id == old)
    return replace(
        state,
        layers=(*state.layers[:at], *layers, *state.layers[at + 1 :]),
        joins=moved(state.joins, old, layers[0].id),
        edits=tuple(replace(edit, layer=layers[0].id) if edit.layer == old else edit for edit in state.edits),
    )


def _in_shared_coordinates(session: Session, layer: Layer, data: ModelData) -> Layer:
    """Give a model without georeferencing the placement of the model whose coordinates it shares, with a caution."""
    from app.usecases.crs.placement import beside

    found = beside(session, data)
    facts = {"layer": layer.title(session.lang), "layer_id": layer.id}
    if found is None:
        session.notices.add(notice_of_caution(Caution("model.no_place", **facts)))
        return layer
    other, place = found
    session.notices.add(notice_of_caution(Caution("model.beside", other=other.title(session.lang), **facts)))
    return replace(layer, place=place)


def say_cautions(session: Session, data: LayerData, *, adrift: bool = False) -> None:
    """Say what is uncertain; why a model is ``adrift`` its properties tell, one sentence says that it is."""
    codes = {caution.code for caution in data.cautions}
    left_out = {"io.no_georeference", "io.default_latlon"} if adrift else set()
    if "io.no_georeference" in codes:
        left_out.add("io.default_latlon")
    for caution in data.cautions:
        notice = notice_of_caution(caution)
        is_known = caution.code in _ONCE and notice in session.notices.all
        if caution.code not in left_out and not is_known:
            session.notices.add(notice)

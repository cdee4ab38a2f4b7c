"""Add what a reader gave to the project as layers, in one undoable step, with the cautions of the reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.notices import notice_of_caution
from app.usecases.crs.placement import beside
from app.usecases.crs.unsure_place import doubted, is_adrift, is_lone, is_near_origin, offer_origins, set_down
from app.usecases.project.project_frame import LOCAL_CRS, FirstNamed, frame_for, is_doubtful, placed
from models.bim.placement import is_lost
from models.core.errors import Caution
from models.crs.doctor.reframed import reframed
from models.layers.joins import moved
from models.layers.layer import Layer, LayerData, ModelData, amount_in, new_layer_id
from models.project.business_keys import GONE_OID, Renaming, between
from models.project.project import ProjectState
from models.project.rekeyed import named_objects, rekeyed

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
    frame = _frame_of_the_sure(session, (named or FirstNamed()).frame_of(state, opened, rank), opened)
    anew: dict[str, Layer] = {}
    if frame is not None and state.frame is not None and frame != state.frame:
        anew = _stand_anew(session, state.frame, frame)
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
        said: Caution | None = None
        if frame is not None and isinstance(data, ModelData) and is_lone(data):
            layer, said = doubted(session, layer, data, frame)
        say_cautions(session, item.data, adrift=adrift, instead=said)
        if adrift and isinstance(data, ModelData):
            layer = _in_shared_coordinates(session, layer, data)
        if instead is not None and not layers:
            layer = _with_settings_of(instead, layer)
        session.project.put_data(layer.id, data)
        layers.append(layer)

    led = None if instead is None else _led(session, instead, layers[0])

    def change(before: ProjectState) -> ProjectState:
        before = before if frame is None else reframed(before, frame)
        before = replace(before, layers=tuple(anew.get(layer.id, layer) for layer in before.layers))
        after = replace(before, name=before.name or path.stem)
        if instead is not None:
            return _with_layers_replaced(after, instead.id, layers, led)
        return replace(after, layers=(*after.layers, *layers))

    session.history.do("history.open_file" if instead is None else "history.read_again", change)
    session.notices.info("notice.layers_added", file=path.name, count=len(layers))
    offer_origins(session, [layer.id for layer in layers])
    return layers


def _frame_of_the_sure(session: Session, frame: Frame | None, opened: list[Any]) -> Frame | None:
    """Return the frame of what comes, where nothing that is there knows where it stands and this does."""
    state, data = session.project.state, session.project.data
    if frame is None or frame != state.frame or not state.layers:
        return frame
    if any(layer.id not in data or not is_adrift(layer, data[layer.id]) for layer in state.layers):
        return frame
    found = frame_for([item.data for item in opened if not is_lone(item.data) and not is_doubtful(item.layer)])
    return frame if found is None or found.horizontal == LOCAL_CRS else found


def _stand_anew(session: Session, old: Frame, frame: Frame) -> dict[str, Layer]:
    """Stand models that nobody placed, which came while there was nothing better, on the origin of another frame."""
    changed: dict[str, Layer] = {}
    east, north, height = (float(new - was) for new, was in zip(frame.origin, old.origin, strict=True))
    for layer in session.project.state.layers:
        data = session.project.data.get(layer.id)
        if not isinstance(data, ModelData) or layer.standing is not None or not is_lost(layer, data):
            continue
        if data.info.get("georef") == "none" and data.crs == old.horizontal:
            session.project.put_data(layer.id, placed(replace(data, crs=""), frame))
        if layer.place is not None and layer.place.crs == old.horizontal:
            place = replace(layer.place.moved(east, north, height), crs=frame.horizontal)
            changed[layer.id] = replace(layer, place=place)
        elif layer.place is None and is_lone(data) and not is_near_origin(data, frame):
            changed[layer.id] = set_down(layer, data, frame)
    return changed


def _with_settings_of(old: Layer, layer: Layer) -> Layer:
    """Return a layer that was read again with what a person had set on the one before."""
    if old.kind != layer.kind:
        return replace(layer, name=old.name, name_en=old.name_en, data_source=old.data_source)
    return replace(
        layer, name=old.name, name_en=old.name_en, data_source=old.data_source, role=old.role, style=old.style,
        visible=old.visible, filter=old.filter, cim_level=old.cim_level,
        code_edition=old.code_edition or layer.code_edition,
    )  # fmt: skip


def _led(session: Session, old: Layer, new: Layer) -> Renaming | None:
    """Return where the objects of a layer stand in what comes in its place, and say what is gone.

    Without a business key the rows of a table of the same length are taken for the same objects, as where a file is
    read again in another encoding or CRS; of a table of another length nothing can be said.
    """
    before, after = session.project.data.get(old.id), session.project.data[new.id]
    if before is None:
        return None
    led = between(before, after)
    if led is None and amount_in(before) == amount_in(after):
        return None
    named = named_objects(session.project.state).get(old.id)
    if led is None:
        if named is not None:
            session.notices.add(notice_of_caution(Caution("layer.no_common_key", layer=old.name, count=len(named))))
        return Renaming(np.zeros(0, np.int64), np.zeros(0, np.int64))
    gone = 0 if named is None else int((led.of(named) == GONE_OID).sum())
    if gone:
        session.notices.add(notice_of_caution(Caution("layer.named_gone", layer=old.name, count=gone)))
    return led


def _with_layers_replaced(state: ProjectState, old: str, layers: list[Layer], led: Renaming | None) -> ProjectState:
    """Return a state in which layers stand where one stood, and all that named its objects follows to the first."""
    at = next(number for number, layer in enumerate(state.layers) if layer.id == old)
    after = replace(
        state,
        layers=(*state.layers[:at], *layers, *state.layers[at + 1 :]),
        joins=moved(state.joins, old, layers[0].id),
    )
    if led is not None:
        return rekeyed(after, old, layers[0].id, led)
    edits = tuple(replace(edit, layer=layers[0].id) if edit.layer == old else edit for edit in state.edits)
    return replace(after, edits=edits)


def _in_shared_coordinates(session: Session, layer: Layer, data: ModelData) -> Layer:
    """Give a model without georeferencing the placement of the model whose coordinates it shares, with a caution."""
    found = beside(session, data)
    facts = {"layer": layer.title(session.lang), "layer_id": layer.id}
    if found is None:
        session.notices.add(notice_of_caution(Caution("model.no_place", **facts)))
        return layer
    other, place = found
    session.notices.add(notice_of_caution(Caution("model.beside", other=other.title(session.lang), **facts)))
    return replace(layer, place=place)


def say_cautions(session: Session, data: LayerData, *, adrift: bool = False, instead: Caution | None = None) -> None:
    """Say what is uncertain; why a model is ``adrift`` its properties tell, one sentence says that it is.

    What the other layers say of a lone latitude and longitude is said ``instead`` of the reader's word on it.
    """
    codes = {caution.code for caution in data.cautions}
    left_out = {"io.no_georeference", "io.default_latlon"} if adrift else set()
    if "io.no_georeference" in codes:
        left_out.add("io.default_latlon")
    if instead is not None:
        left_out.add("io.placed_by_latlon")
        session.notices.add(notice_of_caution(instead))
    for caution in data.cautions:
        notice = notice_of_caution(caution)
        is_known = caution.code in _ONCE and notice in session.notices.all
        if caution.code not in left_out and not is_known:
            session.notices.add(notice)

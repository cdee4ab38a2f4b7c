"""Models whose place nobody bears out: what agrees with a lone latitude and longitude, and whose origin a model shares.

Invariants
----------
1. A lone latitude and longitude is never sure by itself. Among layers that know where they stand it counts if they are
   in the same town; else the model is set down on the project's origin and its own place is offered.
2. A model without a place is never silently given that of another one that has its own: the same origin is offered
   where the boxes of both, each in its own coordinates, agree. Taking it is one undoable step.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from app.notices import notice_of_caution
from app.usecases.crs.placement import matrix_of, model_of, models_of, place_report
from app.usecases.project.project_frame import place_of
from models.bim.georeference import GeorefReport
from models.bim.placement import foot_of, is_lost, placement_of, standing
from models.bim.placement_value import BESIDE, SET_DOWN, SHARED, Placement
from models.core.errors import Caution, UserError
from models.crs.frame import Frame, transformer
from models.layers.layer import Layer, LayerData, ModelData
from resources.standards import standard

if TYPE_CHECKING:
    from app.session import Session

#: Share of the smaller of two boxes, in plan, that lies in the other where both have one origin.
LEAST_SHARED = 0.5
#: Metres by which the heights of two such boxes may be apart.
HEIGHT_GAP_M = 10.0


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the other layers say of a lone latitude and longitude.

    Parameters
    ----------
    layer : Layer or None
        The nearest layer that knows where it stands, None where there is none.
    away_m : float
        How far it is; 0 inside of it.
    """

    layer: Layer | None = None
    away_m: float = float("inf")

    @property
    def is_borne_out(self) -> bool:
        """Whether they are in the same town."""
        return self.away_m <= _limit("agrees_m")


def is_lone(data: LayerData) -> bool:
    """Whether a model says where it stands by latitude and longitude only."""
    return isinstance(data, ModelData) and data.info.get("georef") == "site_latlon" and bool(data.crs)


def is_adrift(layer: Layer, data: LayerData) -> bool:
    """Whether a layer tells a project nothing of where on the Earth it is: a lost model, a table, a base map."""
    return is_lost(layer, data) if isinstance(data, ModelData) else place_of(data) is None


def is_near_origin(data: ModelData, frame: Frame) -> bool:
    """Whether a model's own place is in the town in which a project is."""
    east, north, *_ = data.placement @ [*foot_of(data), 1.0]
    x, y = transformer(data.crs, frame.horizontal).transform(float(east), float(north))
    return float(np.hypot(x - frame.origin[0], y - frame.origin[1])) <= _limit("agrees_m")


def agreement(session: Session, data: ModelData, besides: Iterable[str] = ()) -> Agreement:
    """Hold a model's own place against the layers that know where they stand.

    A layer as large as a country bears nothing out, and neither does another model's lone latitude and longitude: one
    office writes the same mistake into all of its files.
    """
    from pyproj import Geod

    lon, lat = transformer(data.crs, "EPSG:4326").transform(*(data.placement @ [*foot_of(data), 1.0])[:2])
    best, left_out = Agreement(), set(besides)
    for layer, other in _anchored(session):
        box = None if layer.id in left_out else _lonlat_box(layer, other)
        if box is None:
            continue
        geod = Geod(ellps="WGS84")
        (west, south), (east, north) = box
        if geod.inv(west, south, east, north)[2] > _limit("largest_witness_m"):
            continue
        near = float(np.clip(lon, west, east)), float(np.clip(lat, south, north))
        away = float(geod.inv(lon, lat, *near)[2])
        if away < best.away_m:
            best = Agreement(layer, away)
    return best


def weighed_report(session: Session, layer_id: str) -> GeorefReport:
    """Return where a model stands and why, with what the other layers of the project say of it."""
    found = place_report(session, layer_id)
    layer, data = model_of(session, layer_id)
    if layer.place is not None:
        return replace(found, certainty="doubtful") if layer.place.basis == BESIDE else found
    if found.certainty == "unsure":
        seen = agreement(session, data, {layer_id})
        if seen.layer is not None and seen.is_borne_out:
            agrees = Caution(
                "place.latlon_agrees", layer=layer.title(session.lang), other=seen.layer.title(session.lang)
            )
            said = tuple(one for one in found.reasons if one["code"] != "io.placed_by_latlon")
            return replace(found, certainty="likely", reasons=(*said, agrees.as_dict()))
    return found


def _anchored(session: Session) -> Iterator[tuple[Layer, LayerData]]:
    """Yield the layers that know where they stand."""
    for layer in session.project.state.layers:
        data = session.project.data.get(layer.id)
        if data is None or (isinstance(data, ModelData) and is_lost(layer, data)):
            continue
        if layer.verdict is not None and layer.verdict.code == "local_grid":
            continue
        yield layer, data


def _lonlat_box(layer: Layer, data: LayerData) -> tuple[tuple[float, float], tuple[float, float]] | None:
    try:
        place = place_of(standing(layer, data))
        if place is None:
            return None
        crs, corners = place
        lon, lat = transformer(crs, "EPSG:4326").transform(corners[:, 0], corners[:, 1])
    except UserError:
        return None
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        return None
    return (float(lon.min()), float(lat.min())), (float(lon.max()), float(lat.max()))


def set_down(layer: Layer, data: ModelData, frame: Frame) -> Layer:
    """Return a model's layer on the origin of the project, whatever its file says."""
    east, north, height = (float(value) for value in frame.origin)
    place = Placement(east, north, height, crs=frame.horizontal, anchor=foot_of(data), basis=SET_DOWN)
    return replace(layer, place=place)


def doubted(session: Session, layer: Layer, data: ModelData, frame: Frame) -> tuple[Layer, Caution | None]:
    """Return a new model's layer, set down where the layers that are there contradict its latitude and longitude.

    Returns
    -------
    layer : Layer
    caution : Caution or None
        What to say instead of the reader's own word on it; None where nothing speaks for or against.
    """
    found = agreement(session, data)
    if found.layer is None:
        return layer, None
    facts = {"layer": layer.title(session.lang), "layer_id": layer.id, "other": found.layer.title(session.lang)}
    if found.is_borne_out:
        return layer, Caution("place.latlon_agrees", **facts)
    km = round(found.away_m / 1000)
    return set_down(layer, data, frame), Caution("place.latlon_contradicted", km=km, **facts)


# --- the same origin ------------------------------------------------------------------------------------------------


def sharing(session: Session, layer_id: str, among: Container[str] | None = None) -> list[Layer]:
    """Return the placed models with which a model without a sure place seems to share its local origin.

    Parameters
    ----------
    session : Session
    layer_id : str
    among : container of str, optional
        Ids of the models that are asked; all where none are named.
    """
    layer, data = model_of(session, layer_id)
    if not is_lost(layer, data):
        return []
    found = []
    for other in models_of(session):
        there = session.project.data[other.id]
        if (
            other.id != layer_id
            and (among is None or other.id in among)
            and isinstance(there, ModelData)
            and _is_placed(other, there)
            and boxes_agree(data, there)
        ):
            found.append(other)
    return found


def _is_placed(layer: Layer, data: ModelData) -> bool:
    """Whether a building stands somewhere for a reason, be it only a latitude and longitude."""
    if data.info.get("city"):
        return False
    return not is_lost(layer, data) or (layer.place is None and is_lone(data))


def boxes_agree(one: ModelData, other: ModelData) -> bool:
    """Whether two models, each in its own coordinates, lie in one another as the parts of a building do."""
    a, b = one.meshes.bounds(), other.meshes.bounds()
    if a is None or b is None:
        return False
    low, high = np.maximum(a[0], b[0]), np.minimum(a[1], b[1])
    if (high[:2] < low[:2]).any() or low[2] - high[2] > HEIGHT_GAP_M:
        return False
    smaller = min(float(np.prod(np.maximum(box[1, :2] - box[0, :2], 0.01))) for box in (a, b))
    return float(np.prod(np.maximum(high[:2] - low[:2], 0.01))) >= LEAST_SHARED * smaller


def share_origin(session: Session, layer_id: str, other_id: str) -> None:
    """Let a model stand on the local origin of another one; one undoable step.

    Raises
    ------
    UserError
        ``place.not_a_model``, ``place.own_origin``.
    """
    layer, data = model_of(session, layer_id)
    model_of(session, other_id)
    if layer_id == other_id:
        raise UserError("place.own_origin", layer=layer.title(session.lang))
    frame = session.project.state.frame
    assert frame is not None  # noqa: S101 - a model brought one
    place = replace(placement_of(matrix_of(session, other_id), frame.horizontal, foot_of(data)), basis=SHARED)
    session.history.do("history.share_origin", lambda state: state.with_layer(replace(layer, place=place)))


def stand_together(session: Session, one: str, other: str) -> None:
    """Let the lost one of two models stand on the local origin of the other.

    Raises
    ------
    UserError
        ``place.no_shared_origin`` where neither is lost and placed, or their own coordinates do not agree.
    """
    for lost, placed in ((one, other), (other, one)):
        if placed in {layer.id for layer in sharing(session, lost)}:
            share_origin(session, lost, placed)
            return
    titles = [model_of(session, layer_id)[0].title(session.lang) for layer_id in (one, other)]
    raise UserError("place.no_shared_origin", file=titles[0], other=titles[1])


def offer_origins(session: Session, fresh: Iterable[str]) -> None:
    """Say which models without a sure place seem to share the origin of a placed one; of pairs with a new layer."""
    new = set(fresh)
    for layer in models_of(session):
        among = None if layer.id in new else new  # a pair of old ones was offered when the later of them came
        for other in sharing(session, layer.id, among)[:1]:
            facts = {"layer": layer.title(session.lang), "layer_id": layer.id,
                     "other": other.title(session.lang), "other_id": other.id}  # fmt: skip
            session.notices.add(notice_of_caution(Caution("model.same_origin", **facts)))


def _limit(name: str) -> float:
    return float(standard("ifc_georef")["limits"][name])

"""Levels of detail of city models, and the surface that was clicked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from models.bim import city_objects
from models.bim.placement import standing
from models.layers.layer import Layer, ModelData, is_city_model

if TYPE_CHECKING:
    from app.background.jobs import Job
    from app.session import Session

#: Option of a source: the level of detail that is read, absent for the highest.
LOD = "lod"


def lods(session: Session, layer_id: str) -> tuple[dict[str, int], str]:
    """Return the levels of detail of a layer with the number of objects of each, and the one asked for."""
    data = session.project.data.get(layer_id)
    return city_objects.lods_of(data), city_objects.lod_shown(data)


def with_choice(session: Session) -> list[Layer]:
    """Return the layers that have several levels of detail."""
    known = session.project.data
    return [layer for layer in session.project.state.layers if len(city_objects.lods_of(known.get(layer.id))) > 1]


def choose_lod(session: Session, layer_id: str, lod: str) -> Job | None:
    """Show a city model in a level of detail, in one undoable step; empty for the highest of each object.

    Returns
    -------
    Job or None
        The reading; None where it is shown so already.
    """
    layer = session.project.state.layer(layer_id)
    options = {key: value for key, value in layer.source.options.items() if key != LOD}
    if lod:
        options[LOD] = lod
    if options == dict(layer.source.options):
        return None
    asked = replace(layer, source=replace(layer.source, options=options))
    session.history.do("history.lod", lambda state: state.with_layer(asked))
    return follow(session, asked)


def follow(session: Session, layer: Layer) -> Job | None:
    """Read a layer again whose data is not in the level of detail that its source asks for (after an undo, say)."""
    from app.usecases.project.opening import load_source

    data = session.project.data.get(layer.id)
    if not is_city_model(data) or not layer.source.path:
        return None
    return None if city_objects.lod_shown(data) == layer.source.options.get(LOD, "") else load_source(session, layer)


def clicked_rows(session: Session, layer: Layer, data: ModelData, oid: int) -> list[tuple[str, str]]:
    """Return what is known of the surface that was clicked last, if it is one of this object."""
    from models.crs.frame import crs_label, transformer
    from viewers.texts.values import field_label, field_value

    picked = session.picked
    frame = session.project.state.frame
    if picked is None or picked[0].layer != layer.id or picked[0].oid != oid or frame is None:
        return []
    stands = standing(layer, data)
    if not isinstance(stands, ModelData):
        return []
    place = np.array(picked[1], dtype=np.float64)
    if stands.crs and stands.crs != frame.horizontal and crs_label(stands.crs) != crs_label(frame.horizontal):
        place[:2] = transformer(frame.horizontal, stands.crs).transform(place[0], place[1])
    surface = city_objects.surface_at(stands, oid, place)
    if surface is None:
        return []
    rows = [(field_label("surface", session.lang), field_value("surface", surface.type, session.lang))]
    rows.append((field_label("surface_area", session.lang), f"{surface.area_m2:,.1f} m²"))
    rows += [
        (field_label(key, session.lang), field_value(key, value, session.lang))
        for key, value in surface.attributes.items()
    ]
    return rows

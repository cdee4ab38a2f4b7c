"""When an action can be done, and whether one that is switched is on: questions to the session."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.session import Session
    from models.layers.layer import Layer

Condition = Callable[["Session"], bool]


def always(_: Session) -> bool:
    """Can be done at any time."""
    return True


def has_city(session: Session) -> bool:
    """Whether anything is open."""
    return bool(session.project.state.layers)


def reaches_outside(session: Session) -> bool:
    """Whether the open project would go somewhere that the person has not allowed."""
    return bool(session.withheld)


def has_table(session: Session) -> bool:
    """Whether there is a layer with a table of attributes."""
    return any(layer.kind in ("vector", "table") for layer in session.project.state.layers)


def has_hydraulic_model(session: Session) -> bool:
    """Whether layers of a SWMM or EPANET model are open."""
    return any(layer.source.reader == "inp" for layer in session.project.state.layers)


def current_layer_of(session: Session) -> Layer | None:
    """Return the current layer, None where there is none."""
    return next((layer for layer in session.project.state.layers if layer.id == session.current_layer.id), None)


def has_current_layer(session: Session) -> bool:
    """Whether a layer is current."""
    return current_layer_of(session) is not None


def current_is(*kinds: str) -> Condition:
    """Return whether the current layer is of some kind; where none is current, whether any layer is."""

    def holds(session: Session) -> bool:
        current = current_layer_of(session)
        layers = session.project.state.layers if current is None else (current,)
        return any(layer.kind in kinds for layer in layers)

    return holds


def meets(condition: Condition, suits: Callable[[Layer], bool]) -> Condition:
    """Return whether a condition holds and the current layer, if there is one, suits."""

    def holds(session: Session) -> bool:
        current = current_layer_of(session)
        return condition(session) and (current is None or suits(current))

    return holds


def has_raster(session: Session) -> bool:
    """Whether there is a raster from a file."""
    return any(layer.source.reader == "raster" for layer in session.project.state.layers)


def has_basemap(session: Session) -> bool:
    """Whether there is a base map of tiles."""
    return any(layer.source.reader == "basemap" for layer in session.project.state.layers)


def has_selection(session: Session) -> bool:
    """Whether anything is selected."""
    return bool(session.selection.keys)


def has_districts(session: Session) -> bool:
    """Whether there are units for which indicators can be computed."""
    return bool(session.project.state.with_role("districts"))


def has_facilities(session: Session) -> bool:
    """Whether there is a register of municipal components."""
    return bool(session.project.state.with_role("facilities"))


def has_server_layer(session: Session) -> bool:
    """Whether a layer came from a server."""
    return any("server_asked" in layer.source.options for layer in session.project.state.layers)


def has_cloud(session: Session) -> bool:
    """Whether there is a point cloud."""
    return any(layer.kind == "cloud" for layer in session.project.state.layers)


def has_model(session: Session) -> bool:
    """Whether there is a building model."""
    return any(layer.kind == "model" for layer in session.project.state.layers)


def has_lods(session: Session) -> bool:
    """Whether there is a city model with several levels of detail."""
    return any(
        layer.kind == "model" and len(getattr(session.project.data.get(layer.id), "info", {}).get("lods") or ()) > 1
        for layer in session.project.state.layers
    )


def has_rooms(session: Session) -> bool:
    """Whether a building model has rooms or zones with a shape."""
    data = session.project.data
    return any(
        getattr(getattr(data.get(layer.id), "meshes", None), "placement_room", None) is not None
        for layer in session.project.state.layers
    )


def shows_rooms(session: Session) -> bool:
    """Whether rooms are drawn."""
    return any(look.spaces for look in session.visibility.elements.values())


def has_model_selection(session: Session) -> bool:
    """Whether something of a building model is selected."""
    models = {layer.id for layer in session.project.state.layers if layer.kind == "model"}
    return any(layer in models for layer in session.selection.layers)


def has_placed_model(session: Session) -> bool:
    """Whether a building model stands where a person put it."""
    return any(layer.place is not None for layer in session.project.state.layers)


def has_hidden(session: Session) -> bool:
    """Whether anything of the models is hidden or faded, or the ground is looked through."""
    return session.visibility.through is not None or any(
        look.hidden or look.ghost for look in session.visibility.elements.values()
    )


def has_colours(session: Session) -> bool:
    """Whether models are coloured by a property."""
    return any(look.colours for look in session.visibility.elements.values())


def has_cut(session: Session) -> bool:
    """Whether anything is cut away, or storeys are drawn apart."""
    cut = session.visibility.cut
    return bool(cut.planes or cut.box) or any(look.lift_m for look in session.visibility.elements.values())


def has_topics(session: Session) -> bool:
    """Whether there is anything to talk about."""
    return bool(session.project.state.topics)


def has_opinions(session: Session) -> bool:
    """Whether an opinion was noted."""
    return any(topic.is_opinion for topic in session.project.state.topics)


def has_agenda(session: Session) -> bool:
    """Whether there are stops to show."""
    return bool(session.project.state.review.stops)


def has_sheets(session: Session) -> bool:
    """Whether the project keeps map sheets."""
    return bool(session.project.state.review.sheets)


def has_viewpoints(session: Session) -> bool:
    """Whether there are saved views."""
    return bool(session.project.state.viewpoints)


def has_layer_themes(session: Session) -> bool:
    """Whether there are themes of layers."""
    return bool(session.project.state.layer_themes)


def has_groups(session: Session) -> bool:
    """Whether layers stand in groups."""
    return bool(session.project.state.groups)


def has_paths(session: Session) -> bool:
    """Whether there is a path to fly along."""
    return bool(session.project.state.paths)


def has_pits(session: Session) -> bool:
    """Whether the ground is dug away somewhere."""
    return bool(session.project.state.pits)


def has_notes(session: Session) -> bool:
    """Whether anything is written into the city."""
    return bool(session.project.state.notes)


def sun_is_chosen(session: Session) -> bool:
    """Whether the city is lit by the sun of a moment."""
    return session.visibility.sun is not None


def rings_are_drawn(session: Session) -> bool:
    """Whether the service radius of a selected facility is drawn."""
    return bool(session.settings.get("service_radius"))


def looks_through(session: Session) -> bool:
    """Whether the ground is looked through."""
    return session.visibility.through is not None


def can_undo(session: Session) -> bool:
    """Whether there is a change to take back."""
    return bool(session.history.undo_label)


def can_redo(session: Session) -> bool:
    """Whether there is a change to do again."""
    return bool(session.history.redo_label)


def has_pipes(session: Session) -> bool:
    """Whether there is a layer of pipes."""
    return bool(session.project.state.with_role("pipes"))


def pipes_are_coloured_by(name: str) -> Condition:
    """Return whether the pipes are coloured by a row of ``pipe_themes.toml``."""

    def holds(session: Session) -> bool:
        theme = session.project.state.theme
        return theme.kind == "pipes" and theme.indicator == name

    return holds


def pipes_show(name: str) -> Condition:
    """Return whether words, arrows or tints of the pipes are on."""
    return lambda session: any(
        getattr(layer.style.pipes, name) for layer in session.project.state.with_role("pipes")
    )  # fmt: skip


def signs_are_shown(session: Session) -> bool:
    """Whether signs stand over the components of any layer."""
    return any(layer.style.signs for layer in session.project.state.with_role("facilities"))


def has_gate(session: Session) -> bool:
    """Return whether the quality gate has judged something."""
    return session.gate is not None


def theme_is(kind: str) -> Condition:
    """Return whether the city is coloured in this way."""
    return lambda session: session.project.state.theme.kind == kind


def indicator_is(code: str) -> Condition:
    """Return whether this indicator colours the city."""
    return lambda session: theme_is("indicator")(session) and session.project.state.theme.indicator == code


def look_is(name: str) -> Condition:
    """Return whether the window wears this theme."""
    return lambda session: session.settings.get("theme") == name


def lang_is(lang: str) -> Condition:
    """Return whether this language is spoken."""
    return lambda session: session.lang == lang

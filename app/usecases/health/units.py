"""Check units of a project: propose, edit, accept as a version, go back to the administrative ones.

A set lives in the project's state with its shapes; the layer that shows it is made from it. Its id names its content,
so that undo and redo find the very table that was there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.usecases.layers import exporting
from app.usecases.review.topics import author
from models.core.errors import UserError
from models.health.units.codes import UnitCodes
from models.health.units.rules import Level, unit_rules
from models.health.units.unit_sets import DRAFT, StoodAside, UnitSet
from models.layers.layer import Layer, Source, Style, VectorData
from models.review.topics import now
from models.roles import role_named
from models.style.kinds import Class, Symbology
from resources.standards import standard
from resources.words import word

if TYPE_CHECKING:
    import shapely

    from app.background.jobs import Job
    from app.session import Session
    from models.core.progress import Progress
    from models.health.units.fitness import Fitness
    from models.health.units.proposing import ProposeOptions
    from models.health.units.sources import People
    from models.health.units.versions import UnitChange
    from models.project.project import ProjectState
    from models.project.selection import ObjectKey

#: Levels in the order in which they are offered.
LEVELS = ("community", "block", "estate")


# --- asking -----------------------------------------------------------------------------------------------------------


def level_named(name: str) -> Level:
    """Return a level by its id.

    Raises
    ------
    UserError
        ``units.no_level``.
    """
    if name not in unit_rules().ids:
        raise UserError("units.no_level", level=name, known=", ".join(unit_rules().ids))
    return unit_rules().level(name)


def set_of(state: ProjectState, level: str, version: int = DRAFT) -> UnitSet | None:
    """Return the draft or a version of a level; None where there is none."""
    return next((one for one in state.health.unit_sets if (one.level, one.version) == (level, version)), None)


def versions_of(state: ProjectState, level: str) -> tuple[UnitSet, ...]:
    """Return the accepted versions of a level, oldest first."""
    return tuple(one for one in state.health.unit_sets if one.level == level and one.version != DRAFT)


def in_effect(state: ProjectState, level: str) -> UnitSet | None:
    """Return the version by which the indicators are worked out now; None for the administrative units."""
    shown = {layer.id for layer in state.with_role(level_named(level).role)}
    return next((one for one in reversed(versions_of(state, level)) if one.layer in shown), None)


def shown_set(state: ProjectState, level: str) -> UnitSet | None:
    """Return what a person looks at: the draft, else the version in effect, else the newest one."""
    found = set_of(state, level) or in_effect(state, level)
    return found or next(reversed(versions_of(state, level)), None)


def version_named(state: ProjectState, level: str, version: int) -> UnitSet:
    """Return a version, or the draft for 0.

    Raises
    ------
    UserError
        ``units.no_draft``, ``units.no_version``.
    """
    found = set_of(state, level, version)
    if found is None:
        code = "units.no_version" if version else "units.no_draft"
        raise UserError(code, level=level_named(level).name, version=version)
    return found


def administrative(session: Session) -> dict[ObjectKey, Fitness]:
    """Return the fitness of the units by which the indicators are worked out now."""
    from models.health.units.fitness import unit_fitness

    return unit_fitness(session.project.state, session.project.data)


def changes_between(session: Session, level: str, before: int, after: int) -> tuple[UnitChange, ...]:
    """Return what two versions do not have alike; 0 is the draft."""
    from models.health.units.versions import compared

    state = session.project.state
    return compared(version_named(state, level, before), version_named(state, level, after))


# --- making -----------------------------------------------------------------------------------------------------------


def propose_units(session: Session, level: str, options: ProposeOptions | None = None) -> Job:
    """Put a proposal in the place of the draft of a level.

    Raises
    ------
    UserError
        As :func:`models.health.units.proposing.propose`.
    """
    from models.health.units.proposing import propose

    level_named(level)
    state, data = session.project.state, dict(session.project.data)

    def work(progress: Progress) -> UnitSet:
        return propose(level, state, data, options, progress)

    return session.run("job.propose_units", work, lambda units: put_draft(session, units, "history.units_propose"))


def put_draft(session: Session, units: UnitSet, label: str) -> None:
    """Let a set be the draft of its level, and show it."""
    draft = replace(units, version=DRAFT, made_on=now(), made_by=author(session), layer=_layer_id(units))
    old = set_of(session.project.state, units.level)
    layer = _draft_layer(session, draft, old)

    def change(state: ProjectState) -> ProjectState:
        if old is not None and old.layer != layer.id:
            state = state.without_layer(old.layer)
        return _with_sets(state, _others(state, draft), draft).with_layer(layer)

    session.history.do(label, change)


def drop_draft(session: Session, level: str) -> None:
    """Take the draft of a level away.

    Raises
    ------
    UserError
        ``units.no_draft``.
    """
    draft = version_named(session.project.state, level, DRAFT)

    def change(state: ProjectState) -> ProjectState:
        return _with_sets(state.without_layer(draft.layer), _others(state, draft))

    session.history.do("history.units_drop", change)


def merge(session: Session, level: str, codes: Sequence[str]) -> None:
    """Join units of the draft."""
    from models.health.units.editing import merged

    _edit(session, level, "history.units_merge", lambda draft: merged(draft, codes, _codes(session, level).new()))


def divide(session: Session, level: str, code: str, along: Sequence[ObjectKey] | int = 1) -> None:
    """Cut a unit of the draft along chosen objects, or along roads, water and green.

    Parameters
    ----------
    session : Session
    level, code : str
    along : sequence of ObjectKey, or int
        Objects with lines or borders; or how many ranks of roads (1: the widest, with water and green).

    Raises
    ------
    UserError
        ``units.no_draft``, ``units.no_unit``, ``units.no_cut``.
    """
    from models.health.units.editing import divided

    draft = version_named(session.project.state, level, DRAFT)
    lines = _ranked(session, draft.crs, along) if isinstance(along, int) else _lines(session, draft.crs, along)
    people = _people(session, draft.crs)
    _edit(session, level, "history.units_split",
          lambda draft: divided(draft, code, lines, people, _codes(session, level).new))  # fmt: skip


def cut_out(session: Session, level: str, areas: Sequence[ObjectKey], name: str = "") -> None:
    """Make a unit of chosen areas, across whatever borders, as a renewal area is.

    Raises
    ------
    UserError
        ``units.no_draft``, ``units.no_area``.
    """
    import shapely

    from models.health.units.editing import with_area

    draft = version_named(session.project.state, level, DRAFT)
    shapes = [one for one in _shapes(session, draft.crs, areas) if shapely.get_dimensions(one) == 2]
    if not shapes:
        raise UserError("units.no_area")
    area, people = shapely.union_all(shapely.make_valid(shapes)), _people(session, draft.crs)
    _edit(session, level, "history.units_area",
          lambda draft: with_area(draft, area, people, _codes(session, level).new, name))  # fmt: skip


def rename(session: Session, level: str, code: str, name: str) -> None:
    """Name a unit of the draft."""
    from models.health.units.editing import renamed

    _edit(session, level, "history.units_rename", lambda draft: renamed(draft, code, name))


# --- versions ---------------------------------------------------------------------------------------------------------


def accept(session: Session, level: str) -> UnitSet:
    """Accept the draft as the next version: from now on the indicators are worked out by it.

    The administrative layer keeps its data and stands aside, with another role; :func:`go_back` brings it back.

    Raises
    ------
    UserError
        ``units.no_draft``.
    """
    from models.health.units.tables import table_of

    state = session.project.state
    draft = version_named(state, level, DRAFT)
    number = max((one.version for one in versions_of(state, level)), default=0) + 1
    accepted = replace(draft, version=number, made_on=now(), made_by=author(session))
    accepted = replace(accepted, layer=_layer_id(accepted))
    session.project.put_data(accepted.layer, table_of(accepted, session.project.data))
    rest = _others(state, draft)
    session.history.do(
        "history.units_accept",
        lambda state: _in_place(_with_sets(state.without_layer(draft.layer), rest, accepted), accepted),
    )
    return accepted


def use_version(session: Session, level: str, version: int) -> None:
    """Let the indicators be worked out by an accepted version again.

    Raises
    ------
    UserError
        ``units.no_version``.
    """
    from models.health.units.tables import table_of

    units = version_named(session.project.state, level, version)
    session.project.put_data(units.layer, table_of(units, session.project.data))
    session.history.do("history.units_use", lambda state: _in_place(state, units))


def edit_version(session: Session, level: str, version: int) -> None:
    """Take a version up as the draft, to be edited.

    Raises
    ------
    UserError
        ``units.no_version``.
    """
    put_draft(session, version_named(session.project.state, level, version), "history.units_edit")


def go_back(session: Session, level: str) -> None:
    """Let the administrative units have their place again."""
    role = level_named(level).role
    session.history.do("history.units_back", lambda state: _restored(state, role))


def export(session: Session, level: str, version: int, out: Path) -> Job:
    """Write a set of units to a file, members, reason and fitness with it.

    Raises
    ------
    UserError
        ``units.no_version``, ``units.no_draft``, ``export.unknown_format``.
    """
    from models.health.units.tables import table_of
    from models.io.format import WriteRequest
    from models.io.registry import writer_of

    state = session.project.state
    units, out = version_named(state, level, version), Path(out).resolve()
    writer = writer_of(out.name)
    if writer is None or "vector" not in writer.offered:
        raise UserError("export.unknown_format", file=out.name, suffix=out.suffix)
    title, data = level_named(level), dict(session.project.data)
    request = WriteRequest(title.name, title.title(session.lang), state.synthetic)

    return exporting.write(session, out, writer, lambda: table_of(units, data).frame, request)


# --- helpers ----------------------------------------------------------------------------------------------------------


def _edit(session: Session, level: str, label: str, change: Callable[[UnitSet], UnitSet]) -> None:
    put_draft(session, change(version_named(session.project.state, level, DRAFT)), label)


def _codes(session: Session, level: str) -> UnitCodes:
    return UnitCodes(session.project.state.health, level_named(level))


def _people(session: Session, crs: str) -> People:
    from models.health.units.sources import people_of

    return people_of(session.project.state, session.project.data, crs)


def _ranked(session: Session, crs: str, ranks: int) -> Any:
    from models.health.units.barriers import barriers_of

    rules = unit_rules().proposing
    classes = [name for rank in rules.barrier_classes[:ranks] for name in rank]
    return barriers_of(session.project.state, session.project.data, crs, classes, rules.green_kinds).lines


def _lines(session: Session, crs: str, keys: Sequence[ObjectKey]) -> Any:
    import numpy as np
    import shapely

    parts = shapely.get_parts(_shapes(session, crs, keys))
    edges = np.where(shapely.get_dimensions(parts) == 2, shapely.boundary(parts), parts)
    return edges[shapely.get_dimensions(edges) == 1]


def _shapes(session: Session, crs: str, keys: Sequence[ObjectKey]) -> list[shapely.Geometry]:
    from models.health.units.sources import rows_of

    found = []
    for name in dict.fromkeys(key.layer for key in keys):
        table = session.project.data.get(name)
        if isinstance(table, VectorData):
            rows = rows_of(name, table, crs, ())
            found += list(rows["_shape"][rows["_oid"].isin([key.oid for key in keys if key.layer == name])])
    return found


def _layer_id(units: UnitSet) -> str:
    """Return an id that names the content of a set, so that a table of that id never changes."""
    content = hashlib.blake2b(repr(units.units).encode(), digest_size=4).hexdigest()
    return f"check_units_{units.level}_{f'v{units.version}' if units.version else 'draft'}_{content}"


def _draft_layer(session: Session, draft: UnitSet, old: UnitSet | None) -> Layer:
    from models.health.units.tables import table_of

    session.project.put_data(draft.layer, table_of(draft, session.project.data))
    state = session.project.state
    shown = next((layer for layer in state.layers if old is not None and layer.id == old.layer), None)
    if shown is not None:
        return replace(shown, id=draft.layer, source=Source(sublayer=draft.layer, crs=draft.crs))
    look = standard("health/units_2025")["colours"]
    classes = tuple(
        Class(look[kind], value=kind, label=word(f"units.fits.{kind}", "zh"), label_en=word(f"units.fits.{kind}", "en"),
              opacity=look["opacity"])
        for kind in ("yes", "no", "unknown")
    )  # fmt: skip
    style = Style(symbology=Symbology("categorised", "fits", classes, outline_px=2.0))
    level = level_named(draft.level)
    return Layer(
        draft.layer, word("units.layer.draft", "zh", level=level.name), "vector", "other",
        Source(sublayer=draft.layer, crs=draft.crs), style, synthetic=state.synthetic,
        name_en=word("units.layer.draft", "en", level=level.name_en.lower()),
    )  # fmt: skip


def _others(state: ProjectState, units: UnitSet) -> tuple[UnitSet, ...]:
    return tuple(one for one in state.health.unit_sets if (one.level, one.version) != (units.level, units.version))


def _with_sets(state: ProjectState, others: tuple[UnitSet, ...], *more: UnitSet) -> ProjectState:
    return replace(state, health=replace(state.health, unit_sets=(*others, *more)))


def _in_place(state: ProjectState, units: UnitSet) -> ProjectState:
    """Return a state in which a set has the role of its level, and the layers that had it stand aside."""
    level = level_named(units.level)
    state = _restored(state, level.role)
    fresh = Layer(
        units.layer, word("units.layer.version", "zh", level=level.name, version=units.version), "vector",
        role_named(level.role) or "other", Source(sublayer=units.layer, crs=units.crs), synthetic=state.synthetic,
        visible=level.role == "other",
        name_en=word("units.layer.version", "en", level=level.name_en, version=units.version),
    )  # fmt: skip
    leaves = {layer.id for layer in state.layers if level.role != "other" and layer.role == level.role}
    aside = [StoodAside(layer.id, layer.role, layer.visible) for layer in state.layers if layer.id in leaves]
    layers = [replace(layer, role="other", visible=False) if layer.id in leaves else layer for layer in state.layers]
    health = replace(state.health, stood_aside=(*state.health.stood_aside, *aside))
    return replace(state, layers=tuple(layers), health=health).with_layer(fresh)


def _restored(state: ProjectState, role: str) -> ProjectState:
    """Return a state in which the administrative layers of a role have it again, and no layer of check units does."""
    aside = {one.layer: one for one in state.health.stood_aside if one.role == role}
    made = {one.layer for one in state.health.unit_sets if one.version != DRAFT and level_named(one.level).role == role}
    layers = tuple(
        replace(layer, role=role_named(role) or "other", visible=aside[layer.id].visible)
        if layer.id in aside
        else layer
        for layer in state.layers
        if layer.id not in made
    )
    kept = tuple(one for one in state.health.stood_aside if one.role != role)
    return replace(state, layers=layers, health=replace(state.health, stood_aside=kept))

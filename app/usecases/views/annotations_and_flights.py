"""Layer themes, flight paths, annotations and excavations of a project; every change can be undone."""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from models.core.errors import UserError
from models.project.project import ProjectState
from models.project.scene import scene_of, with_scene
from models.project.selection import ObjectKey
from models.terrain import excavation, relief
from models.terrain.excavation import Pit
from models.terrain.ground import Ground
from models.views import flight_paths
from models.views.annotations import KINDS, Note, as_geojson, moved, next_number
from models.views.camera import Vector
from models.views.flight_paths import FlightPath
from models.views.layer_themes import LayerTheme

if TYPE_CHECKING:
    from app.session import Session
    from models.crs.frame import Frame

_Kept = TypeVar("_Kept", LayerTheme, FlightPath, Note, Pit)


# --- themes of layers ---------------------------------------------------------------------------------------------
def save_layer_theme(session: Session, name: str, name_en: str = "") -> LayerTheme:
    """Keep which layers are shown, in which styles and theme, under a name; the same name is written over.

    Raises
    ------
    UserError
        ``scene.no_name`` for a blank name.
    """
    state, name = session.project.state, _named(name)
    old = next((theme for theme in state.layer_themes if theme.name == name), None)
    theme = LayerTheme(old.id if old else _id("theme"), name, scene_of(state), name_en or (old.name_en if old else ""))
    session.history.do("history.save_layer_theme", lambda s: replace(s, layer_themes=_with(s.layer_themes, theme)))
    return theme


def apply_layer_theme(session: Session, name: str) -> LayerTheme:
    """Show the city as a theme says; one step to undo."""
    theme = find_layer_theme(session.project.state, name)
    session.history.do("history.apply_layer_theme", lambda state: with_scene(state, theme.scene))
    return theme


def rename_layer_theme(session: Session, theme_id: str, name: str, name_en: str | None = None) -> None:
    """Give a theme another name; ``name_en=None`` leaves the English one."""
    theme = find_layer_theme(session.project.state, theme_id)
    renamed = replace(theme, name=_named(name), name_en=theme.name_en if name_en is None else name_en.strip())
    session.history.do("history.rename_layer_theme", lambda s: replace(s, layer_themes=_with(s.layer_themes, renamed)))


def delete_layer_theme(session: Session, theme_id: str) -> None:
    """Forget a theme."""
    session.history.do(
        "history.delete_layer_theme", lambda s: replace(s, layer_themes=_without(s.layer_themes, theme_id))
    )


def move_layer_theme(session: Session, theme_id: str, position: int) -> None:
    """Move a theme in the list."""
    session.history.do(
        "history.move_layer_theme", lambda s: replace(s, layer_themes=moved_to(s.layer_themes, theme_id, position))
    )


def find_layer_theme(state: ProjectState, name: str) -> LayerTheme:
    """Return a theme by id or either name.

    Raises
    ------
    UserError
        ``scene.unknown``, naming the themes there are.
    """
    for theme in state.layer_themes:
        if name and name in (theme.id, theme.name, theme.name_en):
            return theme
    raise UserError("scene.unknown", name=name, known=", ".join(theme.name for theme in state.layer_themes) or "—")


# --- paths ----------------------------------------------------------------------------------------------------------
def save_path(session: Session, path: FlightPath) -> FlightPath:
    """Keep a path, in the place of the one with its id.

    Raises
    ------
    UserError
        ``path.no_name``, ``path.bad_number``, ``path.too_short``.
    """
    if not path.name.strip():
        raise UserError("path.no_name")
    for value, (low, high) in ((path.speed_mps, flight_paths.SPEED_MPS), (path.height_m, flight_paths.HEIGHT_M)):
        if not low <= value <= high:
            raise UserError("path.bad_number", value=f"{value:g}", low=f"{low:g}", high=f"{high:g}")
    if len(path.points) + len(path.cameras) < 2:
        raise UserError("path.too_short", name=path.name)
    path = replace(path, id=path.id or _id("path"), name=path.name.strip())
    session.history.do("history.save_path", lambda state: replace(state, paths=_with(state.paths, path)))
    return path


def delete_path(session: Session, path_id: str) -> None:
    """Forget a path."""
    session.history.do("history.delete_path", lambda state: replace(state, paths=_without(state.paths, path_id)))


def path_of_viewpoints(session: Session, name: str) -> FlightPath:
    """Return a tour of all saved views, in their order; not kept yet."""
    views = session.project.state.viewpoints
    if len(views) < 2:
        raise UserError("path.few_viewpoints", count=len(views))
    return FlightPath("", name, cameras=tuple(view.camera for view in views))


def path_of_feature(session: Session, key: ObjectKey, name: str, ground: Ground) -> FlightPath:
    """Return a path along a line of a layer (a road, a pipe, a river) or around an area; not kept yet.

    Raises
    ------
    UserError
        ``path.no_line`` for a point, or for what has no geometry.
    """
    import shapely

    from models.layers.layer import VectorData

    frame, data = session.project.state.frame, session.project.data.get(key.layer)
    if frame is None or not isinstance(data, VectorData) or data.bounds is None:
        raise UserError("path.no_line")
    shape: Any = data.row(key.oid).get("geometry") if data.has(key.oid) else None
    if shape is None:
        raise UserError("path.no_line")
    if data.crs:
        from models.crs.frame import transformer

        shape = shapely.transform(shape, transformer(data.crs, frame.horizontal).transform, interleaved=False)
    loop = shape.geom_type in ("Polygon", "MultiPolygon")
    if loop:
        shape = max(shapely.get_parts(shape), key=lambda one: one.area).exterior
    elif shape.geom_type == "MultiLineString":
        shape = shapely.line_merge(shape)
        shape = max(shapely.get_parts(shape), key=lambda one: one.length)
    if shape.geom_type not in ("LineString", "LinearRing") or shape.length <= 0:
        raise UserError("path.no_line")
    flat = shapely.get_coordinates(shapely.simplify(shape, 0.5))
    flat = flat[:-1] if loop else flat
    height = np.asarray(ground.height_m(flat[:, 0], flat[:, 1]))
    points = tuple((float(x), float(y), float(z)) for (x, y), z in zip(flat, height, strict=True))
    return FlightPath("", name, points, loop=loop)


# --- notes ----------------------------------------------------------------------------------------------------------
def save_note(session: Session, note: Note) -> Note:
    """Keep a note, in the place of the one with its id; a new pin gets the next number, a new note author and date.

    Raises
    ------
    UserError
        ``note.empty`` for a text without words, ``note.too_short`` for a shape with too few points.
    """
    if note.kind == "text" and not note.text.strip():
        raise UserError("note.empty")
    if len(note.points) < KINDS[note.kind]:
        raise UserError("note.too_short", needed=KINDS[note.kind])
    if not note.id:
        notes = session.project.state.notes
        note = replace(
            note,
            id=_id("note"),
            date=note.date or datetime.date.today().isoformat(),
            number=next_number(notes) if note.kind == "pin" else 0,
        )
    session.history.do("history.save_note", lambda state: replace(state, notes=_with(state.notes, note)))
    return note


def delete_notes(session: Session, note_ids: Iterable[str]) -> None:
    """Take notes away."""
    gone = set(note_ids)
    session.history.do(
        "history.delete_note",
        lambda state: replace(state, notes=tuple(note for note in state.notes if note.id not in gone)),
    )


def move_note(session: Session, note_id: str, by: Vector) -> None:
    """Shift a note by (east, north, up) metres."""
    note = next(one for one in session.project.state.notes if one.id == note_id)
    session.history.do("history.move_note", lambda state: replace(state, notes=_with(state.notes, moved(note, by))))


def export_notes(session: Session, path: Path) -> None:
    """Write all notes as GeoJSON."""
    from models.store.atomic import write_text

    state = session.project.state
    if state.frame is None or not state.notes:
        raise UserError("note.none")
    geojson_text = json.dumps(as_geojson(state.notes, _placed(state.frame)), ensure_ascii=False, indent=1)
    write_text(Path(path), geojson_text)
    session.notices.info("notice.written", file=Path(path).name)


# --- pits -----------------------------------------------------------------------------------------------------------
def save_pit(session: Session, pit: Pit) -> Pit:
    """Keep a pit, in the place of the one with its id.

    Raises
    ------
    UserError
        ``relief.no_area``, or ``pit.bad_depth``.
    """
    relief.polygon_of(np.asarray(pit.ring, dtype=np.float64))
    if pit.level_m is None and not 0.1 <= pit.depth_m <= 1000.0:
        raise UserError("pit.bad_depth", depth=f"{pit.depth_m:g}")
    pit = replace(pit, id=pit.id or _id("pit"), name=pit.name.strip() or str(len(session.project.state.pits) + 1))
    session.history.do("history.save_pit", lambda state: replace(state, pits=_with(state.pits, pit)))
    return pit


def delete_pits(session: Session, pit_ids: Iterable[str]) -> None:
    """Fill pits again."""
    gone = set(pit_ids)
    session.history.do(
        "history.delete_pit", lambda state: replace(state, pits=tuple(pit for pit in state.pits if pit.id not in gone))
    )


def pit_volume(session: Session, pit: Pit, ground: Ground) -> relief.Earthwork:
    """Return the earth of a pit."""
    return excavation.volume(pit, ground)


# --- lists ----------------------------------------------------------------------------------------------------------
def moved_to(items: tuple[Any, ...], id_: str, position: int) -> tuple[Any, ...]:
    """Return the items with one of them at another place; beyond the ends means the ends."""
    one = next(item for item in items if item.id == id_)
    others = [item for item in items if item.id != id_]
    others.insert(min(max(position, 0), len(others)), one)
    return tuple(others)


def _with(items: tuple[_Kept, ...], fresh: _Kept) -> tuple[_Kept, ...]:
    if any(item.id == fresh.id for item in items):
        return tuple(fresh if item.id == fresh.id else item for item in items)
    return items + (fresh,)  # noqa: RUF005 - the type checker knows this one


def _without(items: tuple[_Kept, ...], id_: str) -> tuple[_Kept, ...]:
    return tuple(item for item in items if item.id != id_)


def _named(name: str) -> str:
    if not name.strip():
        raise UserError("scene.no_name")
    return name.strip()


def _id(kind: str) -> str:
    return f"{kind}_{uuid.uuid4().hex[:6]}"


def _placed(frame: Frame) -> Frame:
    """Return a frame that knows longitude and latitude.

    Raises
    ------
    UserError
        ``note.no_place`` for a local system that nobody has placed.
    """
    try:
        frame.lonlat(float(frame.origin[0]), float(frame.origin[1]))
    except Exception as error:  # pyproj has no way from a system of a town's own to the world
        raise UserError("note.no_place") from error
    return frame

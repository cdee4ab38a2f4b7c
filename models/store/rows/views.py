"""Paths, notes, pits, layer themes and what belongs to a viewpoint, as rows of the project file."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from models.layers.layer import style_from
from models.store.rows.json_cells import loaded
from models.terrain.excavation import Pit
from models.views.annotations import Note
from models.views.camera import Camera
from models.views.flight_paths import FlightPath
from models.views.layer_themes import LayerTheme
from models.views.scene_state import SceneState, Theme

Row = dict[str, Any]


def path_row(path: FlightPath) -> Row:
    """Return a flight path as a row."""
    return {"path": path.id, "name": path.name, "name_en": path.name_en, "body": _text(asdict(path))}


def path_of(row: Mapping[str, Any]) -> FlightPath:
    """Return the flight path of a row."""
    values = _known(FlightPath, row["body"])
    cameras = tuple(
        Camera(**{name: _tuples(value) for name, value in one.items()}) for one in values.pop("cameras", ())
    )
    return FlightPath(**{name: _tuples(value) for name, value in values.items()}, cameras=cameras)


def note_row(note: Note) -> Row:
    """Return a note as a row."""
    told = {name: getattr(note, name) for name in ("kind", "text", "author", "date")}
    return {"note": note.id, **told, "body": _text(asdict(note))}


def note_of(row: Mapping[str, Any]) -> Note:
    """Return the note of a row."""
    return Note(**{name: _tuples(value) for name, value in _known(Note, row["body"]).items()})


def pit_row(pit: Pit) -> Row:
    """Return a pit as a row."""
    return {"pit": pit.id, "name": pit.name, "body": _text(asdict(pit))}


def pit_of(row: Mapping[str, Any]) -> Pit:
    """Return the pit of a row."""
    return Pit(**{name: _tuples(value) for name, value in _known(Pit, row["body"]).items()})


def layer_theme_row(theme: LayerTheme) -> Row:
    """Return a layer theme as a row."""
    return {"theme": theme.id, "name": theme.name, "name_en": theme.name_en, "body": scene_text(theme.scene)}


def layer_theme_of(row: Mapping[str, Any]) -> LayerTheme:
    """Return the layer theme of a row."""
    return LayerTheme(row["theme"], row["name"], scene_of(row["body"]) or SceneState(), row["name_en"] or "")


def scene_text(scene: SceneState | None) -> str | None:
    """Return a scene state as JSON."""
    if scene is None:
        return None
    values = asdict(scene) | {"styles": {layer_id: asdict(style) for layer_id, style in scene.styles}}
    return _text(values)


def scene_of(text: str | None) -> SceneState | None:
    """Return the scene state that :func:`scene_text` wrote; what a later version added to styles is left out."""
    if not text:
        return None
    values = loaded(text, dict)
    styles = tuple((layer_id, style_from(style)) for layer_id, style in values["styles"].items())
    return SceneState(tuple(values["shown"]), tuple(values["hidden"]), Theme(**values["theme"]), styles)


def picture_text(picture: bytes) -> str | None:
    """Return a small picture as text."""
    return base64.b64encode(picture).decode() if picture else None


def picture_of(text: str | None) -> bytes:
    """Return the picture of a text, empty for none."""
    return base64.b64decode(text) if text else b""


def _known(kind: Any, body: str) -> dict[str, Any]:
    known = kind.__dataclass_fields__
    return {name: value for name, value in loaded(body, dict).items() if name in known}


def _text(values: Any) -> str:
    return json.dumps(values, ensure_ascii=False)


def _tuples(value: Any) -> Any:
    return tuple(_tuples(one) for one in value) if isinstance(value, list) else value

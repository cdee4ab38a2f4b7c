"""Scene presets: which there are, which a project can show, and showing one of them.

A scene is one step of the history (layers and styles) and what belongs to the view beside it (ground, light, camera).
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.settings import home
from app.usecases.timeline.current import data_now, last_us
from models.layers.layer import LayerData, VectorData
from models.project import scene as project_scene
from models.project.project import ProjectState
from models.scenes.active import ActiveScene
from models.scenes.library import Library, library, own_folder
from models.scenes.matching import Readiness, readiness, scene_of
from models.scenes.preset import ScenePreset
from models.views.camera import Camera
from models.views.snapshot_spec import SnapshotSpec
from models.views.sun import SunTime, zone_h
from models.views.visibility import GroundTransparency

if TYPE_CHECKING:
    from app.session import Session

#: Pixels an inch at which a sheet is drawn, and the sizes of paper, millimetres.
DPI, MM_AN_INCH = 200, 25.4
#: Readings that are older show nothing of now.
_STALE_US = 24 * 3_600_000_000
PAPERS_MM = {"A4": (297, 210), "A3": (420, 297), "A2": (594, 420), "A1": (841, 594), "A0": (1189, 841)}


def own_folders(session: Session) -> tuple[Path, ...]:
    """Return where presets of the user's own may lie: for every project, and for this one."""
    path = session.project.path
    return (home() / "scenes", *((own_folder(path),) if path is not None else ()))


def presets(session: Session) -> Library:
    """Return the presets there are, and what is wrong with files that cannot be read."""
    return library(own_folders(session))


def ready(session: Session, preset: ScenePreset) -> Readiness:
    """Return what of a preset the project has."""
    return readiness(preset, session.project.state, data_now(session))


def apply_scene(session: Session, name: str) -> Readiness:
    """Show a scene by id or name: one step to undo, with ground and light as it says.

    Raises
    ------
    UserError
        ``preset.unknown``, or ``preset.no_data`` naming what is missing.
    """
    match = ready(session, presets(session).find(name))
    show(session, match)
    go_where_readings_are(session, match.preset)
    return match


def show(session: Session, match: Readiness) -> None:
    """Show a scene whose layers were found; raises ``preset.no_data`` as :func:`apply_scene` does."""
    preset, state, visibility = match.preset, session.project.state, session.visibility
    scene = scene_of(match, state, session.lang)
    active = active_scene(session)
    if active is None:
        active = ActiveScene(preset.id, scene, project_scene.scene_of(state), visibility.through, visibility.sun)
    session.history.do("history.apply_scene", lambda now: project_scene.with_scene(now, scene))
    session.scene = replace(active, preset_id=preset.id, scene=scene)
    visibility.set_through(through_of(preset))
    visibility.set_sun(sun_of(session, preset) or active.sun_before)


def go_where_readings_are(session: Session, preset: ScenePreset) -> None:
    """Show the moment of the last reading where a scene in time is shown, nothing is received and readings are old."""
    last = last_us(session) if preset.is_in_time and session.clock.is_live and not session.feeds.is_on else None
    if last is not None and time.time() * 1e6 - last > _STALE_US:
        session.clock.go(last)


def leave_scene(session: Session) -> None:
    """Show the city as it was before the first scene was applied; layers that came since stay as they are."""
    active = active_scene(session)
    if active is None:
        return
    session.history.do("history.leave_scene", lambda now: project_scene.with_scene(now, active.before))
    forget_scene(session)


def forget_scene(session: Session) -> None:
    """Bring back ground and light as they were; layers and styles stay (they were undone, or are wanted)."""
    active = session.scene
    session.scene = None
    if active is not None:
        session.visibility.set_through(active.through_before)
        session.visibility.set_sun(active.sun_before)


def active_scene(session: Session) -> ActiveScene | None:
    """Return the scene that is on; None where none is, or another project was opened since."""
    active = session.scene
    if active is None:
        return None
    known = {layer.id for layer in session.project.state.layers}
    return active if known & set(active.scene.shown) else None


def is_undone(session: Session) -> bool:
    """Whether the scene that is on was undone: what it showed is not shown, what was there before is."""
    active = session.scene
    return (
        active is not None and active.before != active.scene
        and project_scene.is_shown(session.project.state, active.before)
        and not project_scene.is_shown(session.project.state, active.scene)
    )  # fmt: skip


def through_of(preset: ScenePreset) -> GroundTransparency | None:
    """Return how a scene looks through ground and buildings."""
    view = preset.view
    if not view.is_underground:
        return None
    return GroundTransparency(view.ground, view.buildings, depths=False)


def sun_of(session: Session, preset: ScenePreset) -> SunTime | None:
    """Return the moment whose sun lights a scene, None for the usual light."""
    frame = session.project.state.frame
    if not preset.view.sun or frame is None:
        return None
    at = datetime.datetime.fromisoformat(preset.view.sun)
    lon, lat = frame.lonlat(float(frame.origin[0]), float(frame.origin[1]))
    return SunTime(at.date().isoformat(), at.hour * 60 + at.minute, zone_h(lon, lat))


def camera_of(session: Session, match: Readiness, aspect: float = 16 / 9) -> Camera | None:
    """Return from where a scene is seen: what it frames on fills the picture; None leaves the camera where it is."""
    from models.terrain.ground import ground_under
    from viewers.render.scene.camera import looking_at

    state, view = session.project.state, match.preset.view
    ids = [layer_id for key in view.frame_on for layer_id in match.of(key).layer_ids]
    if state.frame is None or not ids:
        return None
    box = _box_of(ids, state, session.project.data)
    if box is None:
        return None
    middle = box.mean(axis=0)
    level = ground_under(state.layers, session.project.data, state.frame).height_m(middle[:1], middle[1:2])[0]
    corners = np.column_stack([box, np.full(2, float(level))])
    local = np.asarray(state.frame.to_local(corners), dtype=np.float64)
    return looking_at(
        local, state.frame, aspect=aspect, bearing_deg=view.bearing_deg, pitch_deg=view.pitch_deg, fill=view.fill
    )


def _box_of(ids: list[str], state: ProjectState, data: Mapping[str, LayerData]) -> Any:
    """Return the box (2, 2) of layers in the project's CRS, None where none has a place."""
    from models.crs.frame import transformer

    low, high = np.full(2, np.inf), np.full(2, -np.inf)
    for layer_id in ids:
        table = data[layer_id]
        bounds = table.bounds if isinstance(table, VectorData) else None
        if bounds is None or state.frame is None:
            continue
        west, south, east, north = bounds
        crs = table.crs or state.frame.horizontal
        x, y = transformer(crs, state.frame.horizontal).transform(
            np.array([west, east, east, west]), np.array([south, south, north, north])
        )
        corners = np.column_stack([x, y])
        low, high = np.minimum(low, corners.min(axis=0)), np.maximum(high, corners.max(axis=0))
    return np.stack([low, high]) if np.isfinite([*low, *high]).all() else None


def sheet_spec(session: Session, spec: SnapshotSpec, preset: ScenePreset) -> SnapshotSpec:
    """Return a specification as the sheet of a scene is: its paper, its title, and what is left out."""
    sheet = preset.sheet
    width, height = (round(side / MM_AN_INCH * DPI) for side in PAPERS_MM[sheet.paper])
    title = (sheet.title or preset.name).in_(spec.lang)
    return replace(spec, width_px=width, height_px=height, dpi=DPI, title=title, without=sheet.without)


def scene_rows(session: Session, lang: str) -> list[dict[str, Any]]:
    """Return what the project can show and what is missing, a row a preset, plain values."""
    found = presets(session)
    rows: list[dict[str, Any]] = []
    for preset in found.presets:
        match = ready(session, preset)
        rows.append({
            "id": preset.id, "name": preset.name.in_(lang), "purpose": preset.purpose.in_(lang), "state": match.state,
            "file": preset.file,
            "layers": [
                {"key": one.wanted.key, "name": one.wanted.name.in_(lang), "role": one.wanted.role,
                 "required": one.wanted.is_required, "layers": list(one.layer_ids), "count": one.count,
                 "lacks": one.lacks, "fields": list(one.fields),
                 "how_to": one.wanted.how_to.in_(lang) if one.lacks else ""}
                for one in match.matches
            ],
        })  # fmt: skip
    for error in found.errors:
        rows.append(
            {"id": "", "state": "unreadable", "file": str(error.facts.get("file", "")), "error": error.as_dict()}
        )
    return rows

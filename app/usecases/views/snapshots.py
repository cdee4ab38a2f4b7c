"""Export the city as a picture that carries the specification it was made from.

The window has its pictures drawn by a child process (:mod:`app.usecases.views.drawing_apart`); the command line, and
that child, draw them where they are.
"""

from __future__ import annotations

import datetime
import hashlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.background.jobs import Job
from app.notices import Notice
from app.usecases.health import health
from app.usecases.project.trust import is_withheld
from app.usecases.timeline.moment import data_for, moment_of, pictured_at_moment
from app.usecases.views.seen import seen_now
from models.core.errors import UserError
from models.core.progress import Progress
from models.project.project import ProjectState
from models.project.reaches import absolute, is_share
from models.project.scene import scene_of, with_scene
from models.project.selection import ObjectKey
from models.views.camera import Camera
from models.views.scene_state import Theme
from models.views.snapshot_spec import Callout, Measure, SnapshotSpec
from models.views.visibility import Cut

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.session import Session
    from app.usecases.views.drawing_apart import Drawer
    from models.crs.frame import Frame
    from viewers.render.symbology.theme_picture import ThemePicture

SIZE_PX = (1920, 1080)
SMALLEST_PX, LARGEST_PX = 320, 16384
SUFFIXES = (".png", ".pdf")


@dataclass(frozen=True, slots=True)
class Taken:
    """What a snapshot gave: the file, and whether the project was the one of the first time (None: no first time)."""

    path: Path
    spec: SnapshotSpec
    same_project: bool | None = None


def make_spec(
    session: Session,
    camera: Camera | None = None,
    *,
    size: tuple[int, int] = SIZE_PX,
    theme: Theme | None = None,
    title: str = "",
    furniture: bool = True,
    dark: bool = False,
    measures: Iterable[Measure] = (),
    notes: bool = True,
    without: Iterable[str] = (),
    dpi: int = 0,
    selected: Iterable[ObjectKey] = (),
    callout: Callout | None = None,
) -> SnapshotSpec:
    """Return the specification of a picture of the open project as it is shown now.

    Parameters
    ----------
    session : Session
    camera : Camera, optional
        None takes the first saved view, or one from the south-east over everything.
    size : tuple of int
        Width and height in pixels.
    theme : Theme, optional
        None takes the project's.
    title : str
        Empty: the indicator, or the project's name, and the object that is pointed at.
    furniture, dark : bool
    measures : iterable of Measure
        What is measured on the screen; what still follows the cursor is left out.
    notes : bool
        Whether what people wrote into the city is in the picture.
    without : iterable of str
        What of the furniture is left out (:data:`models.views.snapshot_spec.FURNITURE`).
    dpi : int
        Pixels an inch of paper; 0 for a screen.
    selected : iterable of ObjectKey
    callout : Callout, optional
    """
    state = session.project.state
    width, height = size
    if not (SMALLEST_PX <= width <= LARGEST_PX and SMALLEST_PX <= height <= LARGEST_PX):
        raise UserError("picture.bad_size", size=f"{width}x{height}", smallest=SMALLEST_PX, largest=LARGEST_PX)
    if camera is None:
        camera = state.viewpoints[0].camera if state.viewpoints else home_camera(session, size)
    return SnapshotSpec(
        project=str(session.project.path or ""),
        width_px=width,
        height_px=height,
        camera=camera,
        theme=theme or state.theme,
        lang=session.lang,
        title=title,
        hidden=tuple(layer.id for layer in state.layers if not layer.visible),
        date=datetime.date.today().isoformat(),
        furniture=furniture,
        dark=dark,
        looks=session.visibility.elements,
        cut=None if session.visibility.cut == Cut() else session.visibility.cut,
        measures=tuple(one for one in measures if not one.dashed),
        through=session.visibility.through,
        notes=notes,
        without=tuple(without),
        dpi=dpi,
        selected=tuple(selected),
        callout=callout,
        sun=session.visibility.sun,
        scene=None if session.scene is None else scene_of(state),
        moment=moment_of(session),
    )


def with_suffix(out: Path, suffix: str = ".png") -> Path:
    """Return a path that ends as a picture does: one without such an ending gets ``suffix``, none is taken away."""
    return out if out.suffix.lower() in SUFFIXES else out.with_name(f"{out.name}{suffix}")


def take_snapshot(
    session: Session, spec: SnapshotSpec, out: Path, same_project: bool | None = None, drawer: Drawer | None = None
) -> Job:
    """Render, furnish and write one PNG (or PDF, by the suffix of ``out``).

    Where jobs run beside the window a child process draws (``drawer``, or one made for it). The job's result is a
    :class:`Taken`.
    """
    out = Path(out).resolve()
    if out.suffix.lower() not in SUFFIXES:
        raise UserError("picture.bad_suffix", file=out.name)
    if not session.project.data:
        raise UserError("picture.nothing")
    if spec.theme.kind == "indicator" and health.wants_computing(session, spec.theme.indicator):
        if not session.jobs.inline:
            raise UserError("picture.no_result", indicator=spec.theme.indicator)
        health.compute_indicators(session, (spec.theme.indicator,))

    def announce(taken: Taken) -> None:
        facts: dict[str, object] = {"file": taken.path.name, "path": str(taken.path)}
        session.notices.add(Notice("info", "notice.written", facts, alone=True))

    if session.jobs.inline:
        work = _drawn_here(session, spec, out, same_project)
    else:
        work = _drawn_apart(session, spec, out, same_project, drawer)
    return session.run("job.snapshot", work, announce, file=out.name)


def _drawn_apart(
    session: Session, spec: SnapshotSpec, out: Path, same_project: bool | None, drawer: Drawer | None
) -> Callable[[Progress], Taken]:
    """Return work that has a child process draw the picture."""
    from app.usecases.views.drawing_apart import Drawer, Handover

    given = Handover(session)

    def work(progress: Progress) -> Taken:
        given.draw(drawer or Drawer(), spec, out, progress)
        return Taken(out, replace(spec, project=_relative(spec.project, out.parent)), same_project)

    return work


def _drawn_here(
    session: Session, spec: SnapshotSpec, out: Path, same_project: bool | None
) -> Callable[[Progress], Taken]:
    """Return work that draws the picture in this very process."""
    state, path = state_of(session, spec), session.project.path
    drawing, seen = _Drawing(session, spec, state), seen_now(session, state, spec.theme)

    def work(progress: Progress) -> Taken:
        from viewers.sheets.compose import compose, write_pdf
        from viewers.sheets.record import write_png

        progress.step(0.1, "progress.theming")
        theme = drawing.themed()
        content = content_hash(session, path, state) if path else ""
        progress.step(0.2, "progress.rendering")
        pixels = drawing.pixels(theme)
        progress.step(0.8, "progress.writing")
        shown = with_theme_layers(state, theme.called)
        kept = replace(spec, project=_relative(spec.project, out.parent))
        if out.suffix.lower() == ".pdf":
            write_pdf(pixels, kept, shown, theme.legend, out, result=drawing.result, content_hash=content, seen=seen())
        else:
            write_png(compose(pixels, spec, shown, theme.legend, result=drawing.result), kept, out, content, seen())
        return Taken(out, kept, same_project)

    return work


class _Drawing:
    """One picture of what is open now: its theme, then its pixels."""

    def __init__(self, session: Session, spec: SnapshotSpec, state: ProjectState) -> None:
        self._session, self._spec, self._state = session, spec, state
        self._data = dict(session.project.data)
        self._results, self._old = health.all_kept(session), health.old_codes(session)
        #: What the indicator that colours it came to.
        self.result = self._results.get(spec.theme.indicator) if spec.theme.kind == "indicator" else None

    def themed(self) -> ThemePicture:
        """Return colours and legend."""
        from viewers.render.symbology.theming import pictured

        spec = self._spec
        data = data_for(self._session, self._state, spec.moment)
        picture = pictured(self._state, data, spec.theme, self._results, spec.lang, self._old, spec.dark)
        return pictured_at_moment(self._session, picture, spec.moment, spec.lang, self._state)

    def pixels(self, theme: ThemePicture) -> NDArray[np.uint8]:
        """Return the picture without its furniture, (h, w, 3)."""
        from models.store.array_entries import ArrayEntries
        from viewers.render.layers.kept_parts import KeptParts
        from viewers.render.scene.numbers import put_numbers
        from viewers.render.scene.offscreen import ground_of, render_picture
        from viewers.sheets.compose import covered

        spec, data = self._spec, self._data
        size = (spec.width_px, spec.height_px)
        shown = with_theme_layers(self._state, theme.called)
        return render_picture(
            shown, data, spec.camera, size, theme.colours, lang=spec.lang, dark=spec.dark, looks=spec.looks,
            cut=spec.cut, measures=spec.measures, through=spec.through, notes=spec.notes,
            keep_out=covered(size, spec, shown, theme.legend, self.result), selection=spec.selected, faded=spec.faded,
            sun=spec.sun, extra=lambda scene: put_numbers(scene, theme.numbers, ground_of(shown, data)),
            kept_parts=KeptParts(ArrayEntries(self._session.cache()), pause_s=0.0), signs=theme.signs,
            transparent=spec.transparent,
        )  # fmt: skip


def pixels_of(session: Session, spec: SnapshotSpec) -> NDArray[np.uint8]:
    """Return a picture without furniture, drawn here and now."""
    drawing = _Drawing(session, spec, state_of(session, spec))
    return drawing.pixels(drawing.themed())


def state_of(session: Session, spec: SnapshotSpec) -> ProjectState:
    """Return the state of a project as a picture shows it: its layers, styles and what is switched off."""
    hidden = set(spec.hidden)
    before = session.project.state
    shown = before if spec.scene is None else with_scene(before, spec.scene)
    return replace(shown, layers=tuple(replace(layer, visible=layer.id not in hidden) for layer in shown.layers))


def with_theme_layers(state: ProjectState, coloured: Iterable[str]) -> ProjectState:
    """Return a state in which the layers that a theme colours are seen: an answer nobody sees is none."""
    wanted = set(coloured)
    return replace(
        state,
        layers=tuple(replace(layer, visible=True) if layer.id in wanted else layer for layer in state.layers),
    )


def again(session: Session, png: Path, out: Path | None = None) -> Job:
    """Make the picture again that ``png`` says it is; ``session`` must have its project open.

    The result's ``same_project`` tells whether the project is, byte for byte, the one of the first time.
    """
    spec, content = recipe(png)
    path, state = session.project.path, session.project.state
    same = bool(content) and path is not None and content_hash(session, path, state) == content
    if not same:
        session.notices.add(Notice("caution", "caution.picture.project_changed", {"file": Path(png).name}))
    return take_snapshot(session, spec, out or Path(png), same)


def recipe(png: Path) -> tuple[SnapshotSpec, str]:
    """Return the specification inside a picture (its project path made absolute) and its project's hash then.

    A picture names its project by text alone: nothing is looked at, and a share that it names is no project.
    """
    from viewers.sheets.record import read_record

    png = Path(png).resolve()
    spec, content = read_record(png)
    named = "" if is_share(spec.project) and not is_share(str(png)) else spec.project
    return replace(spec, project=absolute(named, png.parent) if named else ""), content


def likeness(first: Path, second: Path, tolerance: int = 8) -> float:
    """Return the share of pixels, 0…1, that two pictures have alike: no channel further apart than ``tolerance``.

    Ambient occlusion draws its samples at random, so that two renderings differ by some grey levels here and there.
    """
    import numpy as np
    from PIL import Image

    with Image.open(first) as a, Image.open(second) as b:
        if a.size != b.size:
            return 0.0
        one, two = (np.asarray(image.convert("RGB"), dtype=np.int16) for image in (a, b))
    return float((np.abs(one - two).max(axis=2) <= tolerance).mean())


def content_hash(session: Session, path: Path, state: ProjectState) -> str:
    """Return one SHA-256 over a project file and the linked sources that are there and may be read.

    Of an open review package it is that of the project of which it was made.
    """
    if session.package is not None and session.package.manifest.content:
        return session.package.manifest.content
    digest = hashlib.sha256()
    read = [layer for layer in state.layers if layer.source.path and not is_withheld(session, layer)]
    linked = sorted({layer.source.path for layer in read})
    for file in (path, *(Path(name) for name in linked)):
        if file.is_file():
            with file.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def home_camera(session: Session, size: tuple[int, int] = SIZE_PX) -> Camera:
    """Return the oblique view over the buildings, else over all that is open.

    A city may run over the edges of the picture; a lone model or a map is shown whole, with room for its name.
    """
    from viewers.render.scene.camera import looking_at

    city = any(layer.id in session.project.data for layer in session.project.state.with_role("buildings"))
    frame, box = local_box(session, ("buildings",) if city else ())
    fill = 1.28 if city else 0.92
    return looking_at(box, frame, aspect=size[0] / size[1], bearing_deg=28.0, pitch_deg=-27.0, fill=fill)


def top_camera(session: Session, size: tuple[int, int] = SIZE_PX) -> Camera:
    """Return the map: straight from above, parallel, north up, everything in it."""
    from viewers.render.scene.camera import looking_at

    frame, box = local_box(session)
    width, depth = (float(v) for v in (box[1] - box[0])[:2])
    half_height = max(depth, width * size[1] / size[0], 1.0) / 2 * 1.05
    return replace(looking_at(box, frame, aspect=size[0] / size[1], pitch_deg=-90.0), parallel_scale_m=half_height)


def local_box(session: Session, roles: tuple[str, ...] = ()) -> tuple[Frame, NDArray[np.float64]]:
    """Return the frame and the local box (2, 3) of all data that has a place, or of some roles only."""
    import numpy as np

    from app.usecases.project.project_frame import place_of
    from models.bim.placement import standing
    from models.crs.frame import transformer
    from models.layers.layer import VectorData

    state = session.project.state
    if state.frame is None:
        raise UserError("picture.nothing")
    low, high = np.full(3, np.inf), np.full(3, -np.inf)
    for layer in state.layers:
        data = session.project.data.get(layer.id)
        place = place_of(standing(layer, data)) if data is not None and (not roles or layer.role in roles) else None
        if place is None:
            continue
        crs, corners = place
        x, y = transformer(crs, state.frame.horizontal).transform(corners[:, 0], corners[:, 1])
        points = state.frame.to_local(np.column_stack([x, y, corners[:, 2]]))
        if isinstance(data, VectorData):
            points[:, 2] = 0.0  # drawn on the ground, whose level the frame's origin has
        if np.isfinite(points).all():
            low, high = np.minimum(low, points.min(axis=0)), np.maximum(high, points.max(axis=0))
    if not np.isfinite(low).all():
        raise UserError("picture.nothing")
    return state.frame, np.stack([low, high])


def _relative(project: str, folder: Path) -> str:
    if not project:
        return ""
    try:
        return Path(os.path.relpath(project, folder)).as_posix()
    except ValueError:  # another drive on Windows
        return project

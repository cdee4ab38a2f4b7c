"""Export a comparison: one view of the city under several themes, side by side in one picture with titles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.background.jobs import Job
from app.usecases.health import health
from models.core.errors import UserError
from models.core.progress import Progress
from models.project.project import ProjectState
from models.project.scene import with_scene
from models.views.camera import Camera
from models.views.scene_state import SceneState
from models.views.visibility import Cut
from resources.words import word

if TYPE_CHECKING:
    from app.session import Session

#: Ways of comparing: a curtain with an upright or a level line, pictures side by side.
MODES = ("curtain", "blind", "two", "four")
MOST_PANES = 4


@dataclass(frozen=True, slots=True)
class ComparisonSpec:
    """What is compared.

    Parameters
    ----------
    mode : str
        See :data:`MODES`.
    panes : tuple of (title, SceneState)
        Left to right, top to bottom.
    camera : Camera
    size : tuple of int
        Of the whole picture, pixels.
    share : float
        Where a curtain's line lies, 0…1 from the left or the top.
    dark : bool
    """

    mode: str
    panes: tuple[tuple[str, SceneState], ...]
    camera: Camera
    size: tuple[int, int] = (1920, 1080)
    share: float = 0.5
    dark: bool = False


def rooms(spec: ComparisonSpec) -> list[tuple[int, int, int, int]]:
    """Return where the picture of each pane is seen: left, top, right, bottom in pixels from the upper left."""
    width, height = spec.size
    across, down = round(width * spec.share), round(height * spec.share)
    if spec.mode == "curtain":
        return [(0, 0, across, height), (across, 0, width, height)]
    if spec.mode == "blind":
        return [(0, 0, width, down), (0, down, width, height)]
    if spec.mode == "two":
        return [(0, 0, width // 2, height), (width // 2, 0, width, height)]
    x, y = width // 2, height // 2
    return [(0, 0, x, y), (x, 0, width, y), (0, y, x, height), (x, y, width, height)]


def synthetic_in(states: Iterable[ProjectState]) -> bool:
    """Whether synthetic data is seen in any of some states, which a picture of them then says."""
    return any(layer.synthetic and layer.visible for state in states for layer in state.layers)


def take_comparison(session: Session, spec: ComparisonSpec, out: Path) -> Job:
    """Render all panes and write them as one PNG.

    Raises
    ------
    UserError
        ``picture.bad_suffix``, ``picture.nothing``.
    """
    out = Path(out).resolve()
    if out.suffix.lower() != ".png":
        raise UserError("picture.bad_suffix", file=out.name)
    data = dict(session.project.data)
    if not data:
        raise UserError("picture.nothing")
    lang, state = session.lang, session.project.state
    results, old = health.all_kept(session), health.old_codes(session)
    states = [with_scene(state, scene) for _, scene in spec.panes]
    look, cut = session.visibility.elements, session.visibility.cut

    def prepare(progress: Progress) -> list[Any]:
        from viewers.render.symbology.theming import pictured

        progress.step(0.1, "progress.theming")
        return [pictured(one, data, one.theme, results, lang, old, spec.dark) for one in states]

    def render(themes: list[Any]) -> list[Any]:
        from app.usecases.views.snapshots import with_theme_layers
        from viewers.render.scene.offscreen import render_picture

        pictures = []
        for one, theme, room in zip(states, themes, rooms(spec), strict=False):
            whole = spec.mode in ("curtain", "blind")
            size = spec.size if whole else (room[2] - room[0], room[3] - room[1])
            shown = with_theme_layers(one, theme.called)
            pixels = render_picture(
                replace(shown, viewpoints=()), data, spec.camera, size, theme.colours, lang=lang, dark=spec.dark,
                looks=look, cut=None if cut == Cut() else cut, through=session.visibility.through,
                sun=session.visibility.sun, signs=theme.signs,
            )  # fmt: skip
            pictures.append(pixels[room[1] : room[3], room[0] : room[2]] if whole else pixels)
        return pictures

    def write(progress: Progress, pictures: list[Any], themes: list[Any]) -> Path:
        from PIL import Image

        from models.store.atomic import replacing
        from models.store.whole_files import of_picture
        from viewers.sheets.comparison import joined

        progress.step(0.8, "progress.writing")
        names = [title for title, _ in spec.panes]
        badge = word("sheet.synthetic", lang) if synthetic_in(states) else ""
        legends = [theme.legend for theme in themes]
        picture = joined(pictures, rooms(spec), spec.size, names, legends, dark=spec.dark, badge=badge)
        image = Image.fromarray(picture)
        with replacing(out, of_picture(*image.size)) as temporary:
            image.save(temporary, format="PNG", compress_level=5)
        return out

    def announce(path: Path) -> None:
        session.notices.info("notice.written", file=path.name)

    if session.jobs.inline:

        def work(progress: Progress) -> Path:
            themes = prepare(progress)
            return write(progress, render(themes), themes)

        return session.run("job.snapshot", work, announce, file=out.name)

    def rendered(themes: list[Any]) -> None:
        try:
            pictures = render(themes)
        except Exception as error:  # a fault of the graphics driver is a notice, not the end of the window
            session.fail(error)
            return
        session.run("job.snapshot_write", lambda progress: write(progress, pictures, themes), announce, file=out.name)

    return session.run("job.snapshot", prepare, rendered, file=out.name)

"""Write a flight as numbered pictures, for any film cutter to make a video of; Chengjing itself makes none.

Off-screen pictures are rendered by the thread that owns VTK, one a turn; a job writes them, tells how far it is and
can be cancelled. Nothing but time and place decides a frame: the same flight gives the same files.
"""

from __future__ import annotations

import math
import queue
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.background.jobs import Job
from models.core.errors import Cancelled, UserError
from models.core.progress import Progress
from models.views.camera import Camera
from models.views.flight_paths import Flight

if TYPE_CHECKING:
    from app.session import Session

#: Frames a second that are offered, and the most frames of one film.
RATES = (10, 24, 25, 30, 50, 60)
MOST_FRAMES = 20_000


@dataclass(frozen=True, slots=True)
class FilmSpec:
    """What is to be written.

    Parameters
    ----------
    folder : Path
        Takes ``frame_000001.png`` and so on.
    size : tuple of int
        Pixels.
    rate : int
        Frames a second.
    dark : bool
    """

    folder: Path
    size: tuple[int, int] = (1920, 1080)
    rate: int = 25
    dark: bool = False


def cameras_of(flight: Flight, rate: int) -> list[Camera]:
    """Return the camera of every frame; a loop ends one frame before it begins again.

    Raises
    ------
    UserError
        ``film.too_long``.
    """
    whole = flight.duration_s * rate
    count = max(math.ceil(whole - 1e-9), 1) if flight.is_loop else math.floor(whole + 1e-9) + 1
    if count > MOST_FRAMES:
        raise UserError("film.too_long", count=count, most=MOST_FRAMES)
    return [flight.camera_at(number / rate) for number in range(count)]


class FrameWriter:
    """Renders and writes the frames of one film.

    Parameters
    ----------
    session : Session
    flight : Flight
    spec : FilmSpec
    notes : bool
        Whether what people wrote into the city is in the frames.
    """

    def __init__(self, session: Session, flight: Flight, spec: FilmSpec, *, notes: bool = True) -> None:
        from models.views.visibility import Cut
        from viewers.render.scene.flight_frames import Film

        self.cameras = cameras_of(flight, spec.rate)
        self._spec = spec
        spec.folder.mkdir(parents=True, exist_ok=True)
        state, data = session.project.state, dict(session.project.data)
        if not data:
            raise UserError("picture.nothing")
        from app.usecases.health import health
        from viewers.render.symbology.theming import pictured

        results, old = health.all_kept(session), health.old_codes(session)
        theme = pictured(state, data, state.theme, results, session.lang, old, spec.dark)
        self._film = Film(
            state, data, spec.size, theme.colours, lang=session.lang, dark=spec.dark, looks=session.visibility.elements,
            cut=None if session.visibility.cut == Cut() else session.visibility.cut,
            through=session.visibility.through, notes=notes,
        )  # fmt: skip
        self._waiting: queue.Queue[Any] = queue.Queue(maxsize=3)
        self._steps = self._rendered()
        self.is_over = False

    def run(self, session: Session) -> Job:
        """Write everything; in a window :meth:`step` must be called now and then by the thread that owns VTK."""
        inline = session.jobs.inline

        def work(progress: Progress) -> int:
            for number in range(len(self.cameras)):
                progress.step(number / len(self.cameras), "progress.frames")
                pixels = next(self._steps) if inline else self._taken(progress)
                self._write(number, pixels)
            return len(self.cameras)

        def done(count: int) -> None:
            self.close()
            session.notices.info("notice.frames", count=count, folder=self._spec.folder.name, rate=self._spec.rate)

        job = session.run("job.frames", work, done, folder=self._spec.folder.name)
        job.ended.connect(lambda _: self.close())
        return job

    def step(self) -> None:
        """Render one frame if the writer can take it."""
        if not self.is_over and not self._waiting.full():
            try:
                self._waiting.put(next(self._steps))
            except StopIteration:
                return
            except Exception as error:  # a fault of the graphics driver ends the film, with a notice
                self._waiting.put(error)

    def close(self) -> None:
        """Take the scene down."""
        if not self.is_over:
            self.is_over = True
            self._film.close()

    def _rendered(self) -> Iterator[Any]:
        for camera in self.cameras:
            yield self._film.frame(camera)

    def _taken(self, progress: Progress) -> Any:
        while True:
            progress.step()
            try:
                pixels = self._waiting.get(timeout=0.2)
            except queue.Empty:
                if self.is_over:
                    raise Cancelled from None
                continue
            if isinstance(pixels, Exception):
                raise pixels
            return pixels

    def _write(self, number: int, pixels: Any) -> None:
        from PIL import Image

        from models.store.atomic import replacing
        from models.store.whole_files import of_picture

        picture = Image.fromarray(pixels)
        with replacing(self._spec.folder / f"frame_{number + 1:06d}.png", of_picture(*picture.size)) as temporary:
            picture.save(temporary, format="PNG", compress_level=3)

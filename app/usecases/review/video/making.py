"""Make a video: parts are drawn off-screen, encoded and kept beside the file until it is whole.

A part has the hash of all that makes it in its name. Killed at any moment, the next run finds the parts that are whole
and true and draws the others; the file itself appears when it is complete.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.background.jobs import Job
from app.notices import Notice
from app.usecases.health import health
from app.usecases.review.video.plan import Part, Shot, VideoSpec, band_px, checked, parts_of, title_lines
from app.usecases.views.snapshots import content_hash
from models.core.errors import Cancelled, UserError
from models.core.program import version
from models.core.progress import Progress

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.session import Session
    from app.usecases.views.pictures import Pictures

CHILD = "app.usecases.review.video.child"
TITLE = "job.video"


def make_video(session: Session, spec: VideoSpec, out: Path) -> Job:
    """Make a video; where jobs run beside the window a child process draws it.

    Raises
    ------
    UserError
        ``video.bad_suffix``, and what :func:`app.usecases.review.video.plan.parts_of` raises.
    """
    out, spec = Path(out).resolve(), checked(spec)
    if out.suffix.lower() != ".mp4":
        raise UserError("video.bad_suffix", file=out.name)
    if not session.project.data:
        raise UserError("picture.nothing")
    parts = parts_of(session, spec)
    for code in sorted({shot.view.theme.indicator for part in parts for shot in part.shots if shot is not None}):
        if code and session.jobs.inline and health.wants_computing(session, code):
            health.compute_indicators(session, (code,))

    def announce(_: object) -> None:
        facts: dict[str, object] = {"file": out.name, "path": str(out)}
        session.notices.add(Notice("info", "notice.written", facts, alone=True))

    if session.jobs.inline:
        return session.run(TITLE, lambda progress: draw(session, spec, out, progress), announce, file=out.name)
    from app.usecases.views.drawing_apart import Drawer, Handover

    given = Handover(session)
    wishes = {"lang": session.lang, "video": asdict(spec), "out": str(out)}

    def apart(progress: Progress) -> None:
        try:
            given.hand(Drawer(CHILD), wishes, out, progress)
        except Cancelled:
            shutil.rmtree(folder_of(out), ignore_errors=True)
            raise

    return session.run(TITLE, apart, announce, file=out.name)


def folder_of(out: Path) -> Path:
    """Return the folder of the parts of a video that is being made."""
    return out.with_name(f".{out.stem}.parts")


def draw(session: Session, spec: VideoSpec, out: Path, progress: Progress) -> None:
    """Draw what is missing and put the video together, here and now."""
    from app.usecases.views.pictures import Pictures
    from viewers.documents import video_file

    parts = parts_of(session, spec)
    path = session.project.path
    content = content_hash(session, path, session.project.state) if path is not None and path.is_file() else ""
    folder = folder_of(out)
    names = [folder / f"{at:05d}_{_hash(session, spec, part, content)}.mp4" for at, part in enumerate(parts)]
    total = sum(part.frames for part in parts)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for left in set(folder.iterdir()) - set(names):  # of another video, or half-written
            shutil.rmtree(left) if left.is_dir() else left.unlink()
    except OSError as error:
        from models.store.atomic import translated

        raise translated(error, out) from error
    done = 0
    with Pictures(session) as pictures:
        maker = _Frames(session, spec, pictures)
        for part, name in zip(parts, names, strict=True):
            if not (content and video_file.is_whole(name, part.frames)):
                frames = _counted(maker.of(part), progress, done, total)
                video_file.write_part(name, frames, spec.size, spec.fps, part.frames)
            done += part.frames
            _tell(progress, done, total)
    progress.step(0.99, "progress.writing")
    video_file.join(out, names, total)
    shutil.rmtree(folder, ignore_errors=True)


def _tell(progress: Progress, done: int, total: int) -> None:
    progress.step(0.98 * done / total, "progress.frames")


def _counted(
    frames: Iterator[NDArray[np.uint8]], progress: Progress, start: int, total: int
) -> Iterator[NDArray[np.uint8]]:
    """Yield frames, and tell how many there are; a cancel ends them."""
    for at, frame in enumerate(frames):
        _tell(progress, start + at, total)
        yield frame


def _hash(session: Session, spec: VideoSpec, part: Part, content: str) -> str:
    """Return a hash of all that makes a part."""
    from models.store.rows.snapshot_json import as_json

    told: dict[str, Any] = {
        "program": version(), "content": content, "size": spec.size, "fps": spec.fps, "captions": spec.captions,
        "dark": spec.dark, "lang": session.lang, "kind": part.kind, "frames": part.frames,
        "cameras": [asdict(one) for one in part.cameras],
        "title": list(title_lines(session, spec)) if None in part.shots else [],
        "shots": [None if one is None else [as_json(replace(one.view, project="")), one.title, one.told]
                  for one in part.shots],
        "results": sorted((code, str(result.stamp)) for code, result in health.all_kept(session).items()),
    }  # fmt: skip
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:24]


class _Frames:
    """Draws the frames of parts, one after another; the last stills are kept for dissolves."""

    def __init__(self, session: Session, spec: VideoSpec, pictures: Pictures) -> None:
        self._session, self._spec, self._pictures = session, spec, pictures
        self._stills: dict[int, NDArray[np.uint8]] = {}

    def of(self, part: Part) -> Iterator[NDArray[np.uint8]]:
        """Yield the frames of a part."""
        from viewers.sheets.video_frames import mixed

        first = part.shots[0]
        if part.cameras and first is not None:
            for camera in part.cameras:
                yield self._frame(replace(first, view=replace(first.view, camera=camera)), moving=True)
            return
        if part.kind == "lapse":
            for at in range(part.frames):
                yield self._still(part.shots[at * len(part.shots) // part.frames])
            return
        stills = [self._still(shot) for shot in part.shots]
        for at in range(part.frames):
            yield stills[0] if len(stills) == 1 else mixed(stills[0], stills[1], (at + 1) / (part.frames + 1))

    def _still(self, shot: Shot | None) -> NDArray[np.uint8]:
        key = id(shot)
        if key not in self._stills:
            if len(self._stills) > 2:
                self._stills.pop(next(iter(self._stills)))
            self._stills[key] = self._title() if shot is None else self._frame(shot)
        return self._stills[key]

    def _title(self) -> NDArray[np.uint8]:
        from viewers.sheets.video_frames import title_card

        session = self._session
        label = session.word("sheet.synthetic") if session.project.state.synthetic else ""
        return title_card(self._spec.size, title_lines(session, self._spec), label, dark=True)

    def _frame(self, shot: Shot, *, moving: bool = False) -> NDArray[np.uint8]:
        import numpy as np

        from viewers.sheets.video_frames import band, pixels_of

        view = shot.view
        sheet = pixels_of(self._pictures.composed(view, with_occlusion=not moving))
        high = band_px(self._spec)
        if not high:
            return sheet
        caption = band((self._spec.size[0], high), shot.title, shot.told, dark=view.dark)
        return np.concatenate([sheet, caption])

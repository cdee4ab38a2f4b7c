"""What a video shows: shots, and the parts of which it is put together.

Along the agenda each stop is held; between two that look alike but for the camera the camera flies, else one dissolves
into the other. Along a path the camera follows the flight.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.usecases.review.agenda import value_text
from app.usecases.timeline.moment import moment_caption, zone_of
from app.usecases.views.flight_frames import MOST_FRAMES
from app.usecases.views.snapshots import make_spec
from models.core.errors import UserError
from models.timeline.zone import iso, us_of_iso
from models.views.camera import Camera
from models.views.flight_paths import Flight, FlightPath
from models.views.snapshot_spec import SnapshotSpec
from models.views.sun import SunTime
from viewers.texts.pattern_texts import indicator_title

if TYPE_CHECKING:
    from app.session import Session
    from models.terrain.ground import Ground

#: Frames a second that are offered, and sizes in pixels.
RATES = (24, 25, 30, 50, 60)
SIZES = ((1280, 720), (1920, 1080), (2560, 1440), (3840, 2160))
SMALLEST_PX, LARGEST_PX = 128, 4096
#: Seconds: a title, a stop that says nothing, a dissolve, a flight between two stops, a part of a path.
TITLE_S, HOLD_S, DISSOLVE_S, FLIGHT_S, PART_S = 2.5, 5.0, 1.0, 3.0, 1.0
#: Time that runs between two stops which differ in their moment alone: seconds, and pictures.
LAPSE_S, LAPSE_SHOTS = 6.0, 36
#: Of the height of the picture: the band of the caption under it.
BAND = 0.1


@dataclass(frozen=True, slots=True)
class VideoSpec:
    """How a video is made.

    Parameters
    ----------
    size : (int, int)
        Pixels; made even.
    fps : int
        Frames a second.
    seconds : float
        How long each stop is held, or how long the flight lasts; 0 for the usual.
    path : str
        Id or name of a flight path; empty follows the agenda.
    title, captions, dark : bool
        A title before it, a caption under each picture, night colours on a path.
    """

    size: tuple[int, int] = (1920, 1080)
    fps: int = 30
    seconds: float = 0.0
    path: str = ""
    title: bool = True
    captions: bool = True
    dark: bool = False


@dataclass(frozen=True, slots=True)
class Shot:
    """A view, and what is written under it: a line, and smaller ones at its right."""

    view: SnapshotSpec
    title: str = ""
    told: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the video that is made and kept by itself.

    Parameters
    ----------
    kind : str
        ``"title"``, ``"hold"``, ``"dissolve"``, ``"moves"`` or ``"lapse"``.
    shots : tuple of Shot
        One; of a lapse one a moment; two for a dissolve, from the first to the second, where a first without a view
        is the title.
    frames : int
    cameras : tuple of Camera
        Of ``"moves"``, a frame each.
    """

    kind: str
    shots: tuple[Shot | None, ...]
    frames: int
    cameras: tuple[Camera, ...] = ()


def checked(spec: VideoSpec) -> VideoSpec:
    """Return a specification with an even size.

    Raises
    ------
    UserError
        ``video.bad_size``, ``video.bad_number``.
    """
    width, height = (one - one % 2 for one in spec.size)
    if not all(SMALLEST_PX <= one <= LARGEST_PX for one in (width, height)):
        size = f"{spec.size[0]}x{spec.size[1]}"
        raise UserError("video.bad_size", size=size, smallest=SMALLEST_PX, largest=LARGEST_PX)
    if not (1 <= spec.fps <= 120 and math.isfinite(spec.seconds) and 0 <= spec.seconds <= 3600):
        raise UserError("video.bad_number", fps=spec.fps, seconds=spec.seconds)
    return replace(spec, size=(width, height))


def picture_size(spec: VideoSpec) -> tuple[int, int]:
    """Return the size of the city in a frame: without the band of the caption."""
    width, height = spec.size
    return width, height - band_px(spec)


def band_px(spec: VideoSpec) -> int:
    """Return how high the band of the caption is, 0 for none."""
    return 2 * round(spec.size[1] * BAND / 2) if spec.captions else 0


def parts_of(session: Session, spec: VideoSpec) -> list[Part]:
    """Return the parts of a video.

    Raises
    ------
    UserError
        ``video.no_agenda``, ``video.no_path``, ``video.too_long``.
    """
    parts = _along_path(session, spec) if spec.path else _along_agenda(session, spec)
    count = sum(part.frames for part in parts)
    if count > MOST_FRAMES:
        raise UserError("video.too_long", count=count, most=MOST_FRAMES)
    return parts


def _along_agenda(session: Session, spec: VideoSpec) -> list[Part]:
    stops = session.project.state.review.stops
    if not stops:
        raise UserError("video.no_agenda")
    width, height = picture_size(spec)
    shots: list[Shot] = []
    for stop in stops:
        view = replace(
            stop.view, width_px=width, height_px=height, lang=session.lang, title="", callout=None, dpi=0,
            without=("title", "scale", "north", "source"),
        )  # fmt: skip
        told = _told(session, view, stop.view.date)
        value = value_text(session, stop.indicator)
        if value:
            name = indicator_title(stop.indicator, session.project.state, session.lang)
            told.insert(0, value if name in stop.title else f"{name} {value}")
        shots.append(Shot(view, stop.title, " · ".join(filter(None, told))))
    hold = max(round((spec.seconds or HOLD_S) * spec.fps), 1)
    change = max(round(DISSOLVE_S * spec.fps), 1)
    parts: list[Part] = []
    if spec.title:
        parts += [
            Part("title", (None,), max(round(TITLE_S * spec.fps), 1)),
            Part("dissolve", (None, shots[0]), change),
        ]
    for at, shot in enumerate(shots):
        parts.append(Part("hold", (shot,), hold))
        if at + 1 < len(shots):
            cameras = _flight_between(session, shot.view, shots[at + 1].view, max(round(FLIGHT_S * spec.fps), 1))
            lapse = _between_moments(session, shot, shots[at + 1])
            if lapse:
                parts.append(Part("lapse", lapse, max(round(LAPSE_S * spec.fps), len(lapse))))
            elif cameras:
                parts.append(Part("moves", (shots[at + 1],), len(cameras), cameras))
            else:
                parts.append(Part("dissolve", (shot, shots[at + 1]), change))
    return parts


def _along_path(session: Session, spec: VideoSpec) -> list[Part]:
    path = find_path(session, spec.path)
    flight = Flight(path, _ground(session).height_m)
    seconds = spec.seconds or flight.duration_s
    whole = seconds * spec.fps
    if whole > MOST_FRAMES:
        raise UserError("video.too_long", count=math.ceil(whole), most=MOST_FRAMES)
    count = max(round(whole), 1)
    share = flight.duration_s / max(count if flight.is_loop else count - 1, 1)
    cameras = [flight.camera_at(number * share) for number in range(count)]
    width, height = picture_size(spec)
    view = make_spec(session, cameras[0], size=(max(width, 320), max(height, 320)), furniture=False, dark=spec.dark)
    view = replace(view, width_px=width, height_px=height, date="")
    shot = Shot(view, path.title(session.lang), " · ".join(_told(session, view, "")))
    each = max(round(PART_S * spec.fps), 1)
    parts = [
        Part("moves", (shot,), len(some), some)
        for start in range(0, count, each)
        if (some := tuple(cameras[start : start + each]))
    ]
    if spec.title:
        parts.insert(0, Part("title", (None,), max(round(TITLE_S * spec.fps), 1)))
    return parts


def find_path(session: Session, name: str) -> FlightPath:
    """Return a flight path by id or name.

    Raises
    ------
    UserError
        ``video.no_path``, naming those there are.
    """
    paths = session.project.state.paths
    for path in paths:
        if name in (path.id, path.name, path.name_en):
            return path
    raise UserError("video.no_path", name=name, known=", ".join(path.title(session.lang) for path in paths) or "—")


def _flight_between(session: Session, first: SnapshotSpec, second: SnapshotSpec, frames: int) -> tuple[Camera, ...]:
    """Return the cameras from one view to another that differs in nothing else; none where it does."""
    alike = replace(first, camera=second.camera, selected=second.selected, faded=second.faded, date=second.date)
    cameras = (first.camera, second.camera)
    if alike != second or any(one.parallel_scale_m is not None for one in cameras):
        return ()
    if math.dist(first.camera.position, second.camera.position) < 1.0:
        return ()
    try:
        flight = Flight(
            FlightPath("", "", cameras=cameras, angle_deg=first.camera.angle_deg), _ground(session).height_m
        )
    except UserError:
        return ()
    steps = [(number + 1) / (frames + 1) for number in range(frames)]
    angles = (first.camera.angle_deg, second.camera.angle_deg)
    found = []
    for share in steps:
        eased = share * share * (3.0 - 2.0 * share)
        camera = flight.camera_at(eased * flight.duration_s)
        found.append(replace(camera, angle_deg=angles[0] + (angles[1] - angles[0]) * eased))
    return tuple(found)


def _between_moments(session: Session, first: Shot, second: Shot) -> tuple[Shot, ...]:
    """Return the city along time from one stop to another that differs in its moment alone; none where it does not."""
    one, other = first.view, second.view
    alike = replace(one, moment=other.moment, date=other.date, selected=other.selected, faded=other.faded)
    if not (one.moment and other.moment) or one.moment == other.moment or alike != other:
        return ()
    zone = zone_of(session)
    start, end = us_of_iso(one.moment, zone), us_of_iso(other.moment, zone)
    views = [
        replace(other, moment=iso(start + (end - start) * number // (LAPSE_SHOTS + 1), zone))
        for number in range(1, LAPSE_SHOTS + 1)
    ]
    return tuple(Shot(view, second.title, " · ".join(_told(session, view, ""))) for view in views)


def _ground(session: Session) -> Ground:
    from viewers.render.scene.offscreen import ground_of

    return ground_of(session.project.state, session.project.data)


def _told(session: Session, view: SnapshotSpec, date: str) -> list[str]:
    """Return what is said of when a picture is: its moment, its sun, its date."""
    told = (moment_caption(session, view.moment, session.lang), _sun_text(view.sun), _date_text(session, date))
    return [one for one in told if one]


def _sun_text(sun: SunTime | None) -> str:
    return "" if sun is None else f"{sun.date} {sun.minute // 60:02d}:{sun.minute % 60:02d}"


def _date_text(session: Session, date: str) -> str:
    return session.word("video.date", date=date) if date else ""


def title_lines(session: Session, spec: VideoSpec) -> Sequence[str]:
    """Return what the title says: the project, and what is shown."""
    state = session.project.state
    own = state.name_en if session.lang == "en" and state.name_en else state.name
    name = own or (session.project.path.stem if session.project.path else "")
    what = find_path(session, spec.path).title(session.lang) if spec.path else session.word("video.agenda")
    return [name or what, what if name else ""]

"""Turn a picture to some objects, so that they fill it and nothing of them is hidden, and say what stays hidden.

Bearings and pitches are tried against what stands between (:mod:`viewers.render.scene.standpoint`), then the picture
itself is asked, object by object, what it shows. What still hides something is faded; where that does not help the city
is looked at from straight above, to scale. An object that is not seen even then is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from models.project.selection import ObjectKey
from models.views.camera import Camera
from models.views.snapshot_spec import SnapshotSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from viewers.render.scene.pictures.picture_scene import Asked, PictureScene

#: Direction from which a map and what stands are looked at first: north is away, pitch in degrees.
BEARING_DEG, PITCH_DEG = 0.0, 48.0
#: Room around what is shown, as a share of it, and the least that is shown around a small thing, metres.
MARGIN, LEAST_M = 0.14, 40.0
#: Share of a perspective picture's half sides that stays free around what is shown: room for words and numbers.
ROOM = 0.12
#: An object is seen where it has so many pixels of a picture of a million, in proportion.
SEEN_PX = 4
#: More things than these are not faded: the city would no longer be there.
MOST_FADED = 40


class Looking(Protocol):
    """Whoever has the scene of a picture, as :class:`app.usecases.views.pictures.Pictures` does."""

    def scene_for(self, spec: SnapshotSpec) -> tuple[PictureScene, Asked]:
        """Return the scene that a picture is drawn from and what is asked of it."""

    def seen(self, spec: SnapshotSpec, keys: Iterable[ObjectKey] | None = None) -> dict[ObjectKey, int]:
        """Return how many pixels of a picture show each object that is seen."""


@dataclass(frozen=True, slots=True)
class Framed:
    """A picture that is turned to its objects.

    Parameters
    ----------
    spec : SnapshotSpec
        With camera, faded objects and the layers of what is shown.
    seen : mapping of ObjectKey to int
        Pixels by object.
    hidden : tuple of ObjectKey
        What is not seen all the same.
    """

    spec: SnapshotSpec
    seen: Mapping[ObjectKey, int]
    hidden: tuple[ObjectKey, ...] = ()


def framed(
    pictures: Looking, spec: SnapshotSpec, keys: tuple[ObjectKey, ...], *, important: tuple[ObjectKey, ...] = (),
    plan: bool = False, bearing_deg: float = BEARING_DEG, pitch_deg: float = PITCH_DEG,
) -> Framed:  # fmt: skip
    """Return a picture that shows some objects.

    Parameters
    ----------
    pictures : Looking
    spec : SnapshotSpec
        Its size, layers and theme; the camera is looked for.
    keys : tuple of ObjectKey
        What fills the picture: a unit, a building, the objects of a problem.
    important : tuple of ObjectKey
        What must be seen within it; empty for ``keys``.
    plan : bool
        From straight above, parallel and to scale, whatever is hidden.
    bearing_deg, pitch_deg : float
        From where to look first: clockwise from north, and down.
    """
    asked = important or keys
    layers = {key.layer for key in (*keys, *asked)}
    spec = replace(spec, hidden=tuple(one for one in spec.hidden if one not in layers), faded=())
    aspect = spec.width_px / spec.height_px
    scene, question = pictures.scene_for(spec)
    box = scene.box_of(keys)
    if box is None:
        return Framed(spec, {}, asked)
    from_above = replace(spec, camera=plan_camera(box, aspect))
    if plan:
        return looked_at(pictures, from_above, asked)
    toward = direction_camera(box, bearing_deg, pitch_deg)
    found = scene.standpoint(replace(question, camera=toward), keys, LEAST_M)
    if found is None:
        return looked_at(pictures, from_above, asked)
    camera = scene.fitted(found.camera, keys, aspect, ROOM, LEAST_M)
    tried = [looked_at(pictures, replace(spec, camera=camera), asked)]
    if tried[0].hidden and 0 < len(found.hiding) <= MOST_FADED:
        faded = tuple(key for key in found.hiding if key not in set(asked))
        tried.append(looked_at(pictures, replace(spec, camera=camera, faded=faded), asked))
    if tried[-1].hidden:
        tried.append(looked_at(pictures, from_above, asked))
    return min(tried, key=lambda one: len(one.hidden))  # the first of equals


def looked_at(pictures: Looking, spec: SnapshotSpec, keys: tuple[ObjectKey, ...]) -> Framed:
    """Return a picture as it is, with what is seen and what is hidden of some objects."""
    least = max(1, round(SEEN_PX * spec.width_px * spec.height_px / 1e6))
    seen = {key: count for key, count in pictures.seen(spec, keys).items() if count >= least}
    return Framed(spec, seen, tuple(key for key in keys if key not in seen))


def plan_camera(box: NDArray[np.float64], aspect: float, margin: float = MARGIN) -> Camera:
    """Return the map of a world box (2, 3): straight from above, parallel, north up.

    Parameters
    ----------
    box : ndarray (2, 3)
        E, N, H, metres.
    aspect : float
        Width over height of the picture.
    margin : float
        Room around it, as a share of it.
    """
    low, high = box.tolist()
    middle = [(a + b) / 2 for a, b in zip(low, high, strict=True)]
    half = max(high[1] - low[1], (high[0] - low[0]) / aspect, LEAST_M) / 2 * (1 + margin)
    return Camera(
        (middle[0], middle[1], high[2] + 4 * half + 100.0), (middle[0], middle[1], middle[2]), (0.0, 1.0, 0.0),
        parallel_scale_m=half,
    )  # fmt: skip


def direction_camera(box: NDArray[np.float64], bearing_deg: float, pitch_deg: float) -> Camera:
    """Return a camera that looks at the middle of a world box from a direction."""
    import numpy as np

    bearing, pitch = np.radians(bearing_deg), np.radians(pitch_deg)
    middle = box.mean(axis=0)
    way = np.array([np.sin(bearing) * np.cos(pitch), np.cos(bearing) * np.cos(pitch), -np.sin(pitch)])
    eye = middle - way * max(float(np.linalg.norm(box[1] - box[0])), 1.0)
    return Camera(tuple(eye.tolist()), tuple(middle.tolist()))

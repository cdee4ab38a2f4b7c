"""The camera of a scene in world coordinates: bounds to zoom to, the view of the whole city."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.crs.frame import Frame
from models.project.selection import Keys, ObjectKey
from models.roles import ROLES, role_row
from models.views.camera import Camera
from viewers.render.scene import camera as cameras
from viewers.render.scene.standing_between import between, standing
from viewers.render.scene.standpoint import Sight, Standpoint, best_standpoint, spread

if TYPE_CHECKING:
    from models.layers.layer import Layer
    from viewers.render.drawing.drawn_layer import DrawnLayer, ObjectColours
    from viewers.render.geometry.actors import Drawn


Floats = NDArray[np.float64]

#: A small thing is shown with so many times its size around it, within these metres.
AROUND, AROUND_M = 5.0, (9.0, 60.0)
#: What stands farther off than so many times what is shown can hide nothing of it.
FAR = 4.5
#: Layers farther from the project's origin are not of its city, metres; they are shown where nothing else is.
_CITY_M = 150_000.0


def _together(boxes: list[NDArray[np.float64]]) -> NDArray[np.float64] | None:
    """Return the box around those of some local boxes that are near the origin, around all where none is."""
    if not boxes:
        return None
    away = [np.linalg.norm(np.maximum(np.maximum(box[0, :2], -box[1, :2]), 0.0)) for box in boxes]
    near = [box for box, gap_m in zip(boxes, away, strict=True) if gap_m < _CITY_M] or boxes
    stack = np.stack(near)
    return np.stack([stack[:, 0].min(axis=0), stack[:, 1].max(axis=0)])


class SceneCamera:
    """The camera of a :class:`~viewers.render.scene.scene.Scene`; all that it needs to know are the layers that are
    put.
    """

    frame: Frame
    _renderer: Any
    _layers: dict[str, DrawnLayer]

    def _touch(self) -> None:
        raise NotImplementedError

    @property
    def camera(self) -> Camera:
        """Return the camera in world coordinates."""
        return cameras.read(self._renderer.GetActiveCamera(), self.frame)

    def share_camera(self, other: SceneCamera) -> None:
        """Look through the camera of another scene of the same frame from now on."""
        self._renderer.SetActiveCamera(other._renderer.GetActiveCamera())
        self._touch()

    def shares_camera(self, other: SceneCamera) -> bool:
        """Whether this scene looks through another's camera."""
        return self._renderer.GetActiveCamera() is other._renderer.GetActiveCamera()

    def set_camera(self, wanted: Camera) -> None:
        """Look from a camera given in world coordinates."""
        cameras.write(self._renderer.GetActiveCamera(), wanted, self.frame)
        self._touch()

    @property
    def bounds(self) -> NDArray[np.float64] | None:
        """Return the *local* box (2, 3) of the visible layers, None when nothing is shown."""
        boxes = [s.prepared.bounds for s in self._layers.values() if s.visible and np.isfinite(s.prepared.bounds).all()]
        if not boxes:
            return None
        stack = np.stack(boxes)
        return np.stack([stack[:, 0].min(axis=0), stack[:, 1].max(axis=0)])

    @property
    def bulk(self) -> NDArray[np.float64] | None:
        """Return the *local* box (2, 3) of the bulk of the visible layers, None when nothing is shown."""
        boxes = [s.prepared.framing_box for s in self._layers.values() if s.visible]
        return _together([box for box in boxes if np.isfinite(box).all()])

    def bounds_of(self, keys: Iterable[ObjectKey]) -> NDArray[np.float64] | None:
        """Return the *world* box (2, 3) of some objects, None if none of them is drawn.

        An object that is not drawn itself (a storey, a stair of flights) has the box of what belongs to it.
        """
        low, high = np.full(3, np.inf), np.full(3, -np.inf)
        for layer_id, oids in Keys.of(keys).by_layer().items():
            shown = self._layers.get(layer_id)
            box = None if shown is None else shown.box_of(oids)
            if box is not None:
                low, high = np.minimum(low, box[0]), np.maximum(high, box[1])
        return self.frame.to_world(np.stack([low, high])) if np.isfinite(low).all() else None

    def visible_actors(self) -> Iterator[tuple[Layer, Drawn]]:
        """Yield what is drawn of the visible layers; the frame is to be made ready before (:meth:`follow_camera`)."""
        for shown in self._layers.values():
            if shown.visible and not shown.out_of_scale:
                for one in shown.drawn:
                    if one.actor.GetVisibility():
                        yield shown.layer, one

    def colours_of(self, layer_id: str) -> ObjectColours | None:
        """Return the colours that :meth:`set_colours` gave a layer."""
        return self._layers[layer_id].colours if layer_id in self._layers else None

    def points_of(self, keys: Iterable[ObjectKey]) -> Floats:
        """Return the *local* points (n, 3) of some objects, none of those that are not drawn."""
        layers = Keys.of(keys).by_layer().items()
        found = [self._layers[name].points_of(oids) for name, oids in layers if name in self._layers]
        return np.concatenate(found).astype(np.float64) if found else np.zeros((0, 3))

    def members_of(self, key: ObjectKey) -> list[ObjectKey]:
        """Return what is drawn of an object: itself, or all that belongs to one that is not drawn (a storey)."""
        shown = self._layers.get(key.layer)
        if shown is None:
            return [key]
        return [ObjectKey(key.layer, oid) for oid in shown.members(np.array([key.oid], dtype=np.int64)).tolist()]

    def look_for(
        self, keys: Iterable[ObjectKey], ground: Callable[[Floats, Floats], Floats], least_m: float | None = None
    ) -> Callable[[], Standpoint] | None:
        """Return a function for a worker thread that finds where to stand to see some objects.

        Parameters
        ----------
        keys : iterable of ObjectKey
        ground : callable
            Height of the ground at *world* x, y (arrays), metres.
        least_m : float or None
            Show at least this much around a small thing; None goes by its size: near to a manhole cover, and a
            district whole.

        Returns
        -------
        callable or None
            None if none of the objects is drawn.
        """
        keys = Keys.of(keys)
        own, points = {}, []
        for layer_id, oids in keys.by_layer().items():
            shown = self._layers.get(layer_id)
            if shown is not None and len(found := shown.points_of(oids)):
                own[layer_id] = shown.members(oids)
                points.append(found)
        if not points:
            return None
        cloud = np.concatenate(points).astype(np.float64)
        box = np.stack([cloud.min(axis=0), cloud.max(axis=0)])
        bearing_deg, pitch_deg = cameras.bearing_and_pitch(self.camera)
        wide = float(np.linalg.norm(np.ptp(box, axis=0)))
        around = np.clip(AROUND * wide, *AROUND_M) if least_m is None else least_m
        half = np.maximum((box[1] - box[0]) / 2, [around / 2, around / 2, 0.5])
        middle = box.mean(axis=0)
        sight = Sight(np.stack([middle - half, middle + half]), spread(cloud), self.frame, bearing_deg, -pitch_deg,
                      self._aspect())  # fmt: skip
        if self.camera.parallel_scale_m is not None:
            plan = cameras.plan_of(sight.box, self.camera, self.frame, self._aspect())
            return lambda: Standpoint(plan, 1.0)
        things = standing(self._layers.values())
        frame, reach_m = self.frame, FAR * (float(np.linalg.norm(half)) + 60.0)

        def local(x: Floats, y: Floats) -> Floats:
            east, north, height = frame.origin
            return np.asarray(ground(x + east, y + north) - height, dtype=np.float64)

        return lambda: best_standpoint(sight, between(things, middle, reach_m, own), local)

    def bounds_of_layer(self, layer_id: str) -> NDArray[np.float64] | None:
        """Return the *world* box (2, 3) of a layer, None if it is not shown."""
        shown = self._layers.get(layer_id)
        return None if shown is None else self.frame.to_world(shown.prepared.bounds)

    def bulk_of_layer(self, layer_id: str) -> NDArray[np.float64] | None:
        """Return the *world* box (2, 3) of the bulk of a layer, None if it is not shown."""
        shown = self._layers.get(layer_id)
        return None if shown is None else self.frame.to_world(shown.prepared.framing_box)

    def zoom_to(self, bounds_world: NDArray[np.float64], least_m: float = 30.0) -> None:
        """Show a world box from the present direction.

        Parameters
        ----------
        bounds_world : ndarray (2, 3)
        least_m : float
            A smaller box (a manhole cover) is shown with this much around it.
        """
        box = self.frame.to_local(np.asarray(bounds_world, dtype=np.float64))
        centre, half = box.mean(axis=0), np.maximum((box[1] - box[0]) / 2, [least_m / 2, least_m / 2, 1.0])
        bearing, pitch = cameras.bearing_and_pitch(self.camera)
        wanted = cameras.looking_at(
            np.stack([centre - half, centre + half]), self.frame, aspect=self._aspect(), bearing_deg=bearing,
            pitch_deg=min(pitch, -20.0),
        )  # fmt: skip
        self.set_camera(wanted)

    def home(self) -> None:
        """Show the whole city obliquely."""
        wanted = self.home_camera()
        if wanted is not None:
            self.set_camera(wanted)

    def home_camera(self) -> Camera | None:
        """Return the camera of :meth:`home`, None when nothing is shown."""
        box = self._city_box()
        if box is None:
            return None
        # A city may run over the edges of the picture; a lone building or a map is shown whole.
        city = any(s.visible and s.layer.role == "buildings" for s in self._layers.values())
        pitch_deg, fill = (-18.5, 1.85) if city else (-28.0, 0.95)
        return cameras.looking_at(
            box, self.frame, aspect=self._aspect(), bearing_deg=24.0, pitch_deg=pitch_deg, angle_deg=40.0, fill=fill
        )

    def _city_box(self) -> NDArray[np.float64] | None:
        """Return the local box of what stands in the city (its buildings where there are any)."""
        shown = [s for s in self._layers.values() if s.visible]
        places = [role_row(s.layer.role).framing for s in shown]
        first = min((place for place in places if place is not None), default=None)
        if first is None:
            return self.bulk
        boxes = [s.prepared.framing_box for s, place in zip(shown, places, strict=True) if place == first]
        box = _together([box for box in boxes if np.isfinite(box).all()])
        if box is None:
            return self.bulk
        if first != ROLES["model"].framing:  # a tower may run out of the picture of its city, not out of its own
            box[1, 2] = min(box[1, 2], box[0, 2] + 0.25 * float(np.ptp(box[:, 0])) + 10.0)
        return box

    def top_view(self) -> None:
        """Look straight down on the same spot, north up."""
        self.set_camera(cameras.from_above(self.camera))

    def north_up(self) -> None:
        """Turn the view so that north is away from the eye."""
        self.set_camera(cameras.turned_north(self.camera))

    def _aspect(self) -> float:
        width, height = self._renderer.GetSize()
        return width / height if width and height else 16 / 9

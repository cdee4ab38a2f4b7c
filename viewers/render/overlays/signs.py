"""Signs of components over the picture: the icon of a class where few stand, a disc with their number where many do.

A disc's rim tells the shares of the states, the worst first; an icon has a rim in the colour of its state where that
wants somebody. All signs of a renderer are one 2D actor with one texture, as labels are; no sign touches another: what
would is counted with its neighbour. Close by the components themselves are seen, and their signs go.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewers.facility_icons import paint
from viewers.render.geometry.frame_size import density, seen_height
from viewers.render.geometry.parts import SignPart
from viewers.render.overlays.label_fonts import label_font
from viewers.render.overlays.labels import _sheet_actor, pack
from viewers.render.overlays.sign_tree import SignTree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: A cell of the tree is parted where it is wider than this on the screen, pixels that are seen.
CELL_PX = 140.0
#: Side of an icon; where a metre is more pixels than this, things are seen themselves and have no sign.
ICON_PX, NEAREST_PX_M = 22, 26.0
#: Most signs in one picture, and painted ones that are kept.
MOST, MOST_KEPT = 420, 900
#: Severity of a state from which on it is told by a rim.
TOLD = 2
_FINER = 4


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign of the last frame.

    Parameters
    ----------
    layer_id : str
    oids : ndarray (n,)
        What it stands for.
    box : tuple of float
        Left, bottom, right, top in pixels from the lower left.
    bounds : ndarray (2, 3)
        Local box of what it stands for.
    """

    layer_id: str
    oids: NDArray[np.int32]
    box: tuple[float, float, float, float]
    bounds: Floats


@dataclass(slots=True)
class _Candidate:
    """A sign on its way to a place."""

    layer_id: str
    spot: Floats
    count: int
    states: Ints
    runs: list[tuple[int, int]]
    icon: int = -1


class SignLayer:
    """The signs of one renderer.

    Parameters
    ----------
    renderer : vtkRenderer
    dark : bool
    """

    def __init__(self, renderer: Any, dark: bool = False) -> None:
        self._renderer, self._dark = renderer, dark
        self._trees: dict[str, SignTree] = {}
        self._visible: dict[str, bool] = {}
        self._wanted: frozenset[str] = frozenset()
        self._actor: Any = None
        self._pictures: dict[object, NDArray[np.uint8]] = {}
        self._sprites: dict[object, tuple[int, int, int, int]] = {}
        self._atlas_size = (1, 1)
        #: What the last frame shows.
        self.placed: list[Sign] = []

    def put(self, layer_id: str, part: SignPart | None, visible: bool = True) -> None:
        """Hold a layer's signs in the place of those it had."""
        self._trees.pop(layer_id, None)
        if part is not None and len(part.points):
            self._trees[layer_id] = part.tree if part.tree is not None else SignTree(part)
            self._visible[layer_id] = visible

    def remove(self, layer_id: str) -> None:
        """Take a layer's signs away; silent if it has none."""
        self._trees.pop(layer_id, None)

    def set_visible(self, layer_id: str, visible: bool) -> None:
        """Follow the eye of a layer."""
        if layer_id in self._trees:
            self._visible[layer_id] = visible

    def want(self, layer_ids: frozenset[str]) -> bool:
        """Show the signs of exactly these layers; whether that is new."""
        new = layer_ids != self._wanted
        self._wanted = layer_ids
        return new

    def set_dark(self, dark: bool) -> None:
        """Paint for the dark look."""
        if dark != self._dark:
            self._dark = dark
            self._pictures.clear()
            self._drop()

    def as_new(self) -> None:
        """Forget the signs that earlier frames painted, and where they lie on the sheet."""
        self._pictures.clear()
        self._drop()

    def close(self) -> None:
        """Take the actor off the renderer."""
        self._trees.clear()
        self._drop()

    def at(self, x: float, y: float) -> Sign | None:
        """Return the sign under a pixel of the last frame, None where there is none."""
        found = (one for one in reversed(self.placed)
                 if one.box[0] <= x <= one.box[2] and one.box[1] <= y <= one.box[3])  # fmt: skip
        return next(found, None)

    def update(self) -> None:
        """Place the signs for the camera and size of the coming frame."""
        self.placed = []
        shown = [name for name in self._trees if name in self._wanted and self._visible.get(name)]
        width, height = self._renderer.GetSize()
        if not shown or not width or not height:
            if self._actor is not None:
                self._actor.SetVisibility(False)
            return
        scale = density(self._renderer) * max(1.0, seen_height(self._renderer) / 1080.0)
        candidates: list[_Candidate] = []
        for name in shown:
            candidates += self._candidates(name, scale, width, height)
        candidates.sort(key=lambda one: (-one.count, float(one.spot[2])))
        placed, boxes, keys = _apart(candidates[: 3 * MOST], scale, width, height), [], []
        for one in placed[:MOST]:
            key = self._key(one, scale)
            tall, wide = self._picture(key).shape[:2]
            left, bottom = round(float(one.spot[0]) - wide / 2), round(float(one.spot[1]) - (tall / 2))
            boxes.append((left, bottom, left + wide, bottom + tall))
            keys.append(key)
            self.placed.append(self._sign(one, boxes[-1]))
        self._draw(boxes, keys, width, height)

    # -- a frame -----------------------------------------------------------------------------------------------

    def _candidates(self, name: str, scale: float, width: int, height: int) -> list[_Candidate]:
        tree, camera = self._trees[name], self._renderer.GetActiveCamera()
        eye = np.asarray(camera.GetPosition())
        parallel = bool(camera.GetParallelProjection())
        half = camera.GetParallelScale() if parallel else np.tan(np.radians(camera.GetViewAngle() / 2))
        px_per_m = height / (2 * half)
        numbers = [0.0] * 24
        camera.GetFrustumPlanes(width / height, numbers)
        chosen = tree.choose(eye, px_per_m, np.array(numbers).reshape(6, 4)[:4], CELL_PX * scale, parallel)
        if not len(chosen.places):
            return []
        matrix = camera.GetCompositeProjectionTransformMatrix(width / height, -1.0, 1.0)
        rows = np.array([[matrix.GetElement(r, c) for c in range(4)] for r in range(4)])
        clip = np.column_stack([chosen.places, np.ones(len(chosen.places))]) @ rows.T
        with np.errstate(divide="ignore", invalid="ignore"):
            spot = (clip[:, :2] / clip[:, 3:] * 0.5 + 0.5) * [width, height]
        away = np.ones(len(spot)) if parallel else np.linalg.norm(chosen.places - eye, axis=1)
        inside = (clip[:, 3] > 0) & ((spot > 0) & (spot < [width, height])).all(axis=1)
        inside &= (chosen.counts > 1) | (px_per_m / np.maximum(away, 1e-6) < NEAREST_PX_M * scale)
        icons = tree.part.icon
        spot[:, 1] += (0.5 * ICON_PX + 4) * scale  # over what it stands for
        return [
            _Candidate(
                name, np.array([*spot[k], away[k]]), int(chosen.counts[k]), chosen.states[k],
                [(int(chosen.first[k]), int(chosen.counts[k]))],
                int(icons[tree.order[chosen.first[k]]]) if chosen.counts[k] == 1 else -1,
            )
            for k in np.flatnonzero(inside).tolist()
        ]  # fmt: skip

    def _key(self, one: _Candidate, scale: float) -> object:
        part = self._trees[one.layer_id].part
        order = sorted(range(len(part.states)), key=lambda k: -part.states[k][1])
        if one.count == 1:
            state = part.states[int(np.argmax(one.states))]
            ring = state[0] if state[1] >= TOLD else ""
            return part.icons[one.icon], round(ICON_PX * scale), ring
        shares = tuple((part.states[k][0], round(24 * int(one.states[k]) / one.count), part.states[k][1])
                       for k in order if one.states[k])  # fmt: skip
        return one.count, shares, round(scale * 8)

    def _picture(self, key: Any) -> NDArray[np.uint8]:
        found = self._pictures.get(key)
        if found is None:
            if isinstance(key[0], int):
                found = disc(key[0], key[1], key[2] / 8, self._dark)
            else:
                found = paint(key[0], key[1], key[2])
            self._pictures[key] = found
        return found

    def _sign(self, one: _Candidate, box: tuple[float, float, float, float]) -> Sign:
        tree = self._trees[one.layer_id]
        rows = np.concatenate([tree.rows(first, count) for first, count in one.runs])
        points = tree.part.points[rows].astype(np.float64)
        return Sign(one.layer_id, tree.part.oids[rows], box, np.stack([points.min(axis=0), points.max(axis=0)]))

    def _draw(self, boxes: list[Any], keys: list[object], width: int, height: int) -> None:
        if self._actor is None or not all(key in self._sprites for key in keys):
            if len(self._pictures) > MOST_KEPT:
                self._pictures = {key: self._pictures[key] for key in keys}
            names = list(self._pictures)
            if not names:
                return
            atlas, places = pack([self._pictures[key] for key in names])
            self._sprites = dict(zip(names, places, strict=True))
            self._atlas_size = (atlas.shape[1], atlas.shape[0])
            self._drop(keep_pictures=True)
            self._actor = _sheet_actor(atlas)
            self._renderer.AddViewProp(self._actor)
        from vtkmodules.util.numpy_support import numpy_to_vtk

        from viewers.render.geometry.vtk_arrays import cells, polydata

        box = np.array(boxes, dtype=np.float64).reshape(-1, 4)
        sprite = np.array([self._sprites[key] for key in keys], dtype=np.float64).reshape(-1, 4)
        points = box[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 2) / [width, height]
        ends = np.column_stack([sprite[:, :2], sprite[:, :2] + sprite[:, 2:]])
        uv = ends[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 2) / self._atlas_size
        data = polydata(np.column_stack([points, np.zeros(len(points))]))
        data.SetPolys(cells(np.arange(0, 4 * len(box) + 1, 4), np.arange(4 * len(box))))
        data.GetPointData().SetTCoords(numpy_to_vtk(np.ascontiguousarray(uv, dtype=np.float32), deep=True))
        self._actor.GetMapper().SetInputData(data)
        self._actor.SetVisibility(True)

    def _drop(self, keep_pictures: bool = False) -> None:
        if self._actor is not None:
            self._renderer.RemoveViewProp(self._actor)
            self._actor = None
        if not keep_pictures:
            self._sprites = {}
            self.placed = []


def radius_px(count: int) -> float:
    """Return how large a sign is: an icon, or a disc that grows a little with the digits of its number."""
    return 0.5 * ICON_PX if count == 1 else 12.0 + 2.6 * len(number_text(count))


def number_text(count: int) -> str:
    """Return a count as a disc shows it: ``"128"``, ``"3.4k"``, ``"27k"``."""
    if count < 1000:
        return str(count)
    return f"{count / 1000:.1f}k" if count < 10_000 else f"{count / 1000:.0f}k"


def _apart(candidates: list[_Candidate], scale: float, width: int, height: int) -> list[_Candidate]:
    """Return signs of which none touches another: what would is counted with the one that is there."""
    placed: list[_Candidate] = []
    spots, reach = np.empty((len(candidates), 2)), np.empty(len(candidates))
    for one in candidates:
        r = radius_px(one.count) * scale
        n = len(placed)
        gap = np.hypot(spots[:n, 0] - one.spot[0], spots[:n, 1] - one.spot[1]) - reach[:n] - r
        near = int(np.argmin(gap)) if n else -1
        if n and gap[near] < 1.0 * scale:
            other = placed[near]
            if other.layer_id == one.layer_id:
                other.count += one.count
                other.states = other.states + one.states
                other.runs += one.runs
                other.icon = -1
                reach[near] = radius_px(other.count) * scale
            continue
        if not (r < one.spot[0] < width - r and r < one.spot[1] < height - r):
            continue
        spots[n], reach[n] = one.spot[:2], r
        placed.append(one)
    return placed


def disc(
    count: int, shares: tuple[tuple[str, int, int], ...], scale: float, dark: bool
) -> NDArray[np.uint8]:  # fmt: skip
    """Paint a disc with a number and a rim of shares, (h, w, 4) uint8, top row first.

    Parameters
    ----------
    count : int
    shares : tuple of (colour, parts of 24, severity)
        The worst first; the first that wants somebody has one part at the least.
    scale : float
    dark : bool
    """
    from PIL import Image, ImageDraw

    r = radius_px(count) * scale
    side = 2 * round(r)
    big = Image.new("RGBA", (side * _FINER, side * _FINER), (0, 0, 0, 0))
    draw = ImageDraw.Draw(big)
    whole, rim = side * _FINER, 3.6 * scale * _FINER
    ink, ground, edge = ("#e8eef2", "#1b252d", "#0f171d") if dark else ("#26343d", "#ffffff", "#ffffff")
    draw.ellipse((0, 0, whole - 1, whole - 1), fill=edge)
    inset = 0.9 * scale * _FINER
    box = (inset, inset, whole - 1 - inset, whole - 1 - inset)
    begin = -90.0
    parts = [(colour, max(part, 1 if severity >= TOLD else 0)) for colour, part, severity in shares]
    total = sum(part for _, part in parts) or 1
    for colour, part in parts:
        end = begin + 360.0 * part / total
        if part:
            draw.pieslice(box, begin, end, fill=colour)
        begin = end
    inner = inset + rim
    draw.ellipse((inner, inner, whole - 1 - inner, whole - 1 - inner), fill=ground)
    small = big.resize((side, side), Image.Resampling.BOX)
    letters = label_font(round(11.5 * scale))
    ImageDraw.Draw(small).text((side / 2, side / 2), number_text(count), font=letters, fill=ink, anchor="mm")
    return np.asarray(small, dtype=np.uint8)

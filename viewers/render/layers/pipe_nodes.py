"""Nodes of pipe networks as bodies: manholes with lid, neck, chamber and bottom; gullies, valves, hydrants, tees, caps.

Invariants
----------
1. A manhole reaches from the ground to its invert. Where either is not known, the drawn ground and a usual depth stand
   in, and the shaft is drawn with gaps, as a pipe at an assumed depth is.
2. Every body carries the oid of its node; the classes of bodies are told by ``node_type``, a word of the trade or ours.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from models.layers.layer import Layer
from models.network.levels import levels_of
from viewers.render.geometry.feature_columns import text
from viewers.render.geometry.lattice import lattice_of
from viewers.render.geometry.parts import MeshPart, Part
from viewers.render.geometry.tubes import turn
from viewers.render.layers.pipe_kinds import kind_colour
from viewers.render.layers.pipe_runs import CABLES, kinds_of
from viewers.render.palette.context import PrepareContext
from viewers.render.palette.pipe_shading import ASSUMED
from viewers.render.palette.status_colours import rgba, status

Floats = NDArray[np.float64]

#: Bodies, and parts of words by which ``node_type`` names them; the first that fits decides, none is a manhole.
_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("drop", ("drop", "跌水")), ("inlet", ("inlet", "gully", "雨水口", "雨箅", "雨篦", "catch")),
    ("outfall", ("outfall", "outlet", "出水", "排口", "排放")), ("valve", ("valve", "阀")),
    ("hydrant", ("hydrant", "消防", "消火")), ("tank", ("tank", "reservoir", "source", "水池", "水箱", "水源", "水塔")),
    ("pump", ("pump", "泵")), ("cap", ("cap", "plug", "end", "管帽", "封", "末端", "预留")),
    ("tee", ("tee", "cross", "junction", "三通", "四通", "弯头", "变径", "多通", "转折", "直线")),
    ("customer", ("customer", "meter", "用户", "水表", "进户")),
)  # fmt: skip
#: Usual depth of a shaft of which neither pipe nor table says it, metres.
_DEPTH_M = 2.0
#: No shaft is so deep below a ground that is level for want of a terrain, metres.
_DEEPEST_M = 12.0
_NECK_M, _CHAMBER_M, _DROP_M = 0.35, 0.55, 0.85
#: A chamber is so high where the shaft is deep enough, metres.
_ROOM_M = 1.5


def node_parts(layer: Layer, frame: Any, context: PrepareContext) -> list[Part]:
    """Return the bodies of all nodes."""
    local = np.asarray(context.frame.to_local(shapely.get_coordinates(frame.geometry.to_numpy())), dtype=np.float64)
    level = context.frame.origin[2]
    drawn = lattice_of(context).height(local[:, 0], local[:, 1])
    ground = levels_of(frame, "ground_m") - level
    # A lid lies on the ground that is seen, unless the table means another place altogether.
    top = np.where(np.isfinite(ground) & (np.abs(ground - drawn) > 1.5), ground, drawn)
    invert = levels_of(frame, "invert_m") - level
    stands = np.isfinite(ground) | ((drawn > invert + 0.3) & (drawn < invert + _DEEPEST_M))
    if context.ground.terrain is None:  # a level ground may be far from the ground of this place
        top = np.where(np.isfinite(ground), ground, np.where(np.isfinite(invert) & ~stands, invert + _DEPTH_M, drawn))
    foot = np.where(np.isfinite(invert), invert, top - _DEPTH_M)
    kind = bodies_of(text(frame, ("node_type", "type")))
    kind[(kind == "manhole") & np.isin(kinds_of(frame).astype(str), CABLES)] = "handhole"
    colours = _colours(layer, frame)
    oids = frame.index.to_numpy().astype(np.int32)
    assumed = ~np.isfinite(invert) | ((context.ground.terrain is None) & ~stands)
    made: list[_Body] = []
    for name in dict.fromkeys(kind.tolist()):
        rows = np.flatnonzero(kind == name)
        profiles = _PROFILES[name](foot[rows], np.maximum(top[rows], foot[rows] + 0.25))
        for radius, height, tones, sides in profiles:
            made.append(_body(local[rows], radius * layer.style.size, height, tones, sides, rows))
    return [_joined(made, colours, oids, assumed, layer.style.opacity)] if made else []


def bodies_of(words: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return by which body each node is drawn."""
    codes, names = pd.factorize(words)

    def body(name: str) -> str:
        said = name.casefold()
        return next((one for one, known in _WORDS if any(word in said for word in known)), "manhole")

    return np.array([body(str(name)) for name in names] or ["manhole"], dtype=object)[codes]


def _colours(layer: Layer, frame: Any) -> Floats:
    """Return the colour of each node's kind, (n, 3)."""
    kinds = kinds_of(frame)
    tints = layer.style.pipes.tints
    table = {
        code: rgba(layer.style.colour or kind_colour(str(code), tints))[:3] for code in dict.fromkeys(kinds.tolist())
    }
    return np.array([table[code] for code in kinds.tolist()], dtype=float).reshape(-1, 3)


# --- profiles: (radius (k, p), height (k, p), tone of each band, sides); tones name materials ------------------------

_Profile = tuple[Floats, Floats, tuple[str, ...], int]


def _lathe(*rings: tuple[Any, Any], count: int) -> tuple[Floats, Floats]:
    radius = np.column_stack([np.broadcast_to(np.asarray(r, dtype=float), count) for r, _ in rings])
    height = np.column_stack([np.broadcast_to(np.asarray(z, dtype=float), count) for _, z in rings])
    return radius, height


def _shaft(foot: Floats, top: Floats, chamber_m: float) -> list[_Profile]:
    """Return base, chamber, cone, neck, ring and lid."""
    n, deep = len(foot), top - foot
    room = foot + np.minimum(_ROOM_M, 0.55 * deep)
    neck = np.minimum(room + 0.45, foot + 0.75 * deep)
    lid = top + 0.02
    walls = _lathe(
        (0.0, foot - 0.12), (chamber_m + 0.12, foot - 0.12), (chamber_m + 0.12, foot), (chamber_m, foot),
        (chamber_m, room), (_NECK_M, neck), (_NECK_M, lid - 0.14), count=n,
    )  # fmt: skip
    return [(*walls, ("base", "base", "base", "wall", "wall", "wall"), 14), _cover(lid)]


def _cover(lid: Floats) -> _Profile:
    """Return the ring in the road and the lid in it."""
    cover = _lathe(
        (_NECK_M, lid - 0.14), (0.44, lid - 0.14), (0.44, lid), (0.37, lid), (0.37, lid - 0.02), (0.0, lid - 0.02),
        count=len(lid),
    )  # fmt: skip
    return *cover, ("ring", "ring", "ring", "lid", "lid"), 14


def _manhole(foot: Floats, top: Floats) -> list[_Profile]:
    return _shaft(foot, top, _CHAMBER_M)


def _drop(foot: Floats, top: Floats) -> list[_Profile]:
    return _shaft(foot, top, _DROP_M)


def _handhole(foot: Floats, top: Floats) -> list[_Profile]:
    """Return the box of a cable chamber, and its lid."""
    lid = top + 0.02
    walls = _lathe((0.0, foot - 0.12), (0.95, foot - 0.12), (0.95, lid - 0.22), (_NECK_M, lid - 0.14), count=len(foot))
    return [(*walls, ("base", "wall", "wall"), 4), _cover(lid)]


def _inlet(foot: Floats, top: Floats) -> list[_Profile]:
    lid = top + 0.01
    body = _lathe((0.0, foot), (0.36, foot), (0.36, lid - 0.06), count=len(foot))
    grate = _lathe((0.42, lid - 0.06), (0.42, lid), (0.30, lid), (0.30, lid - 0.03), (0.0, lid - 0.03), count=len(foot))
    return [(*body, ("base", "wall"), 4), (*grate, ("ring", "ring", "lid", "lid"), 4)]


def _valve(foot: Floats, top: Floats) -> list[_Profile]:
    """Return a body with its flanges, the spindle up to the road, and the surface box there."""
    n, lid = len(foot), top + 0.02
    bonnet = np.minimum(foot + 0.62, lid - 0.12)
    body = _lathe(
        (0.0, foot - 0.05), (0.24, foot - 0.05), (0.24, foot + 0.05), (0.19, foot + 0.08), (0.19, bonnet - 0.16),
        (0.25, bonnet - 0.16), (0.25, bonnet - 0.08), (0.08, bonnet), (0.03, bonnet), (0.03, lid - 0.10), count=n,
    )  # fmt: skip
    box = _lathe((0.03, lid - 0.10), (0.12, lid - 0.10), (0.12, lid), (0.0, lid), count=n)
    return [
        (*body, ("kind",) * 4 + ("wheel", "wheel", "wheel", "ring", "ring"), 10),
        (*box, ("ring", "ring", "lid"), 10),
    ]


def _hydrant(foot: Floats, top: Floats) -> list[_Profile]:
    body = _lathe(
        (0.0, foot), (0.06, foot), (0.06, top), (0.17, top), (0.17, top + 0.06), (0.11, top + 0.08), (0.11, top + 0.58),
        (0.15, top + 0.60), (0.13, top + 0.76), (0.0, top + 0.84), count=len(foot),
    )  # fmt: skip
    return [(*body, ("kind", "kind", "wheel", "wheel", "wheel", "wheel", "wheel", "wheel", "wheel"), 10)]


def _ball(radius_m: float) -> Any:
    def made(foot: Floats, top: Floats) -> list[_Profile]:
        turns = np.linspace(-np.pi / 2, np.pi / 2, 7)
        rings = [(radius_m * np.cos(t), foot + radius_m * (1.0 + np.sin(t)) - 0.04) for t in turns]
        return [(*_lathe(*rings, count=len(foot)), ("kind",) * 6, 10)]

    return made


def _cap(foot: Floats, top: Floats) -> list[_Profile]:
    body = _lathe((0.0, foot), (0.14, foot), (0.14, foot + 0.24), (0.0, foot + 0.24), count=len(foot))
    return [(*body, ("lid", "lid", "lid"), 10)]


def _outfall(foot: Floats, top: Floats) -> list[_Profile]:
    """Return a headwall: a block of concrete at the bank."""
    body = _lathe((0.0, foot - 0.3), (1.0, foot - 0.3), (0.85, foot + 1.3), (0.0, foot + 1.3), count=len(foot))
    return [(*body, ("base", "wall", "ring"), 4)]


def _tank(foot: Floats, top: Floats) -> list[_Profile]:
    roof = np.maximum(top, foot) + 1.6
    body = _lathe((0.0, foot), (1.6, foot), (1.6, roof - 0.3), (0.0, roof), count=len(foot))
    return [(*body, ("base", "wall", "ring"), 18)]


def _pump(foot: Floats, top: Floats) -> list[_Profile]:
    body = _lathe((0.0, foot - 0.1), (0.4, foot - 0.1), (0.4, foot + 0.5), (0.22, foot + 0.7), (0.0, foot + 0.7),
                  count=len(foot))  # fmt: skip
    return [(*body, ("base", "kind", "wheel", "wheel"), 8)]


_PROFILES: dict[str, Any] = {
    "manhole": _manhole, "handhole": _handhole, "drop": _drop, "inlet": _inlet, "outfall": _outfall, "valve": _valve,
    "hydrant": _hydrant,
    "tank": _tank, "pump": _pump, "cap": _cap, "tee": _ball(0.16), "customer": _ball(0.09),
}  # fmt: skip

# --- bodies -----------------------------------------------------------------------------------------------------------

_Body = tuple[Any, tuple[str, ...], NDArray[np.int64], Floats]


def _body(
    centres: Floats, radius: Floats, height: Floats, tones: tuple[str, ...], sides: int, rows: NDArray[np.int64]
) -> _Body:  # fmt: skip
    return turn(centres, radius, height, sides), tones, rows, height


def _joined(
    bodies: list[_Body], colours: Floats, oids: NDArray[np.int32], assumed: NDArray[np.bool_], opacity: float
) -> MeshPart:
    table = status()["pipes"]
    points, normals, faces, owners, painted, told = [], [], [], [], [], []
    base = 0
    for turned, tones, rows, height in bodies:
        names = np.array(tones)[turned.band]
        own = colours[rows[turned.thing]]
        shade = np.array([rgba(table["body"].get(tone, table["shaft"]))[:3] for tone in tones], dtype=float)[
            turned.band
        ]
        share = np.array([table["body_share"].get(tone, 1.0) for tone in tones])[turned.band][:, None]
        painted.append(np.where((names == "kind")[:, None], own, own * (1 - share) + shade * share))
        owners.append(rows[turned.thing])
        per = len(turned.points) // max(len(rows), 1)
        thing = np.repeat(np.arange(len(rows)), per)
        pattern = np.where(assumed[rows[thing]], float(ASSUMED), 0.0)
        down = height.max(axis=1)[thing] - turned.points[:, 2]
        told.append(np.column_stack([np.full(len(thing), 1e6), down, pattern, np.zeros(len(thing))]))
        points.append(turned.points)
        normals.append(turned.normals)
        faces.append(turned.faces + base)
        base += len(turned.points)
    rgb = np.concatenate(painted).round().astype(np.uint8)
    return MeshPart(
        np.concatenate(points).astype(np.float32), np.concatenate(faces).astype(np.int32), oids[np.concatenate(owners)],
        np.column_stack([rgb, np.full(len(rgb), 255, np.uint8)]),
        normals=np.concatenate(normals).astype(np.float32), opacity=opacity,
        pipe=np.concatenate(told).astype(np.float32),
    )  # fmt: skip

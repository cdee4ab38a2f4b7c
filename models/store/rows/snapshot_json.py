"""The specification of a picture as JSON: in the PNG that it made, and in the project where a sheet or a stop holds it.

Objects that share a colour are named once, in runs of neighbouring numbers, and what is still long is packed (zlib,
base64): a model of 100,000 elements coloured by a property adds about 100 kB.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from models.project.selection import ObjectKey
from models.store.rows.views import scene_of, scene_text
from models.views.camera import Camera
from models.views.scene_state import Theme
from models.views.snapshot_spec import FURNITURE, NUMBERS, Callout, Measure, SnapshotSpec
from models.views.sun import SunTime
from models.views.visibility import Cut, ElementAppearance, GroundTransparency, Plane, SectionBox

#: Looks that take more characters than this are packed.
LONG = 2_000
#: So many selected objects are written down.
MOST_SELECTED = 10_000
#: More objects, or more characters once unpacked, are no record of ours.
MOST_OIDS, MOST_CHARACTERS = 5_000_000, 200_000_000


def as_json(spec: SnapshotSpec) -> dict[str, Any]:
    """Return a specification as JSON can say it; looks and cut only where there are any."""
    plain = replace(
        spec, looks={}, cut=None, measures=(), through=None, selected=(), callout=None, sun=None, scene=None, faded=()
    )
    stored = asdict(plain)
    for name in (
        "looks",
        "cut",
        "measures",
        "through",
        "notes",
        "without",
        "dpi",
        "density",
        "selected",
        "callout",
        "sun",
        "scene",
        "transparent",
        "faded",
        "moment",
    ):
        del stored[name]
    if spec.looks:
        looks = {
            layer_id: {
                "hidden": _runs(look.hidden),
                "ghost": _runs(look.ghost),
                "colours": None if look.colours is None else _groups(look.colours),
                "lift_m": _groups(look.lift_m),
                **({"spaces": True} if look.spaces else {}),
            }
            for layer_id, look in sorted(spec.looks.items())
        }
        text = json.dumps(looks, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        long = len(text) > LONG
        stored["looks"] = base64.b64encode(zlib.compress(text.encode(), 9)).decode() if long else looks
    if spec.cut is not None:
        stored["cut"] = asdict(spec.cut)
    if spec.measures:
        stored["measures"] = [asdict(measure) for measure in spec.measures]
    if spec.through is not None:
        stored["through"] = asdict(spec.through)
    if not spec.notes:
        stored["notes"] = False
    if spec.without:
        stored["without"] = list(spec.without)
    if spec.dpi:
        stored["dpi"] = spec.dpi
    if spec.density != 1.0:
        stored["density"] = spec.density
    if spec.selected:
        stored["selected"] = [[key.layer, key.oid] for key in spec.selected[:MOST_SELECTED]]
    if spec.faded:
        stored["faded"] = [[key.layer, key.oid] for key in spec.faded[:MOST_SELECTED]]
    if spec.callout is not None:
        stored["callout"] = asdict(spec.callout)
    if spec.sun is not None:
        stored["sun"] = asdict(spec.sun)
    if spec.scene is not None:
        stored["scene"] = json.loads(scene_text(spec.scene) or "null")
    if spec.transparent:
        stored["transparent"] = True
    if spec.moment:
        stored["moment"] = spec.moment
    return stored


def _runs(oids: Iterable[int]) -> list[int]:
    """Return whole numbers as the gap before each run of neighbours and its length: ``{3, 4, 9}`` → 3 2 4 1."""
    stored: list[int] = []
    end = 0
    for oid in sorted(oids):
        if stored and oid == end:
            stored[-1] += 1
        else:
            stored += [oid - end, 1]
        end = oid + 1
    return stored


def _oids(stored: Iterable[Any]) -> Iterator[int]:
    """Yield the numbers that :func:`_runs` wrote."""
    values = [int(value) for value in stored]
    if sum(values[1::2]) > MOST_OIDS or min(values, default=0) < 0:
        raise ValueError(len(values))
    end = 0
    for gap, length in zip(values[::2], values[1::2], strict=True):
        yield from range(end + gap, end + gap + length)
        end += gap + length


def _groups(values: Mapping[int, Any]) -> list[list[Any]]:
    """Return each value once, with the runs of the objects that have it."""
    groups: dict[Any, list[int]] = {}
    for oid, value in values.items():
        groups.setdefault(value, []).append(int(oid))
    return [[value, _runs(oids)] for value, oids in sorted(groups.items())]


def _looks(stored: Any) -> dict[str, ElementAppearance]:
    if isinstance(stored, str):
        unpack = zlib.decompressobj()
        try:
            stored = json.loads(unpack.decompress(base64.b64decode(stored, validate=True), MOST_CHARACTERS))
        except zlib.error as error:
            raise ValueError(str(error)) from error
    return {str(layer_id): _look(look) for layer_id, look in stored.items()}


def _look(stored: dict[str, Any]) -> ElementAppearance:
    colours = stored.get("colours")
    return ElementAppearance(
        frozenset(_oids(stored.get("hidden", ()))),
        frozenset(_oids(stored.get("ghost", ()))),
        None if colours is None else {oid: rgba for rgba, oids in map(_painted, colours) for oid in oids},
        {oid: float(lift) for lift, runs in stored.get("lift_m", ()) for oid in _oids(runs)},
        spaces=bool(stored.get("spaces", False)),
    )


def _painted(stored: Any) -> tuple[tuple[int, int, int, int], Iterator[int]]:
    value, runs = stored
    return _rgba(value), _oids(runs)


def _rgba(values: Any) -> tuple[int, int, int, int]:
    r, g, b, a = (int(value) for value in values)
    return r, g, b, a


def _cut(stored: dict[str, Any] | None) -> Cut | None:
    if stored is None:
        return None
    box = stored["box"]
    return Cut(
        planes=tuple(Plane(_vector(plane["point"]), _vector(plane["normal"])) for plane in stored["planes"]),
        box=None if box is None else SectionBox(_vector(box["low"]), _vector(box["high"]), float(box["bearing_deg"])),
        caps=bool(stored["caps"]),
        models_only=bool(stored["models_only"]),
    )


def of_json(stored: dict[str, Any]) -> SnapshotSpec:
    """Return the specification that :func:`as_json` said; raises what a strange document raises."""
    camera = stored["camera"]
    scale = camera["parallel_scale_m"]
    return SnapshotSpec(
        project=str(stored["project"]),
        width_px=int(stored["width_px"]),
        height_px=int(stored["height_px"]),
        camera=Camera(
            position=_vector(camera["position"]),
            focal_point=_vector(camera["focal_point"]),
            up=_vector(camera["up"]),
            angle_deg=float(camera["angle_deg"]),
            parallel_scale_m=None if scale is None else float(scale),
        ),
        theme=Theme(
            str(stored["theme"]["kind"]), str(stored["theme"]["indicator"]), str(stored["theme"].get("focus", ""))
        ),
        lang=str(stored["lang"]),
        title=str(stored["title"]),
        hidden=tuple(str(name) for name in stored["hidden"]),
        date=str(stored["date"]),
        furniture=bool(stored["furniture"]),
        dark=bool(stored.get("dark", False)),
        looks=_looks(stored.get("looks", {})),
        cut=_cut(stored.get("cut")),
        measures=tuple(
            Measure(str(one["kind"]), tuple(_vector(p) for p in one["points"]), str(one["text"]), bool(one["dashed"]))
            for one in stored.get("measures", ())
        ),
        through=_through(stored.get("through")),
        notes=bool(stored.get("notes", True)),
        without=tuple(name for name in (*FURNITURE, NUMBERS) if name in stored.get("without", ())),
        dpi=int(stored.get("dpi", 0)),
        density=float(stored.get("density", 1.0)),
        selected=tuple(ObjectKey(str(layer), int(oid)) for layer, oid in stored.get("selected", ())),
        faded=tuple(ObjectKey(str(layer), int(oid)) for layer, oid in stored.get("faded", ())),
        callout=_callout(stored.get("callout")),
        sun=_sun(stored.get("sun")),
        scene=scene_of(json.dumps(stored["scene"])) if stored.get("scene") else None,
        transparent=bool(stored.get("transparent", False)),
        moment=moment_of(stored.get("moment", "")),
    )


def moment_of(stored: Any) -> str:
    """Return a moment as it was written; raises for a text that is none, or has no zone."""
    text = str(stored)
    if text and datetime.fromisoformat(text).tzinfo is None:
        raise ValueError(text)
    return text


def _callout(stored: dict[str, Any] | None) -> Callout | None:
    if stored is None:
        return None
    return Callout(_vector(stored["point"]), str(stored["title"]), tuple(str(line) for line in stored["lines"]))


def _through(stored: dict[str, Any] | None) -> GroundTransparency | None:
    if stored is None:
        return None
    return GroundTransparency(float(stored["ground"]), float(stored["buildings"]), bool(stored["depths"]))


def _sun(stored: dict[str, Any] | None) -> SunTime | None:
    if stored is None:
        return None
    return SunTime(str(stored["date"]), int(stored["minute"]), float(stored["zone_h"]))


def _vector(values: Any) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in values)
    return x, y, z

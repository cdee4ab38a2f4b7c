"""What a picture knows of itself: its specification in an iTXt chunk of the PNG, as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from models.errors import UserError
from models.look import Cut, ElementLook, Plane, SectionBox
from models.store.atomic import replacing
from models.view import Camera, SnapshotSpec, Theme

CHUNK = "chengjing"
FORMAT = 1


def write_png(image: Any, spec: SnapshotSpec, path: Path, content_hash: str = "") -> None:
    """Write a QImage, or pixels of shape (h, w, 3) uint8, with the specification that made it; whole or not at all."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    record = {"format": FORMAT, "spec": _said(spec), "content": content_hash}
    info.add_itxt(CHUNK, json.dumps(record, ensure_ascii=False, sort_keys=True))
    info.add_text("Software", "Chengjing")
    if hasattr(image, "constBits"):
        from PySide6.QtGui import QImage

        image = image.convertToFormat(QImage.Format.Format_RGBX8888)
        pixels = Image.frombuffer(
            "RGBX", (image.width(), image.height()), bytes(image.constBits()), "raw", "RGBX", image.bytesPerLine(), 1
        ).convert("RGB")
    else:
        pixels = Image.fromarray(image)
    with replacing(path) as temporary:
        pixels.save(temporary, format="PNG", pnginfo=info, compress_level=5)


def read_record(path: Path) -> tuple[SnapshotSpec, str]:
    """Return the specification inside a picture and the content hash of its project then (empty if never saved).

    Raises
    ------
    UserError
        ``picture.missing``, ``picture.unreadable``, or ``picture.no_spec`` for a picture that we did not make.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as image:
            image.load()  # text chunks may stand behind the pixels
            text = getattr(image, "text", {}).get(CHUNK)
    except FileNotFoundError:
        raise UserError("picture.missing", file=str(path)) from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise UserError("picture.unreadable", file=path.name) from error
    if not text:
        raise UserError("picture.no_spec", file=path.name)
    try:
        record = json.loads(text)
        return _spec(record["spec"]), str(record.get("content", ""))
    except (ValueError, KeyError, TypeError) as error:
        raise UserError("picture.no_spec", file=path.name) from error


def read_spec(path: Path) -> SnapshotSpec:
    """Return the specification inside a picture; raises as :func:`read_record` does."""
    return read_record(path)[0]


def _said(spec: SnapshotSpec) -> dict[str, Any]:
    """Return a specification as JSON can say it; looks and cut only where there are any."""
    said = asdict(replace(spec, looks={}, cut=None))
    del said["looks"], said["cut"]
    if spec.looks:
        said["looks"] = {
            layer_id: {
                "hidden": sorted(look.hidden),
                "ghost": sorted(look.ghost),
                "colours": None if look.colours is None else sorted((oid, *rgba) for oid, rgba in look.colours.items()),
                "lift_m": sorted(look.lift_m.items()),
            }
            for layer_id, look in sorted(spec.looks.items())
        }
    if spec.cut is not None:
        said["cut"] = asdict(spec.cut)
    return said


def _look(said: dict[str, Any]) -> ElementLook:
    colours = said.get("colours")
    return ElementLook(
        frozenset(int(oid) for oid in said.get("hidden", ())),
        frozenset(int(oid) for oid in said.get("ghost", ())),
        None if colours is None else {int(row[0]): _rgba(row[1:]) for row in colours},
        {int(oid): float(lift) for oid, lift in said.get("lift_m", ())},
    )


def _rgba(values: Any) -> tuple[int, int, int, int]:
    r, g, b, a = (int(value) for value in values)
    return r, g, b, a


def _cut(said: dict[str, Any] | None) -> Cut | None:
    if said is None:
        return None
    box = said["box"]
    return Cut(
        planes=tuple(Plane(_vector(plane["point"]), _vector(plane["normal"])) for plane in said["planes"]),
        box=None if box is None else SectionBox(_vector(box["low"]), _vector(box["high"]), float(box["bearing_deg"])),
        caps=bool(said["caps"]),
        models_only=bool(said["models_only"]),
    )


def _spec(said: dict[str, Any]) -> SnapshotSpec:
    camera = said["camera"]
    scale = camera["parallel_scale_m"]
    return SnapshotSpec(
        project=str(said["project"]),
        width_px=int(said["width_px"]),
        height_px=int(said["height_px"]),
        camera=Camera(
            position=_vector(camera["position"]),
            focal_point=_vector(camera["focal_point"]),
            up=_vector(camera["up"]),
            angle_deg=float(camera["angle_deg"]),
            parallel_scale_m=None if scale is None else float(scale),
        ),
        theme=Theme(str(said["theme"]["kind"]), str(said["theme"]["indicator"])),
        lang=str(said["lang"]),
        title=str(said["title"]),
        hidden=tuple(str(name) for name in said["hidden"]),
        date=str(said["date"]),
        furniture=bool(said["furniture"]),
        dark=bool(said.get("dark", False)),
        looks={str(layer_id): _look(look) for layer_id, look in said.get("looks", {}).items()},
        cut=_cut(said.get("cut")),
    )


def _vector(values: Any) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in values)
    return x, y, z

"""What a picture knows of itself: its specification in an iTXt chunk of the PNG, as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from models.core.errors import UserError
from models.store.atomic import replacing
from models.store.rows.snapshot_json import as_json, of_json
from models.store.whole_files import of_picture
from models.views.snapshot_spec import SnapshotSpec

CHUNK = "chengjing"
FORMAT = 2


def write_png(image: Any, spec: SnapshotSpec, path: Path, content_hash: str = "") -> None:
    """Write a QImage, or pixels of shape (h, w, 3) uint8, with the specification that made it; whole or not at all."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    record = {"format": FORMAT, "spec": as_json(spec), "content": content_hash}
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
    with replacing(path, of_picture(*pixels.size)) as temporary:
        density = {"dpi": (spec.dpi, spec.dpi)} if spec.dpi else {}
        pixels.save(temporary, format="PNG", pnginfo=info, compress_level=5, **density)


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
        return of_json(record["spec"]), str(record.get("content", ""))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError("picture.no_spec", file=path.name) from error


def read_spec(path: Path) -> SnapshotSpec:
    """Return the specification inside a picture; raises as :func:`read_record` does."""
    return read_record(path)[0]

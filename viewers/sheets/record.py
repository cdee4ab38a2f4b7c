"""What a picture or a sheet knows of itself: its specification as JSON, in iTXt of a PNG or the XMP of a PDF."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cattrs.errors import BaseValidationError

from models.core.errors import UserError
from models.sheets.spec import SheetSpec
from models.store.atomic import replacing
from models.store.png_parts import text_in
from models.store.rows.sheet_json import sheet_json, sheet_of_json
from models.store.rows.snapshot_json import as_json, of_json
from models.store.whole_files import of_picture
from models.views.seen import Seen, seen_json, seen_of_json
from models.views.snapshot_spec import SnapshotSpec

CHUNK = "chengjing"
FORMAT = 2


def record_text(spec: SnapshotSpec | SheetSpec, content_hash: str = "", seen: Seen | None = None) -> str:
    """Return what is written into a file: the specification, the hash of the project's data then, what was seen."""
    said = {"sheet": sheet_json(spec)} if isinstance(spec, SheetSpec) else {"spec": as_json(spec)}
    if seen is not None:
        said["seen"] = seen_json(seen)
    return json.dumps({"format": FORMAT, "content": content_hash, **said}, ensure_ascii=False, sort_keys=True)


def write_png(
    image: Any, spec: SnapshotSpec | SheetSpec, path: Path, content_hash: str = "", seen: Seen | None = None
) -> None:
    """Write a QImage, or pixels of shape (h, w, 3) uint8, with the specification that made it; whole or not at all."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_itxt(CHUNK, record_text(spec, content_hash, seen))
    info.add_text("Software", "Chengjing")
    if hasattr(image, "constBits"):
        from PySide6.QtGui import QImage

        is_clear = image.hasAlphaChannel()
        image = image.convertToFormat(QImage.Format.Format_RGBA8888 if is_clear else QImage.Format.Format_RGB888)
        kind = "RGBA" if is_clear else "RGB"
        size = image.width(), image.height()
        pixels = Image.frombuffer(kind, size, image.constBits(), "raw", kind, image.bytesPerLine(), 1)
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
    record = _record_in(path)
    try:
        return of_json(record["spec"]), str(record.get("content", ""))
    except _STRANGE as error:
        raise UserError("picture.no_spec", file=path.name) from error


def read_sheet(path: Path) -> tuple[SheetSpec, str]:
    """Return the specification inside a sheet and the content hash; raises as :func:`read_record`."""
    record = _record_in(path)
    try:
        return sheet_of_json(record["sheet"]), str(record.get("content", ""))
    except _STRANGE as error:
        raise UserError("picture.no_spec", file=path.name) from error


def read_whole(path: Path) -> tuple[SnapshotSpec | SheetSpec, str, Seen | None]:
    """Return specification, content hash and what was seen of a picture or sheet; raises as :func:`read_record`."""
    record = _record_in(path)
    try:
        spec = sheet_of_json(record["sheet"]) if "sheet" in record else of_json(record["spec"])
    except _STRANGE as error:
        raise UserError("picture.no_spec", file=path.name) from error
    return spec, str(record.get("content", "")), seen_of_json(record.get("seen"))


def has_record(path: Path) -> bool:
    """Whether a picture or PDF says how it was made; no pixel of a picture is looked at."""
    try:
        return bool(_text_of(path))
    except UserError:
        return False


_STRANGE = (UserError, ValueError, KeyError, TypeError, AttributeError, BaseValidationError)


def _record_in(path: Path) -> dict[str, Any]:
    """Return the record of a PNG or PDF."""
    try:
        record = json.loads(_text_of(path))
    except (ValueError, RecursionError) as error:
        raise UserError("picture.no_spec", file=path.name) from error
    if not isinstance(record, dict):
        raise UserError("picture.no_spec", file=path.name)
    return record


def _text_of(path: Path) -> str:
    if path.suffix.lower() == ".pdf":
        from viewers.sheets.pages.pdf_file import record_in

        return record_in(path)
    try:
        return text_in(path, CHUNK)
    except FileNotFoundError:
        raise UserError("picture.missing", file=str(path)) from None
    except (OSError, ValueError) as error:
        raise UserError("picture.unreadable", file=path.name) from error

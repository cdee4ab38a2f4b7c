"""Is the file on the disk what was to be written? Asked of every file before it takes the place of another.

Libraries lose errors: GDAL and Qt report a full disk late or never, and leave a file of 0 bytes or half its rows. Each
function here returns a check for :func:`models.store.atomic.replacing`: it opens the file anew and counts.
"""

from __future__ import annotations

import csv
import re
import sys
import zipfile
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

from models.store.png_parts import require_whole

Check = Callable[[Path], None]

_BLOCK = 1 << 22
_INSTANCE = re.compile(rb"^\s*#\d+\s*=", re.MULTILINE)
_ROW = re.compile(rb"<row [^>]*\br=\"(\d+)\"")
_PDF_PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")


class NotWhole(Exception):  # noqa: N818 - a finding, turned into an error that a person can act on
    """What is missing in a file that was just written."""


def of_bytes(count: int) -> Check:
    """Check that a file has so many bytes."""

    def check(path: Path) -> None:
        _compare("bytes", path.stat().st_size, count)

    return check


def of_features(layer: str, count: int) -> Check:
    """Check the number of features that GDAL finds in a file."""

    def check(path: Path) -> None:
        import pyogrio

        try:
            names = [str(row[0]) for row in pyogrio.list_layers(path)]
            about = pyogrio.read_info(path, layer=layer if layer in names else 0, force_feature_count=True)
        except Exception as error:  # whatever it is, what was written cannot be read
            raise NotWhole(str(error)) from error
        _compare("features", int(about["features"]), count)

    return check


def of_rows(count: int, encoding: str = "utf-8-sig") -> Check:
    """Check the number of rows of a CSV file, its head counted."""

    def check(path: Path) -> None:
        before = csv.field_size_limit(sys.maxsize)
        try:
            with path.open(encoding=encoding, newline="") as stream:
                found = sum(1 for _ in csv.reader(stream))
        except (UnicodeDecodeError, csv.Error) as error:
            raise NotWhole(str(error)) from error
        finally:
            csv.field_size_limit(before)
        _compare("rows", found, count)

    return check


def of_sheets(last_rows: Sequence[int]) -> Check:
    """Check an XLSX workbook: every member sound, and the number of the last row on each sheet, in their order."""

    def check(path: Path) -> None:
        with _archive(path) as book:
            _sound(book)
            for number, last in enumerate(last_rows, 1):
                name = f"xl/worksheets/sheet{number}.xml"
                if name not in book.namelist():
                    raise NotWhole(name)
                with book.open(name) as sheet:
                    _compare("rows", max((int(row) for row in _found(_ROW, sheet.read)), default=0), last)

    return check


def of_members(names: Collection[str]) -> Check:
    """Check that a ZIP archive holds these members, each of them sound."""

    def check(path: Path) -> None:
        with _archive(path) as archive:
            _sound(archive)
            missing = set(names) - set(archive.namelist())
        if missing:
            raise NotWhole(", ".join(sorted(missing)[:3]))

    return check


def of_picture(width: int, height: int) -> Check:
    """Check a PNG: its size, and the checksum of each part to the last."""

    def check(path: Path) -> None:
        try:
            found = require_whole(path)
        except (OSError, ValueError) as error:
            raise NotWhole(str(error)) from error
        _compare("pixels", found[0] * found[1], width * height)

    return check


def of_pages(count: int) -> Check:
    """Check a PDF: its pages, and that its list of contents stands where its last line says."""

    def check(path: Path) -> None:
        raw = path.read_bytes()
        end = re.search(rb"startxref\s+(\d+)\s+%%EOF\s*\Z", raw)
        if end is None or not raw[int(end[1]) : int(end[1]) + 4] == b"xref":
            raise NotWhole("%%EOF")
        _compare("pages", len(_PDF_PAGE.findall(raw)), count)

    return check


def of_instances(count: int) -> Check:
    """Check a STEP file (IFC): its instances, and the line that ends it."""

    def check(path: Path) -> None:
        with path.open("rb") as stream:
            found = sum(1 for _ in _found(_INSTANCE, stream.read))
            stream.seek(max(path.stat().st_size - 200, 0))
            tail = stream.read()
        if b"END-ISO-10303-21;" not in tail:
            raise NotWhole("END-ISO-10303-21")
        _compare("instances", found, count)

    return check


def _compare(what: str, found: int, wanted: int) -> None:
    if found != wanted:
        raise NotWhole(f"{found} / {wanted} {what}")


def _archive(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, EOFError, OSError) as error:
        raise NotWhole(str(error)) from error


def _sound(archive: zipfile.ZipFile) -> None:
    try:
        bad = archive.testzip()
    except (zipfile.BadZipFile, EOFError, OSError) as error:
        raise NotWhole(str(error)) from error
    if bad is not None:
        raise NotWhole(bad)


def _found(pattern: re.Pattern[bytes], read: Callable[[int], bytes]) -> Iterator[bytes]:
    """Yield what matches in a stream, read block by block, each cut at the end of a line or a tag."""
    rest = b""
    while block := read(_BLOCK):
        block = rest + block
        cut = max(block.rfind(b"\n"), block.rfind(b">")) + 1 or len(block)
        yield from pattern.findall(block[:cut])
        rest = block[cut:]
    yield from pattern.findall(rest)

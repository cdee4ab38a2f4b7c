"""An IFC file as text, before any library parses it: schema label, instance counts, archives.

Reading as text is what tells how much a parser silently lost, and lets ``info`` answer in a moment. Encodings are in
:mod:`models.io.ifc.encoding`, schemas in :mod:`models.io.ifc.schema`.
"""

from __future__ import annotations

import errno
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from models.core.errors import Caution, UserError
from models.io.ifc.encoding import resolved
from models.io.ifc.schema import KNOWN_SCHEMAS, is_known, label_in, nearest_schema

MAX_UNPACKED_BYTES = 4_000_000_000
MAX_RATIO = 400  # IFC text packs 5 to 25 times; hundreds of times is a trap
_INSTANCE = re.compile(rb"=\s*(IFC[A-Z0-9_]+)\s*\(", re.IGNORECASE)
_STRING_OR_COMMENT = re.compile(rb"'(?:[^']|'')*+'|/\*.*?\*/", re.DOTALL)
_CHUNK = 1 << 22


@dataclass(frozen=True, slots=True)
class Header:
    """What the first lines of an IFC file say.

    Parameters
    ----------
    label : str
        Schema as written, ``"IFC4X3_RC2"``.
    schema : str
        The one it is read with.
    application, author, timestamp : str
        As written, may be empty.
    """

    label: str
    schema: str
    application: str = ""
    author: str = ""
    timestamp: str = ""


def header_of(head: bytes) -> Header:
    """Read the header section from the first bytes of a file; a missing label counts as IFC4."""
    label = label_in(head)
    name = re.search(rb"FILE_NAME\s*\((.*?)\)\s*;", head, re.DOTALL)
    texts = re.findall(rb"'((?:[^']|'')*)'", name.group(1)) if name else []
    words = [resolved(text, "cp1252").strip() for text in texts]
    return Header(
        label=label,
        schema=label.upper() if is_known(label) else nearest_schema(label) if label else "IFC4",
        timestamp=words[1] if len(words) > 1 else "",
        author=words[2] if len(words) > 2 else "",
        application=words[-2] if len(words) > 4 else "",
    )


def decode(text: str) -> str:
    r"""Resolve ``\X2\6821\X0\``, ``\X4\``, ``\X\`` and ``\S\`` in a text of a STEP file.

    Examples
    --------
    >>> decode("\\X2\\5B666821\\X0\\ A")
    '学校 A'
    """
    return resolved(text.encode("latin-1", "replace"))


def count_classes(path: Path) -> Counter[str]:
    """Count instances by class, upper case, reading the file as text in pieces."""
    counts: Counter[str] = Counter()
    for piece in _pieces(path):
        counts.update(classes_in(piece))
    return counts


def without_comments(raw: bytes) -> bytes:
    """Return a file's text without its comments; what looks like one inside a string stays.

    Statements in comments are nobody's, and parsers stumble over comments inside statements.

    Examples
    --------
    >>> without_comments(b"#1=/* #2=IFCDOOR($); it's old */IFCWALL('a /* b */ c');")
    b"#1= IFCWALL('a /* b */ c');"
    """
    if b"/*" not in raw:
        return raw
    return _STRING_OR_COMMENT.sub(lambda match: b" " if match.group(0).startswith(b"/*") else match.group(0), raw)


def classes_in(raw: bytes) -> Counter[str]:
    """Count instances by class, upper case; those in comments are none."""
    raw = without_comments(raw)
    return Counter(match.upper().decode("ascii") for match in _INSTANCE.findall(raw))


def _pieces(path: Path) -> Iterator[bytes]:
    rest = b""
    with path.open("rb") as file:
        while block := file.read(_CHUNK):
            block = rest + block
            end = block.rfind(b"\n") + 1
            if not end and len(block) < 8 * _CHUNK:  # a file without line breaks: cut at a statement instead
                end = block.rfind(b";") + 1
            end = end or len(block)
            yield block[:end]
            rest = block[end:]
    yield rest


def unpack(path: Path, folder: Path) -> tuple[Path, list[Caution]]:
    """Unpack the model of an ``.ifczip`` into ``folder`` under a name of ours, whatever folder it claims to lie in.

    Raises
    ------
    UserError
        ``io.damaged``; ``io.zip_bomb`` when it unpacks to more than 4 GB or 400 times its size.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            models = _models_in(archive)
            if not models:
                raise UserError("io.not_what_it_says", file=path.name, suffix=path.suffix)
            first = models[0]
            limit = min(MAX_UNPACKED_BYTES, max(first.compress_size, 1) * MAX_RATIO)
            target, written = folder / "model.ifc", 0
            with archive.open(first) as packed, target.open("wb") as out:
                while block := packed.read(_CHUNK):
                    written += len(block)
                    if written > limit:
                        raise UserError("io.zip_bomb", file=path.name)
                    out.write(block)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise UserError("io.no_space", file=path.name, reason=error.strerror) from error
        raise UserError("io.damaged", file=path.name, reason=str(error)[:200]) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise UserError("io.damaged", file=path.name, reason=str(error)[:200]) from error
    cautions = [Caution("io.zip_first", file=path.name, count=len(models))] if len(models) > 1 else []
    return target, cautions


def _models_in(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Return the models of an archive, text before XML, without the shadow files that macOS adds."""
    found = []
    for entry in archive.infolist():
        name = PurePosixPath(entry.filename.replace("\\", "/"))
        is_shadow = name.name.startswith("._") or "__MACOSX" in name.parts
        if name.suffix.lower() in (".ifc", ".ifcxml") and entry.file_size and not is_shadow:
            found.append(entry)
    return sorted(found, key=lambda entry: entry.filename.lower().endswith(".ifcxml"))


__all__ = [
    "KNOWN_SCHEMAS", "Header", "classes_in", "count_classes", "decode", "header_of", "nearest_schema", "unpack",
    "without_comments",
]  # fmt: skip

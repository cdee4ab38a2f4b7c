"""An IFC file as text, before any library parses it: schema label, instance counts, encoding, archives.

Reading as text is what tells how much a parser silently lost, and lets ``info`` answer in a moment.
"""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from models.errors import Caution, UserError
from models.io.dbf import guess_encoding

#: What the wheel of IfcOpenShell 0.9 can hold.
KNOWN_SCHEMAS = ("IFC2X3", "IFC4", "IFC4X3_ADD2")
MAX_UNPACKED_BYTES = 4_000_000_000
MAX_RATIO = 400  # IFC text packs 5 to 25 times; hundreds of times is a trap
_SCHEMA = re.compile(rb"(FILE_SCHEMA\s*\(\s*\(\s*')([^']*)(')", re.IGNORECASE)
_INSTANCE = re.compile(rb"=\s*(IFC[A-Z0-9_]+)\s*\(", re.IGNORECASE)
_HIGH = re.compile(rb"[\x80-\xff]+")
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


def nearest_schema(label: str) -> str:
    """Return the schema that can hold a file with this label.

    Examples
    --------
    >>> nearest_schema("IFC4X3_RC2"), nearest_schema("IFC2X_FINAL"), nearest_schema("IFC4RC4")
    ('IFC4X3_ADD2', 'IFC2X3', 'IFC4')
    """
    name = label.upper().strip()
    if name in KNOWN_SCHEMAS:
        return name
    if name.startswith("IFC4X"):
        return "IFC4X3_ADD2"
    if name.startswith("IFC2"):
        return "IFC2X3"
    return "IFC4"


def header_of(head: bytes) -> Header:
    """Read the header section from the first bytes of a file; a missing label counts as IFC4."""
    found = _SCHEMA.search(head)
    label = found.group(2).decode("latin-1").strip() if found else ""
    name = re.search(rb"FILE_NAME\s*\((.*?)\)\s*;", head, re.DOTALL)
    texts = re.findall(rb"'((?:[^']|'')*)'", name.group(1)) if name else []
    words = [decode(text.decode("latin-1")) for text in texts]
    return Header(
        label=label,
        schema=nearest_schema(label) if label else "IFC4",
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

    def two(match: re.Match[str]) -> str:
        return bytes.fromhex(match.group(1)).decode("utf-16-be", "replace")

    def four(match: re.Match[str]) -> str:
        return bytes.fromhex(match.group(1)).decode("utf-32-be", "replace")

    text = re.sub(r"\\X2\\((?:[0-9A-Fa-f]{4})+)\\X0\\", two, text)
    text = re.sub(r"\\X4\\((?:[0-9A-Fa-f]{8})+)\\X0\\", four, text)
    text = re.sub(r"\\X\\([0-9A-Fa-f]{2})", lambda m: bytes.fromhex(m.group(1)).decode("latin-1"), text)
    text = re.sub(r"\\S\\(.)", lambda m: chr(ord(m.group(1)) + 128), text)
    return text.replace("''", "'").replace("\\\\", "\\")


def count_classes(path: Path) -> Counter[str]:
    """Count instances by class, upper case, reading the file as text in pieces."""
    counts: Counter[str] = Counter()
    for piece in _pieces(path):
        counts.update(match.upper().decode("ascii") for match in _INSTANCE.findall(piece))
    return counts


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
    """Unpack the model of an ``.ifczip`` into ``folder`` under a name of ours.

    Raises
    ------
    UserError
        ``io.damaged``; ``io.zip_bomb`` when it unpacks to more than 4 GB or 400 times its size.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            models = [entry for entry in archive.infolist() if entry.filename.lower().endswith(".ifc")]
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
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise UserError("io.damaged", file=path.name, reason=str(error)[:200]) from error
    cautions = [Caution("io.zip_first", file=path.name, count=len(models))] if len(models) > 1 else []
    return target, cautions


def with_schema(raw: bytes, schema: str) -> bytes:
    """Return a file's bytes with another schema in its header."""
    return _SCHEMA.sub(lambda match: match.group(1) + schema.encode() + match.group(3), raw, count=1)


def escape_high_bytes(raw: bytes, encoding: str = "") -> tuple[bytes, str]:
    r"""Turn raw GBK, Shift-JIS or UTF-8 bytes, which the standard does not allow, into ``\X2\…\X0\``.

    Parameters
    ----------
    raw : bytes
    encoding : str
        As the user says; found from the bytes when empty.

    Returns
    -------
    raw : bytes
        Pure ASCII.
    encoding : str
        The one used, empty when there was nothing to do.
    """
    pieces = _HIGH.findall(raw)
    if not pieces:
        return raw, ""
    if not encoding:
        quoted = re.findall(rb"'((?:[^'\n]|'')*[\x80-\xff](?:[^'\n]|'')*)'", raw)
        encoding = guess_encoding(b"\n".join(quoted[:5000]) or b"".join(pieces[:5000]))

    def escaped(match: re.Match[bytes]) -> bytes:
        text = match.group(0).decode(encoding, "replace")
        return b"".join(
            c.encode() if c.isascii() else b"\\X2\\" + c.encode("utf-16-be").hex().upper().encode() + b"\\X0\\"
            for c in text
        )

    if encoding in ("utf-8", "latin-1", "cp1252"):
        return _HIGH.sub(escaped, raw), encoding
    # In double-byte encodings the second byte may be ASCII (a backslash, even), so whole texts are taken.
    return re.sub(rb"(?<=')(?:[^'\n]|'')*[\x80-\xff](?:[^'\n]|'')*(?=')", escaped, raw), encoding

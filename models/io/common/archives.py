"""What may be taken out of a zip archive: names that stay inside, sizes that are plausible, and nothing else.

Invariants
----------
1. No name of an archive ever becomes a path: what is taken out gets a name of ours in a folder of ours.
2. Bytes are counted while they are unpacked, because the list of an archive may lie about them.
"""

from __future__ import annotations

import errno
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from models.core.errors import UserError

#: What all of an archive may unpack to, and how many times its own size where that is more than a small file.
MOST_BYTES = 16 * 1024**3
MOST_RATIO = 250
SMALL_BYTES = 128 * 1024**2
MOST_MEMBERS = 20_000
_CHUNK = 1 << 20


def members(path: Path) -> dict[str, zipfile.ZipInfo]:
    """Return the files of an archive by name, as a person reads it.

    Names that lack the mark of UTF-8 are read as GB 18030 where they can be, as Chinese archivers write them.

    Raises
    ------
    UserError
        ``io.truncated`` for an archive without its list, ``vector.zip_unsafe`` for names that lead out of it,
        ``vector.zip_bomb`` for implausible sizes, ``vector.zip_locked`` for an encrypted one.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            listed = [info for info in archive.infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
        raise UserError("io.truncated", file=path.name) from error
    named = {_name(info): info for info in listed}
    for name in named:
        if _leads_out(name):
            raise UserError("vector.zip_unsafe", file=path.name, name=name[:120])
    if any(info.flag_bits & 1 for info in listed):
        raise UserError("vector.zip_locked", file=path.name)
    total, packed = sum(info.file_size for info in listed), path.stat().st_size
    if len(listed) > MOST_MEMBERS or total > MOST_BYTES or (total > SMALL_BYTES and total > MOST_RATIO * packed):
        raise UserError("vector.zip_bomb", file=path.name)
    return named


def unpack(path: Path, info: zipfile.ZipInfo, target: Path) -> None:
    """Write one member to a file.

    Raises
    ------
    UserError
        ``vector.zip_bomb`` when it is larger than its list says, ``io.damaged``.
    """
    written = 0
    try:
        with zipfile.ZipFile(path) as archive, archive.open(info) as source, target.open("wb") as out:
            while block := source.read(_CHUNK):
                written += len(block)
                if written > info.file_size:
                    raise UserError("vector.zip_bomb", file=path.name)
                out.write(block)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise UserError("io.no_space", file=path.name, reason=error.strerror) from error
        raise UserError("io.damaged", file=path.name, reason=str(error)[:200]) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise UserError("io.damaged", file=path.name, reason=str(error)[:200]) from error


def _name(info: zipfile.ZipInfo) -> str:
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return info.filename


def _leads_out(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return not parts or parts[0] == "/" or ".." in parts or ":" in parts[0] or "\x00" in name

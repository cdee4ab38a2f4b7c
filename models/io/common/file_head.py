"""The first bytes of a file, by which its format is told, and the refusal of what the system does not let be read."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

from models.core.errors import UserError

HEAD_BYTES = 65536
SQLITE = b"SQLite format 3\x00"
ZIP = b"PK\x03\x04"
UTF16 = (b"\xff\xfe", b"\xfe\xff")


def read_head(path: Path) -> bytes:
    """Return the first 64 KB of a file that must exist and hold something."""
    if path.is_dir():
        raise UserError("io.folder", file=path.name)
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe or a device may never answer
            raise UserError("io.unknown_kind", file=path.name)
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except (OSError, ValueError) as error:
        raise refusal(path, error) from error
    if not head.strip():
        raise UserError("io.empty", file=path.name)
    return head


def refusal(path: Path, error: OSError | ValueError) -> UserError:
    """Return the error to raise where the system does not let a file be read, also one that went while it was."""
    if isinstance(error, FileNotFoundError):
        return UserError("io.missing", file=str(path))
    if isinstance(error, PermissionError):
        return UserError("io.no_permission", file=path.name)
    return UserError("io.unreadable", file=path.name, reason=getattr(error, "strerror", None) or str(error))


def text_of(head: bytes) -> bytes:
    """Return the beginning of a text as UTF-8, without a byte order mark and white space."""
    if head[:2] in UTF16:
        head = head.decode("utf-16", "ignore").encode("utf-8")
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()


def zip_holds(head: bytes, path: Path, endings: tuple[str, ...]) -> bool:
    """Whether a file is a zip archive with a member whose name ends so."""
    if head[:4] != ZIP:
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.lower().endswith(endings) for name in archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
        return False


def require_all_pages(head: bytes, path: Path) -> None:
    """Refuse an SQLite file with fewer pages than its header counts (SQLite file format, 1.3).

    Raises
    ------
    UserError
        ``io.truncated``.
    """
    if not head.startswith(SQLITE) or len(head) < 100:
        return
    page = int.from_bytes(head[16:18], "big")
    pages = int.from_bytes(head[28:32], "big")
    is_count_valid = head[24:28] == head[92:96]  # SQLite's own rule for trusting the page count
    if is_count_valid and path.stat().st_size < (65536 if page == 1 else page) * pages:
        raise UserError("io.truncated", file=path.name)

"""Names of files in a package: what every system can hold, and what leads nowhere but inside.

A name is safe where Linux, Windows and macOS all take it for a file below the folder, and for the same one. Anything
else is refused, never mended: a mended name may meet another.
"""

from __future__ import annotations

import unicodedata

#: Parts of a path, letters of a part, bytes of a part (ext4, with room for what is put before it while it is written).
MOST_DEEP, MOST_LETTERS, MOST_PART_BYTES = 8, 120, 200
_FORBIDDEN = frozenset('<>:"|?*\\')
_DEVICES = frozenset(
    ("con", "prn", "aux", "nul", "conin$", "conout$", "clock$",
     *(f"{kind}{digit}" for kind in ("com", "lpt") for digit in "0123456789¹²³"))
)  # fmt: skip


def is_safe(name: str) -> bool:
    r"""Whether a name is that of a file inside the package, on every system.

    Examples
    --------
    >>> [is_safe(name) for name in ("sources/dem.tif", "../a", "/a", "C:a", "a\\b", "con.txt", "a/", "a.")]
    [True, False, False, False, False, False, False, False]
    """
    if unicodedata.normalize("NFC", name) != name:
        return False
    parts = name.split("/")
    return 0 < len(parts) <= MOST_DEEP and all(_is_safe_part(part) for part in parts)


def folded(name: str) -> str:
    """Return what a file system that does not tell capitals apart makes of a name."""
    return unicodedata.normalize("NFKC", name).casefold()


def collide(names: list[str]) -> str:
    """Return a name that is another's too, or a folder of another; empty for none."""
    files: set[str] = set()
    for name in names:
        key = folded(name)
        if key in files:
            return name
        files.add(key)
    for name in names:
        above = folded(name)
        while "/" in above:
            above = above.rpartition("/")[0]
            if above in files:
                return name
    return ""


def _is_safe_part(part: str) -> bool:
    if not part or part.startswith(".") or part[-1] in ". " or part[0] == " ":
        return False
    if len(part) > MOST_LETTERS:
        return False
    try:
        if len(part.encode()) > MOST_PART_BYTES:
            return False
    except UnicodeEncodeError:  # half a sign
        return False
    if any(sign in _FORBIDDEN or unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") for sign in part):
        return False
    return part.partition(".")[0].rstrip(" ").casefold() not in _DEVICES

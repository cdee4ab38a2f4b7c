"""Which files belong to a running process: a lock that the system lets go when the process ends, however it ends."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO


def hold(path: Path) -> IO[bytes] | None:
    """Take hold of a file, made if it is not there.

    Parameters
    ----------
    path : Path

    Returns
    -------
    file or None
        Keep it open as long as the claim is to last; None where another process, or this one, holds it already.

    Raises
    ------
    OSError
        The file cannot be made or opened.
    """
    file = path.open("ab")
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file

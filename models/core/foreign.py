"""Where a stranger's file is read: whatever goes wrong there is told as what the file did, never as a fault of ours.

Libraries have errors of their own outside every family, Rust's even outside :class:`Exception`. A reader names those
that it expects; the rest ends here, named for the file, with the library's first line and the record that it hit where
the reader noted one (:meth:`BaseException.add_note`). The trace goes to the log, for it may be ours after all.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath

from models.core.errors import Cancelled, UserError, first_line

log = logging.getLogger(__name__)

#: Code of the error for what no reader expected.
UNREAD = "io.unread"
#: What is no answer about the file: a library that is not installed neither.
_OTHER_ENDINGS = (UserError, Cancelled, ImportError, KeyboardInterrupt, SystemExit, GeneratorExit)


@contextmanager
def foreign(file: str | PurePath) -> Iterator[None]:
    """Turn whatever escapes from reading a file into a :class:`UserError` that names it.

    Raises
    ------
    UserError
        The reader's own; ``io.unread`` for what it did not expect, ``io.out_of_memory``.
    """
    name = PurePath(file).name
    try:
        yield
    except _OTHER_ENDINGS:
        raise
    except MemoryError as error:
        log.warning("reading %s took too much memory", name, exc_info=True)
        raise UserError("io.out_of_memory", file=name) from error
    except BaseException as error:  # a panic of a Rust library is no Exception
        log.error("reading %s failed", name, exc_info=True)
        raise UserError(UNREAD, file=name, reason=told(error)) from error


def told(error: BaseException) -> str:
    """Return what an error says in one line: its kind where that is Python's own, its message, the record it hit."""
    said = first_line(error)
    kind = type(error).__name__
    if type(error).__module__ == "builtins" and kind not in said and kind != "Exception":
        said = f"{kind}: {said}"
    records = getattr(error, "__notes__", [])
    return f"{records[0]}: {said}" if records else said

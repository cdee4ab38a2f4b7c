"""What the program knows of a file format besides reading it: one row a format, beside its reader.

A family of formats has a module ``models/io/<family>/format.py`` with ``FORMATS`` (and ``WRITERS``, where something is
written); :mod:`models.io.registry` puts them together. These modules import nothing but the standard library, so that
asking is cheap: what needs a format library is named as ``"module:function"`` and imported at its first use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.core.errors import UserError
from models.core.foreign import foreign
from models.io.common.file_head import refusal

if TYPE_CHECKING:
    from models.core.progress import Progress
    from models.io.request import Opened, ReadRequest

#: Up to this size a file is hashed whole, unless its format asks for more.
HASH_WHOLE_BYTES = 32 * 1024**2


def function_of(target: str) -> Callable[..., Any]:
    """Import and return what ``"module:function"`` names."""
    module, _, function = target.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), function)
    return found


@dataclass(frozen=True, slots=True)
class Format:
    """One file format that is read.

    Parameters
    ----------
    id : str
        As kept in :attr:`models.layers.layer.Source.reader`, and part of the cache key: never renamed.
    suffixes : tuple of str
        Usual endings, lower case, with the dot; offered in file dialogs and used to tell what a file claims to be.
    kinds : tuple of str
        Layer kinds it gives.
    target : str
        ``read(path, request, progress) -> list[Opened]``.
    probe : callable
        ``probe(head, path) -> bool``: whether the content, of which ``head`` is the first 64 KB, is of this format.
    version : int
        Part of the cache key; raise it when the reader's result changes.
    inspect : str
        ``inspect(path, info) -> None``, which completes a :class:`models.io.file_info.FileInfo` from headers alone;
        empty for formats that tell nothing without being read.
    first_rows : str
        ``first_rows(path, sublayer, encoding, count) -> (DataFrame, encoding)``; empty for what holds no tables.
    is_folder : callable or None
        ``is_folder(path) -> bool``, for a format whose data set is a folder.
    check : callable or None
        ``check(head, path)`` refuses a file that provably lacks its end, before anything slow starts.
    companions : callable or None
        ``companions(path) -> list of Path``: files beside one of these suffixes that belong to it.
    dependents : tuple of str
        Endings of files that a data set may name (pictures, tiles), see :mod:`models.io.common.dependent_files`.
    dependent_folders : tuple of str
        Where else these lie, as seen from the file's own folder.
    table_count : callable or None
        ``table_count(path) -> int``: how many tables a person may choose among, told in milliseconds.
    is_staged : bool
        Whether a first picture comes before the exact result, see ``app.background.staged_reading``.
    hash_whole_bytes : int
        Up to this size the whole content counts in the cache key; the longer reading takes, the more.
    is_untyped : bool
        Whether fields come as text, so that a person may set their types.
    encodings_open : tuple of str
        Suffixes whose text encoding the format leaves open.
    """

    id: str
    suffixes: tuple[str, ...]
    kinds: tuple[str, ...]
    target: str
    probe: Callable[[bytes, Path], bool]
    version: int = 1
    inspect: str = ""
    first_rows: str = ""
    is_folder: Callable[[Path], bool] | None = None
    check: Callable[[bytes, Path], None] | None = None
    companions: Callable[[Path], list[Path]] | None = None
    dependents: tuple[str, ...] = ()
    dependent_folders: tuple[str, ...] = ()
    table_count: Callable[[Path], int] | None = None
    is_staged: bool = False
    hash_whole_bytes: int = HASH_WHOLE_BYTES
    is_untyped: bool = False
    encodings_open: tuple[str, ...] = ()

    def read(self, path: Path, request: ReadRequest, progress: Progress) -> list[Opened]:
        """Import the reader and read; heavy, so normally in a child process (see ``app.background.ingest``)."""
        with foreign(path):
            return self._read(path, request, progress)

    def _read(self, path: Path, request: ReadRequest, progress: Progress) -> list[Opened]:
        try:
            opened: list[Opened] = function_of(self.target)(path, request, progress)
        except (FileNotFoundError, PermissionError) as error:  # it was there when the reader was found
            if error.filename is None or Path(error.filename) != path:
                raise
            raise refusal(path, error) from error
        except UserError as error:
            if error.code == "io.damaged" and not path.exists():  # a library calls "damaged" what is gone
                raise UserError("io.missing", file=str(path)) from error
            raise
        return opened


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A format that is known and not read; its error tells how to convert it.

    Parameters
    ----------
    code : str
        Of the error.
    probe : callable
        As :attr:`Format.probe`.
    """

    code: str
    probe: Callable[[bytes, Path], bool]


@dataclass(frozen=True, slots=True)
class Writer:
    """One file format that is written.

    Parameters
    ----------
    suffix : str
        Ending by which a person asks for it, lower case, with the dot; its words are ``export.format<suffix>`` and
        ``export.note<suffix>``.
    content : {"features", "solids"}
        What the function is given: a GeoDataFrame or DataFrame, or :class:`models.geometry.solids.Bodies`.
    offered : mapping of str to int
        Which layers it is offered for, ``"vector"``, ``"table"``, ``"model"`` or ``"footprints"`` (buildings as
        polygons), and at which place of the list.
    target : str
        ``write(path, content, request, progress) -> list[Caution]`` with a :class:`WriteRequest`.
    has_fixed_crs : bool
        Whether the format itself prescribes the CRS.
    """

    suffix: str
    content: str
    offered: Mapping[str, int]
    target: str
    has_fixed_crs: bool = False


@dataclass(frozen=True, slots=True)
class WriteRequest:
    """How content is to be written.

    Parameters
    ----------
    name : str
        Of the table inside the file.
    title : str
        Of the data set, for people.
    synthetic : bool
        Whether the data was made by a generator, which the file must tell.
    """

    name: str = ""
    title: str = ""
    synthetic: bool = False

"""Opening an IFC file with IfcOpenShell, also those whose schema label or text encoding it refuses.

:func:`prepared_bytes` makes any IFC file one that every library can read: unpacked, plain ASCII, with a schema label
that the libraries know. :func:`parse` reads such bytes; :func:`opened` does both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ifcopenshell
import ifcopenshell.ifcopenshell_wrapper as wrapper

from models.core.errors import Caution, UserError, first_line
from models.io.common.file_head import refusal
from models.io.ifc.encoding import normalised
from models.io.ifc.ifcxml import is_ifc_xml, to_text
from models.io.ifc.repair import is_too_deep, repaired, without_circles
from models.io.ifc.schema import KNOWN_SCHEMAS, converted, is_known
from models.io.ifc.shapes.bounds import without_bombs
from models.io.ifc.step_text import Header, classes_in, header_of, unpack, without_comments

_MAX_NAMED = 6
_HEAD_BYTES = 65536


def prepared_bytes(path: Path, encoding: str = "") -> tuple[bytes, Header, list[Caution]]:
    r"""Return a model's text as every IFC library can read it.

    The same bytes serve IfcOpenShell and the fast preview kernel, which reads raw bytes too; both then see the same
    instances under the same STEP ids, in the same schema, with the same names.

    Parameters
    ----------
    path : Path
        ``.ifc``, ``.ifczip`` or ``.ifcxml``.
    encoding : str
        Of raw high bytes, as the user says; found from the bytes when empty.

    Returns
    -------
    raw : bytes
        Unpacked, pure ASCII (raw GBK, Shift-JIS or UTF-8 as ``\X2\…\X0\``), ``FILE_SCHEMA`` one of
        :data:`models.io.ifc.step_text.KNOWN_SCHEMAS`.
    header : Header
        ``header.label`` is what the file says, ``header.schema`` what ``raw`` says.
    cautions : list of Caution
        ``io.zip_first``, ``io.encoding_guessed``, ``io.schema_swapped``, ``io.classes_mended``,
        ``io.from_xml``, ``io.xml_unknown``, ``io.circles_cut``.

    Raises
    ------
    UserError
        ``io.damaged``, ``io.zip_bomb``, ``io.not_what_it_says``; ``io.missing`` … where it cannot be read.
    """
    raw, cautions = _unpacked(path)
    if is_ifc_xml(raw[:_HEAD_BYTES]):
        raw, unknown = to_text(raw, path.name)
        cautions.append(Caution("io.from_xml", file=path.name))
        if unknown:
            cautions.append(Caution("io.xml_unknown", file=path.name, count=unknown))
    raw = without_comments(raw)
    raw, used = normalised(raw, encoding)
    if used:
        cautions.append(Caution("io.encoding_guessed", file=path.name, encoding=used))
    header = header_of(raw[:_HEAD_BYTES])
    if not header.label:
        header = replace(header, schema=_schema_of_classes(raw))
    raw, rewritten = converted(raw, header.label, header.schema)
    if not is_known(header.label):
        cautions.append(Caution("io.schema_swapped", file=path.name, said=header.label or "–", used=header.schema))
    if rewritten:
        cautions.append(
            Caution("io.classes_mended", file=path.name, count=sum(rewritten.values()), classes=_most(rewritten))
        )
    raw, circles = without_circles(raw)
    if circles:
        cautions.append(Caution("io.circles_cut", file=path.name, count=circles))
    raw, count, names = without_bombs(raw)
    if count:
        cautions.append(Caution("io.unbounded", file=path.name, count=count, names=names or "–"))
    return raw, header, cautions


def _unpacked(path: Path) -> tuple[bytes, list[Caution]]:
    """Return the bytes of a model, out of its archive if it is in one."""
    try:
        with path.open("rb") as file:
            is_archive = file.read(4) == b"PK\x03\x04"
        if not is_archive:
            return path.read_bytes(), []
        with TemporaryDirectory(prefix="chengjing_") as folder:
            source, cautions = unpack(path, Path(folder))
            return source.read_bytes(), cautions
    except OSError as error:  # it was there when its reader was looked for
        raise refusal(path, error) from error


def parse(raw: bytes, header: Header, file: str) -> tuple[Any, list[Caution]]:
    """Parse what :func:`prepared_bytes` gave.

    Parameters
    ----------
    raw : bytes
    header : Header
    file : str
        Name for messages.

    Returns
    -------
    model : ifcopenshell.file
    cautions : list of Caution
        ``io.classes_lost``, ``io.instances_lost``.

    Raises
    ------
    UserError
        ``io.damaged``, ``io.mostly_lost``, ``io.not_ifc``.
    """
    written = classes_in(raw)
    if not written and not header.label:
        raise UserError("io.not_what_it_says", file=file, suffix=Path(file).suffix)
    if not written:
        raise UserError("io.not_ifc", file=file, label=header.label or "–")
    model, reason = (None, "") if is_too_deep(raw) else _tried(raw)
    kept = _count(model)
    if kept < sum(written.values()):
        other, other_reason = _tried(repaired(raw))
        if _count(other) > kept:
            model, kept = other, _count(other)
        reason = reason or other_reason
    if model is None:
        raise UserError("io.damaged", file=file, reason=reason or "DATA")
    return model, lost_instances(written, model, file, is_swapped=not is_known(header.label))


def _tried(raw: bytes) -> tuple[Any, str]:
    """Return a parsed model, or None and the parser's words."""
    try:
        model = ifcopenshell.file.from_string(raw.decode("latin-1"))
    except (ifcopenshell.Error, RuntimeError, OSError, ValueError, AttributeError, OverflowError) as error:
        return None, first_line(error)
    return (model, "") if isinstance(model, ifcopenshell.file) else (None, "no model")


def _count(model: Any) -> int:
    """Return how many instances can be reached; -1 for none at all, also where ids break the parser's integers."""
    try:
        return -1 if model is None else len(model.entity_names())
    except (OverflowError, RuntimeError):
        return -1


@contextmanager
def opened(path: Path, encoding: str = "") -> Iterator[tuple[Any, Header, list[Caution]]]:
    """Open a model.

    Yields
    ------
    file : ifcopenshell.file
    header : Header
        ``header.label`` is what the file says, ``header.schema`` what it was read as.
    cautions : list of Caution
        Those of :func:`prepared_bytes` and :func:`parse`.

    Raises
    ------
    UserError
        ``io.damaged``, ``io.mostly_lost``, ``io.zip_bomb``.
    """
    raw, header, cautions = prepared_bytes(Path(path), encoding)
    model, lost = parse(raw, header, Path(path).name)
    del raw
    yield model, header, [*cautions, *lost]


def lost_instances(written: Counter[str], model: Any, file: str, *, is_swapped: bool) -> list[Caution]:
    """Compare what the text holds with what was parsed, class by class.

    The parser stops at a statement it cannot read and says nothing: 4 instances of 99 look like a small model.

    Raises
    ------
    UserError
        ``io.mostly_lost`` when less than half came through of what the schema has classes for.
    """
    total, kept = sum(written.values()), len(model.entity_names())
    if kept >= total:
        return []
    # What the schema read with has no class for is lost by name; only what it knows and did not get is damage.
    classes = (_classes_of(model) if is_swapped else set()) or written.keys()
    foreign = Counter({name: count for name, count in written.items() if name not in classes})
    if kept < (total - foreign.total()) / 2 or not kept:
        raise UserError("io.mostly_lost", file=file, kept=kept, total=total)
    parsed = Counter(_class_of(model, key) for key in model.entity_names())
    lost = Counter(
        {name: count - parsed.get(name, 0) for name, count in written.items() if count > parsed.get(name, 0)}
    )
    if not is_swapped:
        return [Caution("io.instances_lost", file=file, count=lost.total(), classes=_most(lost))] if lost else []
    foreign &= lost
    found = []
    for code, which in (("io.classes_lost", foreign), ("io.instances_lost", lost - foreign)):
        if which:
            found.append(Caution(code, file=file, count=which.total(), classes=_most(which)))
    return found


def _classes_of(model: Any) -> set[str]:
    """Return the classes that a model's schema has, upper case; none where its header is too broken to tell one."""
    try:
        return {entity.name().upper() for entity in wrapper.schema_by_name(model.schema_identifier).entities()}
    except RuntimeError:
        return set()


def _class_of(model: Any, key: int) -> str:
    try:
        return str(model.by_id(key).is_a()).upper()
    except (RuntimeError, OverflowError):
        return ""


def _most(counts: Mapping[str, int]) -> str:
    """Name the most frequent classes with their counts."""
    most = sorted(counts, key=lambda name: -counts[name])
    return ", ".join(f"{name} {counts[name]}" for name in most[:_MAX_NAMED]) + (" …" if len(most) > _MAX_NAMED else "")


def _schema_of_classes(raw: bytes) -> str:
    """Return the schema that knows most of the instances of a file without a label, IFC4 if all know the same."""
    counts = classes_in(raw)

    def known(schema: str) -> int:
        names = {entity.name().upper() for entity in wrapper.schema_by_name(schema).entities()}
        return sum(count for name, count in counts.items() if name in names)

    return max(("IFC4", *KNOWN_SCHEMAS), key=known)

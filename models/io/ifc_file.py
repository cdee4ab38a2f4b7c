"""Opening an IFC file with IfcOpenShell, also those whose schema label or text encoding it refuses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ifcopenshell

from models.errors import Caution, UserError
from models.io.ifc_text import (
    KNOWN_SCHEMAS,
    Header,
    count_classes,
    escape_high_bytes,
    header_of,
    unpack,
    with_schema,
)

_MAX_NAMED = 6


@contextmanager
def opened(path: Path, encoding: str = "") -> Iterator[tuple[Any, Header, list[Caution]]]:
    """Open a model.

    Yields
    ------
    file : ifcopenshell.file
    header : Header
        ``header.label`` is what the file says, ``header.schema`` what it was read as.
    cautions : list of Caution
        ``io.schema_swapped``, ``io.classes_lost``, ``io.instances_lost``,
        ``io.encoding_guessed``, ``io.zip_first``.

    Raises
    ------
    UserError
        ``io.damaged``, ``io.mostly_lost``.
    """
    with TemporaryDirectory(prefix="chengjing_") as folder:
        source = path
        cautions: list[Caution] = []
        with path.open("rb") as file:
            is_archive = file.read(4) == b"PK\x03\x04"
        if is_archive:
            source, cautions = unpack(path, Path(folder))
        with source.open("rb") as file:
            header = header_of(file.read(65536))
        raw = source.read_bytes()
        is_known = header.label.upper() in KNOWN_SCHEMAS
        is_ascii = raw.isascii()
        try:
            if is_known and is_ascii:
                del raw
                model = ifcopenshell.open(str(source))
            else:
                if not is_ascii:
                    raw, used = escape_high_bytes(raw, encoding)
                    cautions.append(Caution("io.encoding_guessed", file=path.name, encoding=used))
                if not is_known:
                    raw = with_schema(raw, header.schema)
                    cautions.append(
                        Caution("io.schema_swapped", file=path.name, said=header.label or "–", used=header.schema)
                    )
                model = ifcopenshell.file.from_string(raw.decode("latin-1"))
        except (ifcopenshell.Error, RuntimeError, OSError, ValueError, AttributeError) as error:
            text = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise UserError("io.damaged", file=path.name, reason=text.replace(str(path), path.name)[:200]) from error
        if model is None or not isinstance(model, ifcopenshell.file):
            raise UserError("io.damaged", file=path.name, reason="no model")
        cautions += lost_instances(count_classes(source), model, path.name, is_swapped=not is_known)
        yield model, header, cautions


def lost_instances(written: Counter[str], model: Any, file: str, *, is_swapped: bool) -> list[Caution]:
    """Compare what the text holds with what was parsed, class by class.

    The parser stops at a statement it cannot read and says nothing: 4 instances of 99 look like a small model.

    Raises
    ------
    UserError
        ``io.mostly_lost`` when less than half came through.
    """
    total, kept = sum(written.values()), len(model.entity_names())
    if kept >= total:
        return []
    if kept < total / 2:
        raise UserError("io.mostly_lost", file=file, kept=kept, total=total)
    parsed = Counter(instance.is_a().upper() for instance in model)
    lost = {name: count - parsed.get(name, 0) for name, count in written.items() if count > parsed.get(name, 0)}
    if not lost:
        return []
    most = sorted(lost, key=lambda name: -lost[name])
    named = ", ".join(f"{name} {lost[name]}" for name in most[:_MAX_NAMED])
    if is_swapped:
        return [Caution("io.classes_lost", file=file, count=sum(lost.values()), classes=named)]
    return [Caution("io.instances_lost", file=file, count=sum(lost.values()), classes=named)]

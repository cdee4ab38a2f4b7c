"""A year's record as a file (JSON), and read back as one reads a stranger's file."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import cattrs
from cattrs.errors import BaseValidationError

from models.core.errors import UserError
from models.health.years.record import YearRecord
from models.store import atomic, whole_files
from models.store.rows.json_cells import FAULTS, loaded

MARK, VERSION = "chengjing.health.year", 1
#: A larger file is none of ours: 50,000 rows of twenty layers are a tenth of it.
MOST_BYTES = 512 * 1024 * 1024

_converter = cattrs.Converter(forbid_extra_keys=False)


def _number(value: Any, _: type) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(number)
    return number


_converter.register_structure_hook(float, _number)


def content_of(record: YearRecord) -> str:
    """Return what stands in the file of a record."""
    told = {"format": MARK, "version": VERSION, "record": _converter.unstructure(record)}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")) + "\n"


def write(record: YearRecord, out: Path) -> None:
    """Write a record.

    Raises
    ------
    UserError
        As :func:`models.store.atomic.replacing`.
    """
    raw = content_of(record).encode()
    with atomic.replacing(out, whole_files.of_bytes(len(raw))) as fresh:
        fresh.write_bytes(raw)


def read(path: Path) -> YearRecord:
    """Read a record.

    Raises
    ------
    UserError
        ``health.year.missing``, ``health.year.not_a_year``, ``health.year.newer``.
    """
    path = Path(path)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UserError("health.year.not_a_year", file=path.name)
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UserError("health.year.missing", file=path.name) from error
    except UnicodeDecodeError as error:
        raise UserError("health.year.not_a_year", file=path.name) from error
    return record_in(text, path.name)


def record_in(text: str, name: str) -> YearRecord:
    """Return the record in the text of a file.

    Parameters
    ----------
    text : str
    name : str
        Of the file, for the error and as the record's source.

    Raises
    ------
    UserError
        ``health.year.not_a_year``, ``health.year.newer``.
    """
    try:
        told: dict[str, Any] = loaded(text, dict)
        if told.get("format") != MARK:
            raise UserError("health.year.not_a_year", file=name)
        if int(told["version"]) > VERSION:
            raise UserError("health.year.newer", file=name)
        record = _converter.structure(told["record"] | {"source": name}, YearRecord)
    except (*FAULTS, BaseValidationError) as error:
        raise UserError("health.year.not_a_year", file=name) from error
    return record

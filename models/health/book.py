"""The definitions that hold in a project: its edition, as people have changed it, by the readings that they chose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from models.core.errors import UserError
from models.health.definitions.changes import Change, changed_tables
from models.health.definitions.freeze import Freeze, fingerprint_of, in_force
from models.health.editions import Edition, EditionTables, IndicatorDef, edition_of, edition_tables, indicator_of
from models.health.results import IndicatorResult
from models.health.state import ChosenReading, HealthState


def book_of(health: HealthState) -> Edition:
    """Return the indicators of a project that are asked.

    Raises
    ------
    UserError
        ``health.no_edition``.
    """
    return _asked(health.edition, health.readings, health.changes)


def whole_book_of(health: HealthState) -> Edition:
    """Return all indicators of a project, those too that it left out (``hidden``)."""
    return _whole(health.edition, health.readings, health.changes)


def tables_of(health: HealthState) -> EditionTables:
    """Return the tables of a project's edition with its changes."""
    return _tables(health.edition, health.changes)


def definition_of(health: HealthState, code: str) -> IndicatorDef:
    """Return an indicator as a project defines it, asked or not.

    Raises
    ------
    UserError
        ``health.no_indicator``.
    """
    book = whole_book_of(health)
    if code not in book.indicators:
        raise UserError("health.no_indicator", indicator=code, edition=book.id, known=", ".join(book.computed))
    return book.indicators[code]


def defined_by(health: HealthState, results: Iterable[IndicatorResult]) -> tuple[IndicatorResult, ...]:
    """Return results with what their indicators are; one that nobody defines (any more) is kept and not shown."""
    found = []
    for result in results:
        own = health if health.edition == result.edition else replace(health, edition=result.edition)
        try:
            definition = definition_of(own, result.code)
        except UserError:
            found.append(result)
        else:
            found.append(replace(result, defined=definition.read_as(result.reading)))
    return tuple(found)


def freeze_of(health: HealthState) -> Freeze | None:
    """Return the signing-off that holds for the definitions; None while they may be changed."""
    return in_force(health.freezes)


def frozen_print(health: HealthState) -> str:
    """Return the fingerprint of the definitions as they are, where they are frozen; empty where they are not."""
    return "" if freeze_of(health) is None else _print(health.edition, health.readings, health.changes)


@lru_cache(maxsize=8)
def _print(edition: str, readings: tuple[ChosenReading, ...], changes: tuple[Change, ...]) -> str:
    return fingerprint_of(_whole(edition, readings, changes))


@lru_cache(maxsize=8)
def _tables(edition: str, changes: tuple[Change, ...]) -> EditionTables:
    bare = edition_tables(edition)
    return changed_tables(bare, changes) if changes else bare


@lru_cache(maxsize=8)
def _whole(edition: str, readings: tuple[ChosenReading, ...], changes: tuple[Change, ...]) -> Edition:
    tables = _tables(edition, changes)
    if changes:
        tables = _understood(tables, edition_tables(edition))
    book = edition_of(tables)
    chosen = {one.code: one.reading for one in readings}
    found = {code: _read(row, chosen.get(code, "")) for code, row in book.indicators.items()}
    return replace(book, indicators=found)


@lru_cache(maxsize=8)
def _asked(edition: str, readings: tuple[ChosenReading, ...], changes: tuple[Change, ...]) -> Edition:
    book = _whole(edition, readings, changes)
    return replace(book, indicators={code: row for code, row in book.indicators.items() if not row.hidden})


def _understood(tables: EditionTables, bare: EditionTables) -> EditionTables:
    """Return the tables without rows that say no definition: the bare edition's stands in their place, or nothing."""
    rows: dict[str, Mapping[str, Any]] = {}
    for code, row in tables.rows.items():
        try:
            indicator_of(row, bare.about["edition"]["id"])
            rows[code] = row
        except (KeyError, TypeError, ValueError, AttributeError):
            if code in bare.rows:
                rows[code] = bare.rows[code]
    return EditionTables(tables.about, rows)


def _read(row: IndicatorDef, reading: str) -> IndicatorDef:
    return row.read_as(reading or row.readings[0].id) if row.readings else row

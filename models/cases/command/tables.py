"""Positions and resources out of tables that other programs made, by the names of their columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import shapely

from models.cases.command.resource import Resource
from models.cases.command.tracks import Fixes, fixes
from models.core.errors import UserError
from models.core.table_columns import numbers
from models.facilities.register import field_of
from resources.standards import standard


@dataclass(frozen=True, slots=True)
class Named:
    """A kind or a state of resources, as data has it; ``icon`` and ``colour`` are empty for a state."""

    id: str
    name: str
    name_en: str
    icon: str = ""
    colour: str = ""

    def title(self, lang: str) -> str:
        """Return the name in a language."""
        return self.name_en if lang == "en" else self.name


@lru_cache(maxsize=2)
def named(what: str) -> Mapping[str, Named]:
    """Return kinds (``"kind"``) or states (``"state"``) by id."""
    return {
        row["id"]: Named(row["id"], row["zh"], row["en"], row.get("icon", ""), row.get("colour", ""))
        for row in standard("command")[what]
    }


def _column(table: pd.DataFrame, part: str, what: str) -> str | None:
    lower = {str(name).casefold(): str(name) for name in reversed(list(table.columns))}
    return field_of(table, tuple(lower[name] for name in standard("command")[part][what] if name in lower))


def _texts(table: pd.DataFrame, column: str | None) -> list[str]:
    if column is None:
        return [""] * len(table)
    values = table[column]
    if pd.api.types.is_float_dtype(values) and (values.dropna() % 1 == 0).all():
        values = values.astype("Int64")
    return [text.strip() for text in values.astype("str").where(values.notna(), "").tolist()]


def fixes_of(points: Any, file: str, zone: str, terminal: str = "") -> tuple[Fixes, int]:
    """Return the positions that a table of points holds, and how many rows said no time or no place.

    Parameters
    ----------
    points : GeoDataFrame
        In the project's CRS.
    file : str
        For what is said of it.
    zone : str
        Of times that name none (IANA).
    terminal : str
        Whose track it is where the table names no terminal, as logs of a receiver do not.

    Raises
    ------
    UserError
        ``command.no_time`` without a column of times with a date, ``command.no_terminal``.
    """
    clock, who = _column(points, "track", "time"), _column(points, "track", "terminal")
    if clock is None:
        raise UserError("command.no_time", file=file)
    if who is None and not terminal:
        raise UserError("command.no_terminal", file=file)
    time_us = times_of(points[clock], zone)
    if time_us.isna().all():
        raise UserError("command.no_time", file=file)
    place = points.geometry.to_numpy()
    kind = shapely.get_type_id(place)
    is_point = kind == shapely.GeometryType.POINT
    x = np.where(is_point, shapely.get_x(place), np.nan)
    y = np.where(is_point, shapely.get_y(place), np.nan)
    course = _column(points, "track", "heading")
    heading = np.full(len(points), np.nan) if course is None else numbers(points, course)
    names = np.asarray([text or terminal for text in _texts(points, who)], dtype=str)
    good = time_us.notna().to_numpy() & np.isfinite(x) & np.isfinite(y) & (names != "")
    rows = np.flatnonzero(good)
    stamps = time_us.to_numpy(dtype=np.int64, na_value=0)
    return fixes(names[rows], stamps[rows], x[rows], y[rows], heading[rows]), int((~good).sum())


def times_of(column: pd.Series, zone: str) -> pd.Series:
    """Return times as µs since 1970 UTC (Int64, missing where none); those without a zone are taken to be of ``zone``.

    A clock without a date (an NMEA log without RMC) is no time.
    """
    text = column.astype("str").str.strip()
    dated = text.str.contains(r"\d{4}[-/年]?\d{1,2}", regex=True)
    text = text.str.replace(r"[年/]", "-", regex=True).str.replace("月", "-").str.replace("日", "")
    zoned = text.str.contains(r"(?:Z|[+-]\d{2}:?\d{2})$", regex=True)
    made = pd.Series(pd.NaT, index=column.index, dtype="datetime64[us, UTC]")
    with_zone = pd.to_datetime(text.where(dated & zoned), errors="coerce", format="mixed", utc=True)
    bare = pd.to_datetime(text.where(dated & ~zoned), errors="coerce", format="mixed")
    local = bare.dt.tz_localize(ZoneInfo(zone), ambiguous="NaT", nonexistent="NaT").dt.tz_convert("UTC")
    made = with_zone.fillna(local)
    stamps = made.dt.as_unit("us").astype("int64").astype("Int64")
    return stamps.where(made.notna())


def resources_of(table: pd.DataFrame, file: str) -> tuple[Resource, ...]:
    """Return the resources that a table names; its geometry, in the project's CRS, is where they stand.

    Raises
    ------
    UserError
        ``command.no_names`` without a column of names; ``command.unknown_kind`` for a kind that nobody knows;
        ``command.twice`` where two have one id.
    """
    name = _column(table, "resource", "name")
    if name is None:
        raise UserError("command.no_names", file=file)
    texts = {what: _texts(table, _column(table, "resource", what)) for what in standard("command")["resource"]}
    has_place = "geometry" in table.columns
    points = shapely.centroid(table["geometry"].to_numpy()) if has_place else np.full(len(table), None, dtype=object)
    capacity = _column(table, "resource", "capacity")
    can = np.full(len(table), np.nan) if capacity is None else numbers(table, capacity)
    found: dict[str, Resource] = {}
    for row in range(len(table)):
        if not texts["name"][row]:
            continue
        kind = _id_of(texts["kind"][row], "kind")
        if not kind:
            raise UserError("command.unknown_kind", file=file, kind=texts["kind"][row] or "–", row=row + 1)
        one_id = texts["id"][row] or texts["name"][row]
        if one_id in found:
            raise UserError("command.twice", file=file, id=one_id)
        point = points[row]
        placed = point is not None and not shapely.is_empty(point)
        found[one_id] = Resource(
            one_id, kind, texts["name"][row], texts["phone"][row], _id_of(texts["state"][row], "state") or "off",
            float(can[row]) if np.isfinite(can[row]) else None, texts["capacity_unit"][row],
            (float(point.x), float(point.y), 0.0) if placed else None, texts["terminal"][row],
        )  # fmt: skip
    return tuple(found.values())


def _id_of(text: str, what: str) -> str:
    """Return the id of a kind or state by one of its words; a state nobody knows is none (and not taken for free)."""
    rows: Sequence[Mapping[str, Any]] = standard("command")[what]
    wanted = text.casefold()
    exact = next((str(row["id"]) for row in rows if wanted in [word.casefold() for word in row["words"]]), "")
    if exact or not wanted:
        return exact
    return next((str(row["id"]) for row in rows if wanted in (row["zh"].casefold(), row["en"].casefold())), "")

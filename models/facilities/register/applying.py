"""A foreign table brought to the canonical fields of a register, and what happened to its values on the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.core.errors import UserError
from models.facilities.register.column_values import moments_in, numbers_in, texts_in
from models.facilities.register.field_map import FieldMap, Mapping
from models.facilities.register.fields import Field, domain, folded

#: Values that a report lists of one field.
LISTED = 30
#: A value is apart that is so many spreads (of the middle half) from the middle of its column.
APART = 10.0
#: What is put behind the name of a column that is kept though a canonical field has its name.
KEPT_SUFFIX = "_source"


@dataclass(frozen=True, slots=True)
class FieldReport:
    """What happened to one field.

    Parameters
    ----------
    target : str
    sources : tuple of str
    filled : int
        Rows with a value now.
    converted : int
        Values that were multiplied by ``factor`` to be in the field's unit.
    factor : float
    dropped : tuple of (str, int)
        Sentinels that became no data, with how many rows.
    unknown : tuple of (str, int)
        Values that no domain knows, with how many rows; kept where the domain is open, else no data.
    unread : int
        Rows whose text is no number, no day or no year, now without data.
    outside : int
        Values beyond what the field can be; kept, for somebody to look at.
    doubtful : tuple of (str, int)
        Values that stand far apart from all others; kept, for somebody to look at.
    """

    target: str
    sources: tuple[str, ...]
    filled: int
    converted: int = 0
    factor: float = 1.0
    dropped: tuple[tuple[str, int], ...] = ()
    unknown: tuple[tuple[str, int], ...] = ()
    unread: int = 0
    outside: int = 0
    doubtful: tuple[tuple[str, int], ...] = ()

    @property
    def dropped_count(self) -> int:
        """Return how many sentinels became no data."""
        return sum(count for _, count in self.dropped)


@dataclass(frozen=True, slots=True)
class Report:
    """What happened to a table.

    Parameters
    ----------
    kind : str
    rows : int
    fields : tuple of FieldReport
    lacking : tuple of str
        Required fields that come from nowhere.
    absent : tuple of str
        Columns that the mapping names and the table does not have.
    kept, left_out : tuple of str
        Other columns of the table, kept as they are or left out.
    """

    kind: str
    rows: int
    fields: tuple[FieldReport, ...]
    lacking: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    def of(self, target: str) -> FieldReport | None:
        """Return what happened to a field, None if it comes from nowhere."""
        return next((one for one in self.fields if one.target == target), None)

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-ready form."""
        return {
            "kind": self.kind, "rows": self.rows, "lacking": list(self.lacking), "absent": list(self.absent),
            "kept": list(self.kept), "left_out": list(self.left_out),
            "fields": [
                {
                    "field": one.target, "sources": list(one.sources), "filled": one.filled, "converted": one.converted,
                    "factor": one.factor, "dropped": dict(one.dropped), "unknown": dict(one.unknown),
                    "unread": one.unread, "outside": one.outside, "doubtful": dict(one.doubtful),
                }
                for one in self.fields
            ],
        }  # fmt: skip


def apply(frame: Any, mapping: Mapping) -> tuple[Any, Report]:
    """Bring a table to canonical fields; the given one is left alone.

    Parameters
    ----------
    frame : DataFrame or GeoDataFrame
        Its index and geometry stay.
    mapping : Mapping
        Columns are found whatever their case.

    Returns
    -------
    frame : DataFrame or GeoDataFrame
        Canonical columns in the order of the schema, then the others if the mapping keeps them, then the geometry.
    report : Report
    """
    at = {folded(name): str(name) for name in reversed([name for name in frame.columns if name != "geometry"])}
    exact = {str(name) for name in frame.columns}
    made: dict[str, pd.Series[Any]] = {}
    reports: list[FieldReport] = []
    absent: list[str] = []
    used: set[str] = set()
    for one in mapping.fields:
        field = mapping.schema.field(one.target)
        if field is None:
            raise UserError("register.no_field", field=one.target, kind=mapping.kind)
        columns = [name if name in exact else at.get(folded(name), "") for name in one.sources]
        absent += [name for name, found in zip(one.sources, columns, strict=True) if not found]
        there = [name for name in columns if name]
        if (not there and one.way != "constant") or (one.way == "below" and len(there) < 2):
            continue
        used.update(there)
        column, report = _field_of([frame[name] for name in there], field, one, frame.index)
        made[one.target] = column
        reports.append(report)
    others = [str(name) for name in frame.columns if name != "geometry" and str(name) not in used]
    kept = others if mapping.keep_others else []
    names = _free_names(kept, made)
    columns_out = made | {names[name]: frame[name] for name in kept}
    table = pd.DataFrame(columns_out, index=frame.index)
    left_out = () if mapping.keep_others else tuple(others)
    told = Report(
        mapping.kind, len(frame), tuple(reports), mapping.lacking, tuple(dict.fromkeys(absent)), tuple(kept), left_out
    )
    return _with_geometry(table, frame), told


def _with_geometry(table: pd.DataFrame, frame: Any) -> Any:
    if getattr(frame, "_geometry_column_name", None) is None:
        return table
    import geopandas as gpd

    return gpd.GeoDataFrame(table, geometry=frame.geometry, crs=frame.crs)


def _free_names(kept: Iterable[str], made: Iterable[str]) -> dict[str, str]:
    """Return what each kept column is called: a GeoPackage has no two columns that differ by case alone."""
    taken, names = {name.casefold() for name in made} | {"fid", "geometry"}, {}
    for name in kept:
        free, number = name, 1
        while free.casefold() in taken:
            free = f"{name}{KEPT_SUFFIX}" if number == 1 else f"{name}{KEPT_SUFFIX}{number}"
            number += 1
        taken.add(free.casefold())
        names[name] = free
    return names


def _field_of(
    columns: list[pd.Series[Any]], field: Field, one: FieldMap, index: pd.Index[Any]
) -> tuple[pd.Series[Any], FieldReport]:
    """Return one canonical column and what happened to it."""
    if one.way == "constant":
        return pd.Series([one.constant] * len(index), index=index, dtype=object), FieldReport(
            field.name, (), len(index)
        )
    if field.type == "number":
        return _number_field(columns, field, one, index)
    if field.type in ("year", "date"):
        return _moment_field(columns[0], field, one)
    return _text_field(columns[0], field, one)


def _number_field(
    columns: list[pd.Series[Any]], field: Field, one: FieldMap, index: pd.Index[Any]
) -> tuple[pd.Series[Any], FieldReport]:
    factor = one.factor(field.unit)
    dropped: dict[str, int] = {}
    read, unread = [], 0
    for column in columns:
        numbers = numbers_in(column)
        values = numbers.values if not one.part else numbers.width if one.part == "width" else numbers.height
        values = values.copy()
        blank = _is_blank(column, one)
        unread += int((numbers.unread & ~blank).sum())
        for sentinel in one.sentinels:
            hit = values == sentinel
            if hit.any():
                name = f"{sentinel:.12g}"
                dropped[name] = dropped.get(name, 0) + int(hit.sum())
                values[hit] = np.nan
        for text, count in _counted(column, numbers.unread & blank):
            dropped[text] = dropped.get(text, 0) + count
        read.append(values)
    if one.way == "lowest" and len(read) > 1:
        values = np.fmin.reduce(read)
    elif one.way == "below":
        values = read[0] - read[1]
    else:
        values = read[0]
    values = np.round(values * factor, 9) if factor != 1.0 else values
    known = np.isfinite(values)
    outside = known & (
        (values < (-np.inf if field.least is None else field.least))
        | (values > (np.inf if field.most is None else field.most))
    )
    report = FieldReport(
        field.name, tuple(str(column.name) for column in columns), int(known.sum()),
        int(known.sum()) if factor != 1.0 else 0, factor, tuple(dropped.items()), (), unread, int(outside.sum()),
        _doubtful(values, field),
    )  # fmt: skip
    return pd.Series(values, index=index), report


def _moment_field(column: pd.Series[Any], field: Field, one: FieldMap) -> tuple[pd.Series[Any], FieldReport]:
    moments = moments_in(column)
    texts = texts_in(column)
    blank = _is_blank(column, one) | np.isin(texts.astype(str), [f"{value:.12g}" for value in one.sentinels])
    there = pd.Series(texts, dtype=object).notna().to_numpy()
    moments = moments.where(~blank)
    known = moments.notna()
    if field.type == "year":
        result = moments.dt.year.astype("Int64")
    else:
        result = moments.dt.strftime("%Y-%m-%d").astype("object").where(known, None)
    report = FieldReport(
        field.name, (str(column.name),), int(known.sum()), dropped=_counted(column, blank & there),
        unread=int((there & ~blank & ~known.to_numpy()).sum()),
    )  # fmt: skip
    return result, report


def _text_field(column: pd.Series[Any], field: Field, one: FieldMap) -> tuple[pd.Series[Any], FieldReport]:
    texts = texts_in(column)
    codes, distinct = pd.factorize(texts, use_na_sentinel=True)
    blanks = set(one.blanks)
    drop = np.array([folded_text(text) in blanks for text in distinct] + [False], dtype=bool)
    wanted = dict(one.values)
    held = domain(field.domain) if field.type == "choice" else None
    named = [wanted.get(str(text), "") for text in distinct]
    known = np.array([bool(value) for value in named] + [True], dtype=bool)
    if held is None:
        named, known = (
            [value or str(text) for value, text in zip(named, distinct, strict=True)],
            np.ones(len(distinct) + 1, bool),
        )
    elif held.open:
        named = [value or str(text) for value, text in zip(named, distinct, strict=True)]
    final = np.array([value or None for value in named] + [None], dtype=object)
    final[drop] = None
    result = final[codes]
    filled = pd.Series(result, index=column.index, dtype=object)
    report = FieldReport(
        field.name, (str(column.name),), int(filled.notna().sum()), dropped=_counted(column, drop[codes]),
        unknown=_counted(column, (~known & ~drop)[codes] & (codes >= 0)),
    )  # fmt: skip
    return filled, report


def folded_text(text: object) -> str:
    """Return a text as blanks are compared: without case and outer blanks, its signs kept."""
    return str(text).strip().casefold()


def _is_blank(column: pd.Series[Any], one: FieldMap) -> NDArray[np.bool_]:
    """Return the rows whose text means no data."""
    if not one.blanks or pd.api.types.is_numeric_dtype(column):
        return np.zeros(len(column), bool)
    codes, distinct = pd.factorize(texts_in(column), use_na_sentinel=True)
    blanks = set(one.blanks)
    return np.array([folded_text(text) in blanks for text in distinct] + [False], dtype=bool)[codes]


def _counted(column: pd.Series[Any], where: NDArray[np.bool_]) -> tuple[tuple[str, int], ...]:
    """Return the texts in some rows with how often they stand there, the most frequent first."""
    if not where.any():
        return ()
    counts = pd.Series(texts_in(column)[where], dtype=object).value_counts()
    listed = [(str(text)[:80], int(count)) for text, count in counts.head(LISTED).items()]
    rest = int(counts.iloc[LISTED:].sum())
    return (*listed, ("…", rest)) if rest else tuple(listed)


def _doubtful(values: NDArray[np.float64], field: Field) -> tuple[tuple[str, int], ...]:
    """Return values of a level that stand far apart from the others: more than ten times their spread."""
    if field.zero != "judged":
        return ()
    known = values[np.isfinite(values)]
    if len(known) < 20:
        return ()
    low, middle, high = np.percentile(known, (25, 50, 75))
    far = known[np.abs(known - middle) > APART * max(high - low, 1.0)]
    found, counts = np.unique(far, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:LISTED]
    return tuple((f"{found[i]:.12g}", int(counts[i])) for i in order)

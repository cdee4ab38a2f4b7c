"""Attribute joins: columns of a table brought to the features of a layer by a common key.

A join is part of the project's state; the columns it brings are worked out from the two tables, so that undo takes them
away and brings them back, and are saved with the layer.

Invariants
----------
1. Keys are compared as a person reads them: ``Ａ０１`` is ``A01``, 101, ``101.0`` and ``" 101"`` are one key. Leading
   zeros only count as nothing where the join says so: ``0101`` and ``101`` may be two things.
2. A feature without a match has no data in the new columns, never zero; only ``count`` counts to 0.
3. No column of the layer is ever replaced: a name that is taken gets a number.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

import numpy as np

from models.core.errors import UserError
from models.layers.layer import VectorData

if TYPE_CHECKING:
    import pandas as pd

#: What is done where several rows of the table have the key of one feature.
DUPLICATES = ("first", "sum", "mean", "count")
#: Columns of each side that are looked at while keys are guessed, and keys that are listed.
_MOST_COLUMNS = 60
_LISTED = 200


@dataclass(frozen=True, slots=True)
class Join:
    """One table joined to one layer.

    Parameters
    ----------
    id : str
    layer, table : str
        Layer ids.
    layer_key, table_key : str
        Columns that are compared.
    columns : tuple of (str, str)
        Column of the table → what it is called in the layer.
    duplicates : str
        One of :data:`DUPLICATES`. Texts are taken from the first row whatever is done with numbers.
    zeros : bool
        Whether leading zeros count as nothing.
    table_name : str
        What the table was called, for messages after it has gone.
    """

    id: str
    layer: str
    table: str
    layer_key: str
    table_key: str
    columns: tuple[tuple[str, str], ...]
    duplicates: str = "first"
    zeros: bool = False
    table_name: str = ""

    @property
    def added(self) -> tuple[str, ...]:
        """Return the names of the columns that it brings."""
        return tuple(target for _, target in self.columns)


@dataclass(frozen=True, slots=True)
class KeyPair:
    """Two columns that may be the key.

    Parameters
    ----------
    layer, table : str
    share : float
        Of the layer's distinct values, how many the table has, 0…1, in a sample.
    zeros : bool
        Whether that needs leading zeros to count as nothing.
    """

    layer: str
    table: str
    share: float
    zeros: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """How well two columns fit.

    Parameters
    ----------
    features, matched : int
        Features of the layer, and those that find a row.
    rows, used : int
        Rows of the table, and those that a feature finds.
    blank : int
        Features without a key.
    duplicates : int
        Keys that several rows of the table have, of those that are found.
    unmatched, unused : tuple of str
        Keys that the other side lacks, the first :data:`_LISTED` of each, as they are written.
    """

    features: int
    matched: int
    rows: int
    used: int
    blank: int
    duplicates: int
    unmatched: tuple[str, ...]
    unused: tuple[str, ...]

    @property
    def share(self) -> float:
        """Return which part of the features finds a row, 0…1."""
        return self.matched / self.features if self.features else 0.0


def new_join_id() -> str:
    """Return a fresh id."""
    return f"join_{uuid.uuid4().hex[:8]}"


def normalised(column: pd.Series[Any], *, zeros: bool = False) -> pd.Series[Any]:
    """Return keys as they are compared: text, full-width letters narrow, outer blanks gone, whole numbers plain.

    Parameters
    ----------
    column : Series
    zeros : bool
        Also drop leading zeros.

    Returns
    -------
    Series of object
        None where there is no key.
    """
    import pandas as pd

    if pd.api.types.is_bool_dtype(column):
        text = column.astype("object").map(lambda value: None if pd.isna(value) else str(bool(value)).lower())
        return text.where(text.notna(), None)
    if pd.api.types.is_integer_dtype(column):
        text = column.astype("string")
    elif pd.api.types.is_float_dtype(column):
        whole = column.notna() & (column == column.round()) & (column.abs() < 2**53)
        text = column.astype("string")
        if whole.any():
            text = text.mask(whole, column.where(whole, 0).astype("int64").astype("string"))
    else:
        text = column.astype("string").str.normalize("NFKC")
        text = text.str.replace(r"[\u200b-\u200f\ufeff\u00a0]", "", regex=True).str.strip()
        text = text.str.replace(r"^([-+]?\d+)\.0+$", r"\1", regex=True).str.casefold()
    if zeros:
        text = text.str.replace(r"^0+(?=.)", "", regex=True)
    result = text.astype("object")
    return result.where(text.notna() & (text != ""), None)


def guess_keys(layer: pd.DataFrame, table: pd.DataFrame, most: int = 5) -> list[KeyPair]:
    """Return pairs of columns that may be the key, the likeliest first.

    What counts is how many of the layer's values the table has, whether they tell rows apart, and whether the names
    are alike.
    """
    left = {name: _sampled(layer[name]) for name in _candidates(layer)}
    right = {name: _sampled(table[name]) for name in _candidates(table)}
    found: list[tuple[float, KeyPair]] = []
    for mine, (values, apart) in left.items():
        for theirs, (others, others_apart) in right.items():
            for zeros in (False, True):
                a, b = (_without_zeros(values), _without_zeros(others)) if zeros else (values, others)
                share = len(a & b) / len(a) if a else 0.0
                if share < 0.05 or len(a & b) < min(2, len(a)):
                    continue
                telling = share * (0.4 + 0.6 * others_apart) * (0.5 + 0.5 * apart)
                score = telling + 0.3 * _alike(mine, theirs) - 0.02 * zeros - 0.2 * _is_counter(theirs)
                found.append((score, KeyPair(mine, theirs, share, zeros)))
    best: dict[tuple[str, str], tuple[float, KeyPair]] = {}
    for score, pair in found:
        if (pair.layer, pair.table) not in best or score > best[pair.layer, pair.table][0]:
            best[pair.layer, pair.table] = (score, pair)
    return [pair for _, pair in sorted(best.values(), key=lambda one: -one[0])[:most]]


def match(layer_key: pd.Series[Any], table_key: pd.Series[Any], *, zeros: bool = False) -> Match:
    """Say how well two columns fit."""
    mine, theirs = normalised(layer_key, zeros=zeros), normalised(table_key, zeros=zeros)
    hit, used = mine.isin(theirs.dropna()) & mine.notna(), theirs.isin(mine.dropna()) & theirs.notna()
    counts = theirs[used].value_counts()
    return Match(
        features=len(mine), matched=int(hit.sum()), rows=len(theirs), used=int(used.sum()),
        blank=int(mine.isna().sum()), duplicates=int((counts > 1).sum()),
        unmatched=_listed(layer_key[~hit & mine.notna()]), unused=_listed(table_key[~used & theirs.notna()]),
    )  # fmt: skip


def targets(columns: Iterable[str], prefix: str, taken: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return what each column of a table is to be called in a layer that has columns of its own."""
    used = {str(name) for name in taken} | {"geometry", "fid"}
    result = []
    for column in columns:
        name, number = f"{prefix}{column}", 1
        while name in used:
            number += 1
            name = f"{prefix}{column}_{number}"
        used.add(name)
        result.append((str(column), name))
    return tuple(result)


def joined(layer_key: pd.Series[Any], table: pd.DataFrame, join: Join) -> pd.DataFrame:
    """Work out the columns that a join brings.

    Parameters
    ----------
    layer_key : Series
        Key of each feature, index = fid.
    table : DataFrame
        The table without geometry.
    join : Join

    Returns
    -------
    DataFrame
        Index as ``layer_key``.

    Raises
    ------
    UserError
        ``joins.no_column`` for a column that the table lacks.
    """
    import pandas as pd

    needed = (join.table_key, *(() if join.duplicates == "count" else (source for source, _ in join.columns)))
    for name in needed:
        if name not in table.columns:
            raise UserError("joins.no_column", column=name, table=join.table_name)
    mine, theirs = normalised(layer_key, zeros=join.zeros), normalised(table[join.table_key], zeros=join.zeros)
    known = theirs.notna()
    keys = theirs[known]
    if join.duplicates == "count":
        counts = mine.map(keys.value_counts()).fillna(0).astype("int64")
        return pd.DataFrame({join.columns[0][1]: counts.to_numpy()}, index=layer_key.index)
    first = ~keys.duplicated()
    place = pd.Series(np.flatnonzero(known.to_numpy())[first.to_numpy()], index=keys[first])
    row = mine.map(place)
    hit = row.notna().to_numpy()
    at = row[hit].to_numpy(dtype=np.int64)
    result = {}
    for source, target in join.columns:
        column: Any = table[source]
        is_number = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
        if join.duplicates in ("sum", "mean") and is_number and source != join.table_key:
            groups = column[known].astype("float64").groupby(keys)
            values = groups.sum(min_count=1) if join.duplicates == "sum" else groups.mean()
            result[target] = mine.map(values).astype("float64").to_numpy()
        else:
            result[target] = _laid_out(column, at, hit)
    return pd.DataFrame(result, index=layer_key.index)


def with_columns(data: VectorData, columns: pd.DataFrame) -> VectorData:
    """Return a layer's data with more columns; of a large one no geometry is made."""
    if data.features is None:
        return VectorData(data.frame.assign(**{name: columns[name] for name in columns.columns}), data.cautions)
    import pyarrow as pa

    table = data.features.table
    for name in columns.columns:
        values = pa.array(columns[name], from_pandas=True)
        if name in table.column_names:
            table = table.set_column(table.column_names.index(name), name, values)
        else:
            table = table.add_column(table.num_columns - 1, name, values)
    return VectorData(None, data.cautions, _like(data.features, table))


def without_columns(data: VectorData, names: Sequence[str]) -> VectorData:
    """Return a layer's data without some columns."""
    gone = [name for name in names if name in data.fields]
    if not gone:
        return data
    if data.features is None:
        return VectorData(data.frame.drop(columns=gone), data.cautions)
    return VectorData(None, data.cautions, _like(data.features, data.features.table.drop_columns(gone)))


def followed(
    layer_id: str,
    data: Mapping[str, Any],
    before: tuple[Join, ...],
    after: tuple[Join, ...],
    ready: dict[Join, pd.DataFrame] | None = None,
) -> VectorData | None:
    """Bring one layer's data in line with its joins; None where nothing changes or nothing can be done.

    A join whose table has gone leaves its columns as they are, if the layer has them. ``ready`` holds columns worked
    out before; what is worked out now is put there too.
    """
    ready = {} if ready is None else ready
    mine = data.get(layer_id)
    if not isinstance(mine, VectorData):
        return None
    was, now = (tuple(join for join in joins if join.layer == layer_id) for joins in (before, after))
    result = without_columns(mine, [name for join in was if join not in now for name in join.added])
    for join in now:
        table = data.get(join.table)
        if join in was and set(join.added) <= set(result.fields):
            continue
        if join not in ready and isinstance(table, VectorData) and join.layer_key in result.fields:
            ready[join] = joined(result.attributes[join.layer_key], table.attributes, join)
        if join in ready:
            result = with_columns(result, ready[join])
    return None if result is mine else result


def moved(joins: tuple[Join, ...], old: str, new: str) -> tuple[Join, ...]:
    """Return joins with one layer or table under another id."""
    return tuple(
        replace(join, layer=new if join.layer == old else join.layer, table=new if join.table == old else join.table)
        for join in joins
    )


def _like(features: Any, table: Any) -> Any:
    """Return features with other columns and the same shapes, boxes and tree."""
    from models.geometry.feature_table import Features
    from models.geometry.wkb import Scan

    none = np.zeros(0, dtype=bool)
    scan = Scan(features.box, features.area, features.kind, none, none, none, none, none)
    return Features(table, features.fids, features.crs, scan, features.tree)


def _laid_out(column: pd.Series[Any], at: Any, hit: Any) -> Any:
    """Return a table's column row by feature, no data where none was hit, in a type that can say so."""
    import pandas as pd

    taken = column.iloc[at]
    if hit.all():
        return taken.array
    if pd.api.types.is_bool_dtype(column):
        kind: Any = "boolean"
    elif pd.api.types.is_integer_dtype(column):
        kind = "Int64"
    else:
        kind = column.dtype
    spread = pd.Series(taken.array, index=np.flatnonzero(hit)).astype(kind)
    return spread.reindex(range(len(hit))).array


def _candidates(frame: pd.DataFrame) -> list[str]:
    """Return columns that can be keys: no fractions, dates or truth, and more than one value."""
    import pandas as pd

    names = []
    for name in list(frame.columns)[:_MOST_COLUMNS]:
        column = frame[name]
        is_odd = pd.api.types.is_bool_dtype(column) or pd.api.types.is_datetime64_any_dtype(column)
        if name == "geometry" or is_odd:
            continue
        if pd.api.types.is_float_dtype(column):
            known = column.dropna()
            if not len(known) or not (known == known.round()).all():
                continue
        names.append(str(name))
    return names


def _sampled(column: pd.Series[Any]) -> tuple[set[str], float]:
    """Return distinct keys, and how far they tell rows apart (1: each row its own)."""
    known = normalised(column.dropna())
    known = known.dropna()
    if not len(known):
        return set(), 0.0
    distinct = known.drop_duplicates()
    return set(distinct.tolist()), len(distinct) / len(known)


def _without_zeros(values: set[str]) -> set[str]:
    return {value.lstrip("0") or "0" for value in values}


def _alike(one: str, other: str) -> float:
    """Return how alike two names are, 0…1."""
    a, b = ("".join(c for c in name.casefold() if c.isalnum()) for name in (one, other))
    if min(len(a), len(b)) >= 2 and (a in b or b in a):
        return 1.0
    ratio = SequenceMatcher(None, a, b).ratio()
    return ratio if ratio >= 0.5 else 0.0


def _is_counter(name: str) -> bool:
    """Whether a column only numbers the rows of its table."""
    return name.casefold().strip() in ("序号", "行号", "编序", "no", "no.", "row", "fid", "oid", "objectid", "index")


def _listed(column: pd.Series[Any]) -> tuple[str, ...]:
    return tuple(str(value) for value in column.drop_duplicates().head(_LISTED))

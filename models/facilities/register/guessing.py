"""Which columns of a foreign table are which fields: by their names, by what stands in them, and by the table's name.

A guess is a proposal: it says why it was made, and a person sees it before anything is changed. What is ambiguous is
not guessed. A number such as 9999 is taken for "no data" only where it stands apart from what the column holds else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.core.errors import UserError
from models.facilities.register.applying import APART, folded_text
from models.facilities.register.column_values import Numbers, are_stamps, moments_in, numbers_in, texts_in
from models.facilities.register.field_map import FieldMap, Mapping
from models.facilities.register.fields import Domain, Field, Schema, domain, folded, name_and_unit, schema
from resources.standards import standard

#: Rows that are looked at, spread over the table, and distinct values of a choice that are mapped.
SAMPLE, MOST_VALUES = 20_000, 2_000
#: Distinct texts up to which a column's values are listed, and how many are.
MOST_DISTINCT, MOST_SHOWN = 300, 60
#: From this share of its rows on a column counts as numbers, days or known values; from the second by that alone.
_SHARE, _SURE_SHARE = 0.5, 0.9
#: Choices that are also found where no name says so, by their values alone.
_BY_CONTENT = ("kind", "material")
#: A guess with less than this is not made.
_LEAST_SCORE = 0.4
_PREFIX = re.compile(r"^([A-Za-z]{2,5})[-_ ]?\d")
_FEET_A_METRE = 1 / 0.3048


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A column that may be a field."""

    score: float
    map: FieldMap


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """What a column of a foreign table holds.

    Parameters
    ----------
    name : str
    examples : tuple of str
        Its most frequent texts.
    filled : float
        Share of rows in which something stands, 0…1.
    values : tuple of (str, int)
        Its distinct texts with how often they stand there, where they are few.
    """

    name: str
    examples: tuple[str, ...]
    filled: float
    values: tuple[tuple[str, int], ...]


class _Table:
    """A foreign table with each column read once."""

    def __init__(self, frame: Any, units: AnyMapping[str, str]) -> None:
        self.names = [str(name) for name in frame.columns if name != "geometry"]
        rows = np.unique(np.linspace(0, len(frame) - 1, SAMPLE).astype(np.int64)) if len(frame) > SAMPLE else None
        self.every = frame
        self.frame = frame if rows is None else frame.iloc[rows]
        self.units = dict(units)
        self._numbers: dict[str, Numbers] = {}
        self._texts: dict[str, NDArray[np.object_]] = {}
        self.folded = {name: name_and_unit(name) for name in self.names}
        self.length_unit = _unit_of_lengths(self.frame, self.names)

    def numbers(self, name: str) -> Numbers:
        if name not in self._numbers:
            self._numbers[name] = numbers_in(self.frame[name])
        return self._numbers[name]

    def whole_numbers(self, name: str) -> NDArray[np.float64]:
        """Return the numbers of a column in all rows: what means no data may stand in one of a million."""
        return self.numbers(name).values if self.frame is self.every else numbers_in(self.every[name]).values

    def texts(self, name: str) -> NDArray[np.object_]:
        if name not in self._texts:
            self._texts[name] = texts_in(self.frame[name])
        return self._texts[name]

    def known_texts(self, name: str, field: Field) -> NDArray[np.object_]:
        """Return the texts of a column that say something of a field."""
        texts, blanks = self.texts(name), set(_blank_words(field))
        return np.array([text for text in texts if text is not None and folded_text(text) not in blanks], dtype=object)


def guess(frame: Any, kind: str, *, name: str = "", units: AnyMapping[str, str] | None = None) -> Mapping:
    """Propose which columns of a table are which fields.

    Parameters
    ----------
    frame : DataFrame or GeoDataFrame
    kind : str
        Id of the schema: ``"components"``, ``"pipes"``, ``"nodes"``.
    name : str
        Of the file or layer: ``sanitary_mains`` says of all rows that they carry sewage.
    units : mapping of str to str, optional
        Unit of a column where the source declares it.

    Returns
    -------
    Mapping
    """
    wanted, table = schema(kind), _Table(frame, units or {})
    chosen = _best(wanted, [one for field in wanted.fields for one in _candidates(table, field)])
    chosen |= {one.target: one for one in _made_up(table, wanted, chosen, name)}
    fields = tuple(chosen[field.name] for field in wanted.fields if field.name in chosen)
    return Mapping(kind, tuple(_finished(one, wanted, table) for one in fields))


def field_from(frame: Any, kind: str, target: str, source: str) -> FieldMap:
    """Return a field that comes from a column which a person chose, with unit, sentinels and values as guessed.

    Raises
    ------
    UserError
        ``register.no_field``.
    """
    wanted = schema(kind)
    if wanted.field(target) is None:
        raise UserError("register.no_field", field=target, kind=kind)
    return _finished(FieldMap(target, (source,)), wanted, _Table(frame, {}))


def source_columns(frame: Any) -> tuple[SourceColumn, ...]:
    """Return what the columns of a table hold, for somebody who maps them; of a large table a sample tells."""
    table = _Table(frame, {})
    found = []
    for name in table.names:
        counts = pd.Series(table.texts(name), dtype=object).dropna().value_counts()
        few = counts.head(MOST_SHOWN) if len(counts) <= MOST_DISTINCT else counts.head(0)
        filled = int(counts.sum()) / max(len(table.frame), 1)
        values = tuple((str(text), int(count)) for text, count in few.items())
        found.append(SourceColumn(name, tuple(str(text) for text in counts.index[:3]), filled, values))
    return tuple(found)


def _best(wanted: Schema, candidates: list[_Candidate]) -> dict[str, FieldMap]:
    """Give each field its best column; a column serves several fields only where they are choices."""
    chosen: dict[str, FieldMap] = {}
    taken: dict[str, bool] = {}
    for one in sorted(candidates, key=lambda candidate: -candidate.score):
        field = wanted.field(one.map.target)
        is_choice = field is not None and field.type == "choice"
        free = not any(name in taken and not (is_choice and taken[name]) for name in one.map.sources)
        if one.score >= _LEAST_SCORE and one.map.target not in chosen and free:
            chosen[one.map.target] = one.map
            taken |= dict.fromkeys(one.map.sources, is_choice)
    return chosen


def _candidates(table: _Table, field: Field) -> list[_Candidate]:
    found = []
    for name in table.names:
        told, reason = _by_name(table.folded[name][0], folded(name), field)
        if not told and field.name not in _BY_CONTENT:
            continue
        weight = _by_content(table, name, field, told)
        if weight > 0:
            found.append(_Candidate((told or 0.5) * weight, FieldMap(field.name, (name,), reason=reason or "content")))
    walls = [name for name in table.names if any(re.match(one, folded(name)) for one in field.lowest_of)]
    if walls and field.type == "number":
        found = _with_walls(found, walls, table, field)
    return found


def _by_name(told: str, whole: str, field: Field) -> tuple[float, str]:
    """Return how surely a column's folded name means a field, 0 for not at all, and why."""
    for name in dict.fromkeys((told, whole)):
        if name == folded(field.name):
            return 1.0, "same"
        if name in field.aliases:
            return 0.97 - 0.3 * field.aliases.index(name) / len(field.aliases), "alias"
    if any(re.match(pattern, told) for pattern in field.patterns):
        return 0.66, "pattern"
    return 0.0, ""


def _by_content(table: _Table, name: str, field: Field, told: float) -> float:
    """Return how well what stands in a column fits a field, 0…1."""
    column = table.frame[name]
    if not column.notna().any():
        return 0.0
    if field.type == "number":
        return _fits_number(table, name, field)
    if field.type in ("year", "date"):
        moments = moments_in(column).notna().to_numpy()
        return 1.0 if moments.sum() >= _SHARE * _spoken(table, name, field) > 0 else 0.0
    texts = table.known_texts(name, field)
    if not len(texts):
        return 0.0
    if field.type == "choice":
        distinct = pd.Series(texts, dtype=object).value_counts()
        if len(distinct) > MOST_VALUES:
            return 0.0
        known = sum(int(count) for text, count in distinct.items() if domain(field.domain).of(str(text)))
        share = known / len(texts)
        if told:
            least = 0.3 if told >= 0.9 or domain(field.domain).open else _SHARE
            return 0.5 + 0.5 * share if share >= least else 0.0
        spoken = len(texts) >= _SHARE * len(column) and not pd.api.types.is_numeric_dtype(column)
        return share if spoken and share >= _SURE_SHARE and len(distinct) <= 40 else 0.0
    if field.name in ("code", "ObjID"):
        apart = len(set(texts.tolist())) / len(texts)
        return (1.0 if apart >= 0.9 else 0.5) * (1.0 if len(texts) >= 0.9 * len(column) else 0.75)
    return 1.0


def _spoken(table: _Table, name: str, field: Field) -> int:
    """Return in how many rows something stands that is not a known text for no data."""
    zeros = int((table.numbers(name).values == 0).sum()) if field.zero == "missing" else 0
    return len(table.known_texts(name, field)) - zeros


def _fits_number(table: _Table, name: str, field: Field) -> float:
    numbers = table.numbers(name)
    read = np.isfinite(numbers.values) | numbers.any_size
    if read.sum() < _SHARE * max(_spoken(table, name, replace(field, zero="")), 1):
        return 0.0
    left = numbers.values[np.isfinite(numbers.values)]
    left = left[~np.isin(left, list(sentinels_in(left, field)))]
    return 1.0 if len(left) or numbers.any_size.any() else 0.0


def _with_walls(found: list[_Candidate], walls: list[str], table: _Table, field: Field) -> list[_Candidate]:
    """Take the lowest of the inverts by wall, and of the one in the middle where there is one."""
    sound = [name for name in walls if _fits_number(table, name, field) > 0]
    best = max(found, key=lambda one: one.score, default=None)
    if not sound:
        return found
    sources = (*(best.map.sources if best is not None else ()), *sound)
    score = 0.6 if best is None else best.score
    return [
        *found,
        _Candidate(score + 0.001, FieldMap(field.name, tuple(dict.fromkeys(sources)), way="lowest", reason="walls")),
    ]


def _made_up(table: _Table, wanted: Schema, chosen: AnyMapping[str, FieldMap], name: str) -> list[FieldMap]:
    """Return fields that no column has, out of sizes, depths, numbers of manholes or the table's name."""
    made: list[FieldMap] = []
    size = chosen.get("diameter_mm")
    if size is not None and table.numbers(size.source).any_size.any():
        made += [
            replace(size, target=target, part=part, reason="size")
            for target, part in (("width_mm", "width"), ("section_height_mm", "height")) if target not in chosen
        ]  # fmt: skip
    for field in wanted.fields:
        if field.name in chosen:
            continue
        ground = chosen.get("ground_m")
        if field.below_ground and ground is not None and ground.way == "value":
            depth = next((one for one in table.names if table.folded[one][0] in field.below_ground), "")
            deep = table.numbers(depth).values if depth else np.zeros(0)
            if (deep[np.isfinite(deep)] > 0).any():
                made.append(FieldMap(field.name, (ground.source, depth), way="below", reason="depth"))
        if field.type == "choice" and (value := _named(domain(field.domain), name)):
            made.append(FieldMap(field.name, way="constant", constant=value, reason="table_name"))
        elif field.domain == "pipe_kind" and (value := _by_prefixes(table, chosen)):
            made.append(FieldMap(field.name, way="constant", constant=value, reason="ids"))
    return made


def _named(held: Domain, name: str) -> str:
    """Return what a table's name says of all its rows, empty where it says nothing."""
    told = folded(name)
    return next((value for value, parts in held.names if any(part in told for part in parts)), "")


def _by_prefixes(table: _Table, chosen: AnyMapping[str, FieldMap]) -> str:
    """Return the kind that the first letters of numbers tell: DMH0163 drains rain, SMH0163 sewage."""
    kinds = {prefix: kind for kind, listed in standard("register_fields")["id_prefixes"].items() for prefix in listed}
    for target in ("start_node", "end_node", "code"):
        one = chosen.get(target)
        texts = [] if one is None else [str(text) for text in table.texts(one.source) if text is not None]
        found = [kinds.get(match[1].upper(), "") for text in texts if (match := _PREFIX.match(text))]
        known = pd.Series([kind for kind in found if kind], dtype=object).value_counts()
        if len(known) and int(known.iloc[0]) >= _SURE_SHARE * max(len(found), 1):
            return str(known.index[0])
    return ""


# --- units, sentinels, values -----------------------------------------------------------------------------------------


def _finished(one: FieldMap, wanted: Schema, table: _Table) -> FieldMap:
    """Complete a guess by unit, sentinels, blanks and values."""
    field = wanted.field(one.target)
    if field is None or one.way == "constant":
        return one
    if field.type == "number":
        unit, why = _unit(one, field, table)
        one_factor = replace(one, unit=unit).factor(field.unit)
        listed: list[float] = []
        for position, name in enumerate(one.sources):
            judged = replace(field, zero="missing", least=0.0, most=100.0) if one.way == "below" and position else field
            every = table.whole_numbers(name)
            listed += sentinels_in(every[np.isfinite(every)], judged, one_factor)
        return replace(
            one, unit=unit, unit_reason=why, sentinels=tuple(dict.fromkeys(listed)), blanks=_blanks(one, field, table)
        )
    if field.type in ("year", "date"):
        numbers = table.numbers(one.source).values
        zero = (0.0,) if field.zero == "missing" and (numbers == 0).any() and not are_stamps(numbers) else ()
        return replace(one, sentinels=zero, blanks=_blanks(one, field, table))
    if field.type == "choice":
        distinct = pd.Series(table.texts(one.source), dtype=object).dropna().unique()[:MOST_VALUES]
        pairs = tuple((str(text), value) for text in distinct if (value := domain(field.domain).of(str(text))))
        return replace(one, values=pairs, blanks=_blanks(one, field, table))
    return replace(one, blanks=_blanks(one, field, table))


def _blank_words(field: Field) -> tuple[str, ...]:
    return (*standard("register_fields")["sentinels"]["texts"], *field.no_data)


def _blanks(one: FieldMap, field: Field, table: _Table) -> tuple[str, ...]:
    """Return the texts for no data that stand in the columns of a guess."""
    words = set(_blank_words(field))
    there = {folded_text(text) for name in one.sources for text in pd.unique(table.texts(name)) if text is not None}
    return tuple(sorted(there & words))


def sentinels_in(values: NDArray[np.float64], field: Field, factor: float = 1.0) -> list[float]:
    """Return the numbers in a column that mean no data, in the column's unit.

    Parameters
    ----------
    values : ndarray of float
        What stands in the column, without NaN.
    field : Field
    factor : float
        From the column's unit to the field's.

    Notes
    -----
    A listed number (9999, -99, -1 …) counts where it is beyond what the field can be, or where it stands apart from the
    others: outside their span by more than half their spread and a metre, or ten times their spread from their middle.
    Zero counts where the field cannot be 0, or, for levels, where it stands apart: a town at the sea has inverts of 0.
    """
    listed = _sentinel_numbers() if field.zero else _sentinel_numbers()[1:]
    there = [one for one in listed if (values == one).any()]
    rest = values[~np.isin(values, there)]
    found = []
    for one in there:
        scaled = one * factor
        impossible = (field.least is not None and scaled < field.least) or (
            field.most is not None and scaled > field.most
        )
        cannot_be = field.zero == "missing" if one == 0.0 else impossible
        if cannot_be or _stands_apart(one, rest):
            found.append(one)
    return found


def _stands_apart(value: float, rest: NDArray[np.float64]) -> bool:
    if not len(rest):
        return True
    low, middle, high = np.percentile(rest, (25, 50, 75))
    if abs(value - middle) > APART * max(high - low, 1.0):
        return True
    gap = max(float(rest.min()) - value, value - float(rest.max()))
    return gap > max(1.0, 0.0 if value == 0 else 0.5 * float(high - low))


@lru_cache(maxsize=1)
def _sentinel_numbers() -> tuple[float, ...]:
    """Return the numbers that are written for no data, zero first."""
    return (0.0, *(float(one) for one in standard("register_fields")["sentinels"]["numbers"]))


def _unit(one: FieldMap, field: Field, table: _Table) -> tuple[str, str]:
    """Return the unit of the columns of a guess and how it is known."""
    if not field.unit:
        return "", ""
    declared = table.units.get(one.source, "")
    if declared:
        return declared, "name"
    stated = table.folded[one.source][1]
    if stated and folded(one.source) != folded(field.name):
        return stated, "name"
    if folded(one.source) == folded(field.name):
        return field.unit, ""
    numbers = table.numbers(one.source)
    if numbers.unit:
        return numbers.unit, "values"
    if field.unit == "mm":
        return _unit_of_sizes(numbers)
    if field.unit == "m" and table.length_unit in ("ft", "us-ft"):
        return table.length_unit, "lengths"
    return field.unit, "assumed"


def _unit_of_sizes(numbers: Numbers) -> tuple[str, str]:
    """Return the unit of pipe sizes by the nominal bores among them."""
    every = np.concatenate([numbers.values, numbers.width, numbers.height])
    known = every[np.isfinite(every) & (every > 0)]
    known = known[~np.isin(known, _sentinel_numbers()[1:]) | np.isin(known, [1.0])]
    if not len(known):
        return "mm", "assumed"
    shares = {
        unit: float(np.isin(np.round(known, 4), sizes).mean())
        for unit, sizes in standard("register_fields")["sizes"].items()
    }
    middle = float(np.median(known))
    plausible = {"mm": middle >= 50, "in": 2 <= middle <= 96, "m": middle <= 5}
    best = max((unit for unit in shares if plausible[unit]), key=lambda unit: shares[unit], default="mm")
    return (best, "sizes") if shares[best] >= _SHARE else ("mm", "assumed")


def _unit_of_lengths(frame: Any, names: list[str]) -> str:
    """Return in which unit a column of lengths is, by the lines as they are drawn; empty where nothing tells."""
    if getattr(frame, "_geometry_column_name", None) is None or not len(frame) or frame.crs is None:
        return ""
    listed = [folded(one) for one in standard("register_fields")["lengths"]["aliases"]]
    column = next((name for name in names if name_and_unit(name)[0] in listed), "")
    if not column:
        return ""
    few = frame.iloc[:: max(len(frame) // 500, 1)]
    drawn = _drawn_m(few)
    told = numbers_in(few[column]).values
    both = np.isfinite(told) & (told > 1) & np.isfinite(drawn) & (drawn > 1)
    if both.sum() < 10:
        return ""
    ratio = float(np.median(told[both] / drawn[both]))
    return "ft" if abs(ratio / _FEET_A_METRE - 1) < 0.03 else "m" if abs(ratio - 1) < 0.1 else ""


def _drawn_m(frame: Any) -> NDArray[np.float64]:
    """Return how long lines are, metres; degrees are taken for metres at their latitude."""
    import shapely

    shapes = np.asarray(frame.geometry.array, dtype=object)
    if frame.crs.is_geographic:
        middle = float(np.nanmean(shapely.bounds(shapes)[:, 1]))
        east, north = 111_320.0 * np.cos(np.radians(middle)), 110_950.0
        shapes = shapely.transform(shapely.force_2d(shapes), lambda xy: xy * (east, north))
        return np.asarray(shapely.length(shapes), dtype=np.float64)
    axis = frame.crs.axis_info
    factor = float(axis[0].unit_conversion_factor) if axis else 1.0
    return np.asarray(shapely.length(shapes), dtype=np.float64) * factor

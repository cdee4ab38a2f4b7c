"""What the gate judges: the layers of one role as one table, with what several rules ask of it worked out once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from models.facilities.coding.editions import Edition, FacilityClass
from models.facilities.register import classes_of

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]
Objects = NDArray[np.object_]
Rows = NDArray[np.int64]
#: No figure of a facility is as large.
_BEYOND = 1e15
#: Id of a layer, its table, and the edition of component codes that it states.
Part = tuple[str, Any, Edition]


class Table:
    """All objects of one role.

    Parameters
    ----------
    role : str
    parts : sequence of (layer id, DataFrame or GeoDataFrame, Edition)
        Index = oid; geometry in the project's projected CRS (metres); the edition of component codes that the layer
        states.
    """

    def __init__(self, role: str, parts: Sequence[Part]) -> None:
        self.role = role
        kept = [(layer, frame, edition) for layer, frame, edition in parts if len(frame)]
        self.layers: Objects = np.repeat(np.array([one[0] for one in kept], dtype=object), [len(o[1]) for o in kept])
        self.oids: Rows = np.concatenate([np.zeros(0, np.int64), *(o[1].index.to_numpy(np.int64) for o in kept)])
        ends = np.cumsum([0, *(len(o[1]) for o in kept)])
        #: Edition of component codes of each run of rows.
        self.editions: list[tuple[slice, Edition]] = [
            (slice(int(start), int(stop)), one[2]) for start, stop, one in zip(ends[:-1], ends[1:], kept, strict=True)
        ]
        shapes = [_geometry(one[1]) for one in kept]
        self.geometry: Objects = np.concatenate([np.zeros(0, dtype=object), *shapes])
        plain = [pd.DataFrame(o[1].drop(columns="geometry", errors="ignore")).reset_index(drop=True) for o in kept]
        if len(plain) == 1:
            self.frame = plain[0]
        else:
            self.frame = pd.concat(plain, ignore_index=True) if plain else pd.DataFrame()
        self._held: dict[str, Any] = {}

    def __len__(self) -> int:
        return len(self.oids)

    def has(self, field: str) -> bool:
        """Whether any of its layers has a field."""
        return field in self.frame.columns

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """Return a value worked out the first time it is asked for."""
        if name not in self._held:
            self._held[name] = make()
        return self._held[name]

    def text(self, field: str) -> tuple[Objects, Mask]:
        """Return a field as trimmed texts, and where it says anything at all."""
        return self.once(f"text/{field}", lambda: self._text(field))  # type: ignore[no-any-return]

    def says(self, field: str) -> Mask:
        """Return where a field says anything, without making texts of numbers."""
        if not self.has(field) or self.frame[field].dtype.kind not in "fiu":
            return self.text(field)[1]
        return self.frame[field].notna().to_numpy(dtype=bool)

    def number(self, field: str) -> tuple[Floats, Mask]:
        """Return a field as numbers (NaN where it is none), and where it is one."""
        return self.once(f"number/{field}", lambda: self._number(field))  # type: ignore[no-any-return]

    def _text(self, field: str) -> tuple[Objects, Mask]:
        if not self.has(field):
            return np.full(len(self), "", dtype=object), np.zeros(len(self), bool)
        column = self.frame[field]
        if column.dtype.kind == "f":  # 1101.0 of a table that has gaps means 1101
            whole = column.notna() & (column % 1 == 0) & (column.abs() < 2**53)
            texts = column.astype("str").where(~whole, column.where(whole, 0).astype("int64").astype("str"))
        else:
            texts = column.astype("str").str.strip()
        texts = texts.where(column.notna(), "")
        found = texts.to_numpy(dtype=object)
        return found, (texts != "").to_numpy(dtype=bool)

    def _number(self, field: str) -> tuple[Floats, Mask]:
        if not self.has(field):
            return np.full(len(self), np.nan), np.zeros(len(self), bool)
        column = self.frame[field]
        values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        known = np.abs(values) < _BEYOND  # infinities and nonsense are no numbers
        return np.where(known, values, np.nan), known

    @property
    def has_shape(self) -> Mask:
        """Return which objects stand anywhere."""
        return self.once("has_shape", lambda: ~(shapely.is_missing(self.geometry) | shapely.is_empty(self.geometry)))  # type: ignore[no-any-return]

    @property
    def plan(self) -> Objects:
        """Return the shapes in plan; a line in several parts that meet is one line."""
        return self.once("plan", self._plan)  # type: ignore[no-any-return]

    def _plan(self) -> Objects:
        flat = shapely.force_2d(self.geometry) if shapely.has_z(self.geometry).any() else self.geometry
        several = shapely.get_type_id(flat) == shapely.GeometryType.MULTILINESTRING
        if several.any():
            flat = flat.copy()
            flat[several] = shapely.line_merge(flat[several])
        return np.asarray(flat, dtype=object)

    @property
    def xy(self) -> Floats:
        """Return one point of each object: of a line its middle, of an area its centroid; NaN where it has no shape."""
        return self.once("xy", self._xy)  # type: ignore[no-any-return]

    @property
    def is_points(self) -> bool:
        """Whether every object is a point."""

        def make() -> bool:
            return bool((shapely.get_type_id(self.geometry) == 0).all() and self.has_shape.all())

        return self.once("is_points", make)  # type: ignore[no-any-return]

    def _xy(self) -> Floats:
        if self.is_points:
            return np.asarray(shapely.get_coordinates(self.plan), dtype=np.float64)
        found = np.full((len(self), 2), np.nan)
        there, kind = self.has_shape, shapely.get_type_id(self.plan)
        points, lines = there & (kind == 0), there & (kind == 1)
        rest = there & ~points & ~lines
        found[points] = np.column_stack([shapely.get_x(self.plan[points]), shapely.get_y(self.plan[points])])
        for rows, middle in (
            (lines, lambda some: shapely.line_interpolate_point(some, 0.5, normalized=True)),
            (rest, shapely.centroid),
        ):
            if rows.any():
                middles = middle(self.plan[rows])
                found[rows] = np.column_stack([shapely.get_x(middles), shapely.get_y(middles)])
        return found

    @property
    def points(self) -> Objects:
        """Return :attr:`xy` as points, None where an object has no shape."""
        return self.once("points", lambda: self.plan if self.is_points else _points(self.xy))  # type: ignore[no-any-return]

    @property
    def tree(self) -> shapely.STRtree:
        """Return an index of the shapes in plan."""
        return self.once("tree", lambda: shapely.STRtree(self.plan))

    @property
    def length_m(self) -> Floats:
        """Return plan lengths."""
        return self.once("length_m", lambda: np.where(self.has_shape, shapely.length(self.plan), 0.0))  # type: ignore[no-any-return]

    @property
    def classes(self) -> Objects:
        """Return the key of each component's class (``"<table>:<code>"``), ``""`` where its code says none we know."""
        return self.once("classes", lambda: self._of_class(lambda one: one.key))  # type: ignore[no-any-return]

    @property
    def symbols(self) -> Objects:
        """Return the sign by which each component's class is drawn."""
        return self.once("symbols", lambda: self._of_class(lambda one: one.symbol))  # type: ignore[no-any-return]

    def _of_class(self, told: Callable[[FacilityClass], str]) -> Objects:
        found = np.full(len(self), "", dtype=object)
        for (rows, edition), codes in zip(self.editions, self.class_codes(), strict=True):
            names = {"": "", **{code: told(one) for code, one in edition.classes.items()}}
            found[rows] = pd.Series(codes, dtype=object).map(names).fillna("").to_numpy(dtype=object)
        return found

    def class_codes(self) -> list[Objects]:
        """Return the class code of each component, by run of rows of one edition."""

        def make() -> list[Objects]:
            return [classes_of(pd.DataFrame(self.frame.iloc[rows]), edition) for rows, edition in self.editions]

        return self.once("class_codes", make)  # type: ignore[no-any-return]

    @property
    def kind(self) -> Objects:
        """Return the kind of each pipe or node (CJJ 61), in capitals."""
        return self.once("kind", lambda: pd.Series(self.text("kind")[0], dtype="str").str.upper().to_numpy(object))  # type: ignore[no-any-return]

    def rows_by(self, key: str) -> pd.Series[Any]:
        """Return the row of each value of a key, the first where several have it."""

        def make() -> pd.Series[Any]:
            texts, known = self.text(key)
            rows = np.flatnonzero(known)
            found = pd.Series(rows, index=pd.Index(texts[rows], dtype=object))
            return found[~found.index.duplicated()]

        return self.once(f"rows/{key}", make)  # type: ignore[no-any-return]

    def find(self, key: str, texts: Objects) -> Rows:
        """Return the row that has each text as its key, -1 for none."""
        index = self.rows_by(key)
        if index.empty:
            return np.full(len(texts), -1, np.int64)
        places = index.index.get_indexer(pd.Index(texts, dtype=object))
        return np.where(places < 0, -1, index.to_numpy()[places]).astype(np.int64)


class Tables:
    """Every role's table, made when it is first asked for; by role its layers."""

    def __init__(self, layers: Mapping[str, Sequence[Part]]) -> None:
        #: Rows of the judged table that the present rule is about; a check need not look at the others.
        self.asked: Mask = np.zeros(0, bool)
        self._layers = dict(layers)
        self._held: dict[str, Table] = {}

    def of(self, role: str) -> Table:
        """Return the table of a role; without rows where there is no layer of it."""
        if role not in self._held:
            self._held[role] = Table(role, self._layers.get(role, ()))
        return self._held[role]


def among(column: Objects, values: Collection[str]) -> Mask:
    """Return which texts of a column are among some values."""
    return np.array(pd.Series(column, dtype=object).isin(list(values)), dtype=bool)


def _geometry(frame: Any) -> Objects:
    if "geometry" not in frame.columns:
        return np.full(len(frame), None, dtype=object)
    return np.asarray(frame["geometry"].array, dtype=object)


def _points(xy: Floats) -> Objects:
    found = np.full(len(xy), None, dtype=object)
    there = np.isfinite(xy).all(axis=1)
    found[there] = shapely.points(xy[there])
    return found

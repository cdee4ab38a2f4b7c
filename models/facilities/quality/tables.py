"""What the gate judges: the layers of one role as one table, with what several rules ask of it worked out once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from models.facilities.codes import classes, classify
from resources.standards import standard

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]
Objects = NDArray[np.object_]
Rows = NDArray[np.int64]


class Table:
    """All objects of one role.

    Parameters
    ----------
    role : str
    parts : sequence of (layer id, DataFrame or GeoDataFrame, code edition)
        Index = oid; geometry in the project's projected CRS (metres).
    """

    def __init__(self, role: str, parts: Sequence[tuple[str, Any, str]]) -> None:
        self.role = role
        kept = [(layer, frame, edition) for layer, frame, edition in parts if len(frame)]
        self.layers: Objects = np.repeat(np.array([one[0] for one in kept], dtype=object), [len(o[1]) for o in kept])
        self.oids: Rows = np.concatenate([np.zeros(0, np.int64), *(o[1].index.to_numpy(np.int64) for o in kept)])
        self.editions: Objects = np.repeat(np.array([one[2] for one in kept], dtype=object), [len(o[1]) for o in kept])
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
        return values, np.isfinite(values)

    @property
    def has_shape(self) -> Mask:
        """Return which objects stand anywhere."""
        return self.once("has_shape", lambda: ~(shapely.is_missing(self.geometry) | shapely.is_empty(self.geometry)))  # type: ignore[no-any-return]

    @property
    def plan(self) -> Objects:
        """Return the shapes in plan; a line in several parts that meet is one line."""
        return self.once("plan", self._plan)  # type: ignore[no-any-return]

    def _plan(self) -> Objects:
        flat = shapely.force_2d(self.geometry)
        several = shapely.get_type_id(flat) == shapely.GeometryType.MULTILINESTRING
        if several.any():
            flat = flat.copy()
            flat[several] = shapely.line_merge(flat[several])
        return np.asarray(flat, dtype=object)

    @property
    def xy(self) -> Floats:
        """Return one point of each object: of a line its middle, of an area its centroid; NaN where it has no shape."""
        return self.once("xy", self._xy)  # type: ignore[no-any-return]

    def _xy(self) -> Floats:
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
        return self.once("points", lambda: _points(self.xy))  # type: ignore[no-any-return]

    @property
    def tree(self) -> shapely.STRtree:
        """Return an index of the shapes in plan."""
        return self.once("tree", lambda: shapely.STRtree(self.plan))  # type: ignore[no-any-return]

    @property
    def length_m(self) -> Floats:
        """Return plan lengths."""
        return self.once("length_m", lambda: np.where(self.has_shape, shapely.length(self.plan), 0.0))  # type: ignore[no-any-return]

    @property
    def classes(self) -> Objects:
        """Return the class of each component, ``""`` where its code says none that is known."""
        return self.once("classes", self._classes)  # type: ignore[no-any-return]

    def _classes(self) -> Objects:
        from models.facilities.register import CODE_FIELDS

        field = next((name for name in CODE_FIELDS if self.has(name)), None)
        return np.full(len(self), "", dtype=object) if field is None else classify(self.text(field)[0])

    @property
    def symbols(self) -> Objects:
        """Return the sign by which each component's class is drawn."""
        by_class = {code: one.symbol for code, one in classes().items()}
        return self.once("symbols", lambda: pd.Series(self.classes).map(by_class).fillna("").to_numpy(dtype=object))  # type: ignore[no-any-return]

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
        places = index.index.get_indexer(texts)
        return np.where(places < 0, -1, index.to_numpy()[places]).astype(np.int64)


class Tables:
    """Every role's table, made when it is first asked for."""

    def __init__(self, layers: Mapping[str, Sequence[tuple[str, Any, str]]]) -> None:
        self._layers = dict(layers)
        self._held: dict[str, Table] = {}

    def of(self, role: str) -> Table:
        """Return the table of a role; without rows where there is no layer of it."""
        if role not in self._held:
            self._held[role] = Table(role, self._layers.get(role, ()))
        return self._held[role]


def gravity_kinds() -> tuple[str, ...]:
    """Return the codes of pipes that drain by their slope (CJJ 61): rain, sewage, combined."""
    return tuple(row["code"] for row in standard("pipes_cjj61")["kind"] if row["gravity"])


def _geometry(frame: Any) -> Objects:
    if "geometry" not in frame.columns:
        return np.full(len(frame), None, dtype=object)
    return np.asarray(frame["geometry"].array, dtype=object)


def _points(xy: Floats) -> Objects:
    found = np.full(len(xy), None, dtype=object)
    there = np.isfinite(xy).all(axis=1)
    found[there] = shapely.points(xy[there])
    return found

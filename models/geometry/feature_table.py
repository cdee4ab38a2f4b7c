"""Features as columns: a million footprints that are objects only where somebody asks for them.

Attributes and geometry (as WKB) are Arrow columns, memory-mapped from the geometry cache; boxes, areas and the tree of
chunks stand beside them. A GeoDataFrame of all of it takes seconds and gigabytes: :attr:`Features.frame` makes it once
for who needs it, :meth:`Features.subset` makes it for some rows.
"""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.geometry import wkb
from models.geometry.quadtree import ChunkTree, build

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    import pyarrow as pa

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Tables of more rows stay columns; smaller ones are frames at once.
LARGE = 20_000

GEOMETRY = "geometry"
_TABLE, _ABOUT = "features.arrow", "features.json"


class Features:
    """Features of one layer as columns.

    Parameters
    ----------
    table : pyarrow.Table
        Attributes, and the geometry as WKB in the column ``"geometry"``, which is the last one. No geometry is missing
        or empty.
    fids : ndarray (n,) int64
        The features' own numbers, each once; -1 nowhere.
    crs : str
        Of the coordinates.
    scan : Scan or None
        Boxes, areas and kinds of the geometries, None to look now.
    tree : ChunkTree or None
        None to sort when first asked for.
    """

    def __init__(
        self, table: pa.Table, fids: Ints, crs: str, scan: wkb.Scan | None = None, tree: ChunkTree | None = None
    ) -> None:
        self.table, self.fids, self.crs = table, np.asarray(fids, dtype=np.int64), crs
        scan = wkb.scan_all(self.wkb) if scan is None else scan
        #: West, south, east, north of each feature, (n, 4).
        self.box: NDArray[Any] = scan.box
        #: Of polygons, in squared units of the CRS, (n,).
        self.area: NDArray[np.float32] = scan.area
        #: 1 point, 2 line, 3 polygon, +3 for several of them, (n,).
        self.kind: NDArray[np.uint8] = scan.kind
        self._tree = tree
        self._lock = threading.RLock()
        self._attributes: pd.DataFrame | None = None
        self._frame: gpd.GeoDataFrame | None = None
        self._sorted: tuple[Ints, Ints] | None = None
        self._ordered: NDArray[np.float32] | None = None
        self._batches: tuple[list[pa.RecordBatch], Ints] | None = None
        self._bounds: Floats | None = None
        #: Where things worked out from these features can be kept, None for features that are no entry of the cache.
        self.home: Path | None = None

    @classmethod
    def of_frame(cls, frame: gpd.GeoDataFrame, crs: str = "") -> Features:
        """Return the columns of a frame, for what was never read as columns; rows without geometry are left out."""
        import pyarrow as pa
        import shapely

        geometry = np.asarray(frame.geometry.array, dtype=object)
        usable = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
        frame, geometry = frame[usable], geometry[usable]
        plain: Any = frame.drop(columns=frame.geometry.name)
        array = pa.array(shapely.to_wkb(geometry, include_srid=False), pa.large_binary())
        made = cls.of_columns(plain, array, crs or (frame.crs.to_string() if frame.crs else ""))
        made._frame = frame
        return made

    @classmethod
    def of_columns(cls, plain: Any, geometry: Any, crs: str, scan: wkb.Scan | None = None) -> Features:
        """Return attributes as they are, index = ``fid``, with one geometry a row.

        Parameters
        ----------
        plain : DataFrame
        geometry : pyarrow.Array or pyarrow.ChunkedArray
            WKB; none is missing or empty.
        crs : str
        scan : Scan, optional
        """
        import pyarrow as pa

        arrays, names = [], []
        for name in plain.columns:
            try:
                arrays.append(pa.array(plain[name], from_pandas=True))
            except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
                arrays.append(pa.array([None if v is None else str(v) for v in plain[name]], pa.string()))
            names.append(str(name))
        table = pa.table([*arrays, geometry], names=[*names, GEOMETRY])
        made = cls(table, plain.index.to_numpy(dtype=np.int64), crs, scan)
        made._attributes = plain
        return made

    @property
    def count(self) -> int:
        """Return the number of features."""
        return len(self.fids)

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the attributes."""
        return tuple(name for name in self.table.column_names if name != GEOMETRY)

    @property
    def wkb(self) -> pa.ChunkedArray:
        """Return the geometries as WKB."""
        return self.table.column(GEOMETRY)

    def taken(self, rows: NDArray[Any], columns: list[str] | None = None) -> pa.Table:
        """Return some rows of the table, in this order.

        Arrow's own ``take`` first joins all batches of text or bytes into one: a hundred megabytes for ten rows.
        """
        import pyarrow as pa

        if self._batches is None:
            batches = self.table.to_batches()
            ends = np.cumsum([batch.num_rows for batch in batches], dtype=np.int64)
            self._batches = batches, ends
        batches, ends = self._batches
        rows = np.asarray(rows, dtype=np.int64)
        batch_of = np.searchsorted(ends, rows, side="right")
        order = np.argsort(batch_of, kind="stable")
        parts = []
        for group in np.split(order, np.flatnonzero(np.diff(batch_of[order])) + 1) if len(order) else ():
            batch = batches[int(batch_of[group[0]])]
            chosen = batch if columns is None else batch.select(columns)
            begin = int(ends[batch_of[group[0]]]) - batch.num_rows
            parts.append(chosen.take(pa.array(rows[group] - begin)))
        if not parts:
            return self.table.slice(0, 0) if columns is None else self.table.select(columns).slice(0, 0)
        back = np.empty(len(order), dtype=np.int64)
        back[order] = np.arange(len(order))
        return pa.Table.from_batches(parts).combine_chunks().take(pa.array(back))

    @property
    def ordered(self) -> NDArray[np.float32]:
        """Return the boxes in the order of the tree, (n, 4), from the south-western corner of its root."""
        with self._lock:
            if self._ordered is None:
                corner = np.tile(self.tree.cell[0, :2], 2) if self.count else np.zeros(4)
                self._ordered = (np.asarray(self.box)[self.tree.order] - corner).astype(np.float32)
            return self._ordered

    @property
    def tree(self) -> ChunkTree:
        """Return the tree of chunks over the middles of the boxes."""
        with self._lock:
            if self._tree is None:
                self._tree = build(
                    (self.box[:, 0].astype(np.float64) + self.box[:, 2]) / 2,
                    (self.box[:, 1].astype(np.float64) + self.box[:, 3]) / 2,
                )
            return self._tree

    @property
    def bounds(self) -> Floats:
        """Return west, south, east, north of everything."""
        if not self.count:
            return np.full(4, np.nan)
        if self._bounds is None:
            sides = [self.box[:, side] for side in range(4)]  # a column at a time is four times as fast
            self._bounds = np.array([sides[0].min(), sides[1].min(), sides[2].max(), sides[3].max()], np.float64)
        return self._bounds

    @property
    def attributes(self) -> pd.DataFrame:
        """Return the attributes as a frame, index = ``fid``; made once."""
        with self._lock:
            if self._attributes is None:
                self._attributes = self._plain(self.table, self.fids)
            return self._attributes

    @property
    def frame(self) -> gpd.GeoDataFrame:
        """Return everything as a GeoDataFrame; made once, at the price that the module speaks of."""
        with self._lock:
            if self._frame is None:
                self._frame = self._placed(self.attributes, self.wkb)
            return self._frame

    def subset(self, rows: NDArray[Any]) -> gpd.GeoDataFrame:
        """Return some rows as a GeoDataFrame, in this order, index = ``fid``."""
        if self._frame is not None:
            return self._frame.iloc[rows]
        if self._attributes is not None:
            return self._placed(self._attributes.iloc[rows], self.taken(rows, [GEOMETRY]).column(GEOMETRY))
        taken = self.taken(rows)
        return self._placed(self._plain(taken, self.fids[rows]), taken.column(GEOMETRY))

    def shapes(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Return the geometries of some rows."""
        import shapely

        made: NDArray[Any] = shapely.from_wkb(self.taken(rows, [GEOMETRY]).column(GEOMETRY).to_numpy())
        return made

    def column(self, name: str) -> pd.Series[Any]:
        """Return one attribute, index = ``fid`` (KeyError if there is none)."""
        if self._attributes is not None:
            return self._attributes[name]
        if name == GEOMETRY:
            raise KeyError(name)
        return self._plain(self.table.select([name]), self.fids)[name]

    def row_of(self, oids: Iterable[int] | NDArray[Any]) -> Ints:
        """Return the rows of features by their fid, -1 for what is not there."""
        wanted = np.asarray(oids if isinstance(oids, np.ndarray) else list(oids), dtype=np.int64)
        n = self.count
        if not n or not len(wanted):
            return np.full(len(wanted), -1, dtype=np.int64)
        if int(self.fids[-1]) - int(self.fids[0]) == n - 1 and bool((np.diff(self.fids) == 1).all()):  # the rule
            rows = wanted - self.fids[0]
            return np.where((rows >= 0) & (rows < n), rows, -1)
        if self._sorted is None:
            order = np.argsort(self.fids, kind="stable")
            self._sorted = order, self.fids[order]
        order, fids = self._sorted
        place = np.minimum(np.searchsorted(fids, wanted), n - 1)
        return np.where(fids[place] == wanted, order[place], -1)

    # -- kept ----------------------------------------------------------------------------------------------------

    def save(self, folder: Path) -> None:
        """Write the columns, and the tree over them, into a folder of the cache."""
        failed: list[BaseException] = []

        def write() -> None:
            import pyarrow as pa

            try:
                with pa.OSFile(str(folder / _TABLE), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
                    for batch in table.to_batches():
                        writer.write_batch(batch)
            except BaseException as error:  # told on the thread that asked
                failed.append(error)

        table = self.table
        writing = threading.Thread(target=write)
        writing.start()
        try:
            self.tree.save(folder)
            np.save(folder / "ordered.npy", self.ordered, allow_pickle=False)
            for name, array in (("box", self.box), ("area", self.area), ("kind", self.kind)):
                np.save(folder / f"{name}.npy", array, allow_pickle=False)
            first = int(self.fids[0]) if self.count else 0
            is_run = bool((self.fids == np.arange(first, first + self.count)).all())
            if not is_run:
                np.save(folder / "fids.npy", self.fids, allow_pickle=False)
            about = {"count": self.count, "first_fid": first, "is_run": is_run, "bounds": self.bounds.tolist()}
            (folder / _ABOUT).write_text(json.dumps(about), encoding="utf-8")
        finally:
            writing.join()
        if failed:
            raise failed[0]

    @classmethod
    def load(cls, folder: Path, crs: str, *, mapped: bool = True) -> Features:
        """Map what :meth:`save` wrote; nothing is read before it is looked at."""
        import pyarrow as pa

        about = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        if mapped:
            table = pa.ipc.open_file(pa.memory_map(str(folder / _TABLE))).read_all()
        else:
            with pa.OSFile(str(folder / _TABLE)) as source:
                table = pa.ipc.open_file(source).read_all()
        mode: Any = "r" if mapped else None
        arrays = {
            name: np.load(folder / f"{name}.npy", mmap_mode=mode, allow_pickle=False)
            for name in ("box", "area", "kind")
        }
        n = int(about["count"])
        first = int(about["first_fid"])
        fids = np.arange(first, first + n) if about["is_run"] else np.load(folder / "fids.npy", allow_pickle=False)
        if not (table.num_rows == n == len(fids) == len(arrays["box"])):
            raise ValueError("columns of different lengths")
        none = np.zeros(0, dtype=bool)
        scan = wkb.Scan(arrays["box"], arrays["area"], arrays["kind"], none, none, none, none, none)
        made = cls(table, fids, crs, scan, ChunkTree.load(folder, mapped=mapped))
        made._ordered = np.load(folder / "ordered.npy", mmap_mode=mode, allow_pickle=False)
        if n and len(about.get("bounds", ())) == 4:
            made._bounds = np.array(about["bounds"], dtype=np.float64)
        return made

    # -- frames --------------------------------------------------------------------------------------------------

    @staticmethod
    def _plain(table: pa.Table, fids: Ints) -> pd.DataFrame:
        import pandas as pd

        nullable: dict[Any, Any] = _nullable()
        columns = {
            name: table.column(name).to_pandas(
                date_as_object=False, types_mapper=nullable.get if table.column(name).null_count else None
            )
            for name in table.column_names if name != GEOMETRY
        }  # fmt: skip
        index = pd.Index(fids, dtype="int64", name="fid")
        return pd.DataFrame({name: column.set_axis(index) for name, column in columns.items()}, index=index)

    def _placed(self, attributes: pd.DataFrame, column: pa.ChunkedArray) -> gpd.GeoDataFrame:
        import geopandas as gpd
        import shapely

        made = shapely.from_wkb(column.to_numpy())
        geometry = gpd.array.GeometryArray(made, crs=self.crs or None)
        placed: gpd.GeoDataFrame = gpd.GeoDataFrame(attributes, geometry=geometry, copy=False)
        return placed


@functools.cache
def _nullable() -> dict[Any, Any]:
    """Return what whole numbers and truth values with gaps become in pandas; without gaps they are NumPy's own."""
    import pandas as pd
    import pyarrow as pa

    whole = {
        pa.int64(): pd.Int64Dtype(), pa.int32(): pd.Int32Dtype(), pa.int16(): pd.Int16Dtype(),
        pa.int8(): pd.Int8Dtype(), pa.uint64(): pd.UInt64Dtype(), pa.uint32(): pd.UInt32Dtype(),
        pa.uint16(): pd.UInt16Dtype(), pa.uint8(): pd.UInt8Dtype(),
    }  # fmt: skip
    return {**whole, pa.bool_(): pd.BooleanDtype()}

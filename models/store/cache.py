"""The geometry cache: what readers made of files, kept so that re-opening touches no reader.

Invariants
----------
1. An entry is a folder that appears under its final name in one rename; a half-written one is never seen.
2. The key holds everything that could change the result: content, name, reader version, request. Old entries are
   never wrong, only unused.
3. The cache is a convenience: when it cannot be read or written, files still open.
4. An entry is under seal (:mod:`models.core.seals`): one that was changed, cut or put under another key is made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import shutil
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from models.core.errors import Caution
from models.core.plain_values import is_missing
from models.core.seals import holds, seal_of
from models.geometry.meshes import MeshStore
from models.io.ifc.property_sets import PsetStore
from models.io.registry import companions, dependent_files, whole_bytes_of
from models.io.request import Opened
from models.layers.layer import (
    CloudData,
    Layer,
    LayerData,
    ModelData,
    RasterData,
    Source,
    VectorData,
    new_layer_id,
    style_from,
)

log = logging.getLogger(__name__)

FORMAT = 5
_PART_BYTES = 16 * 1024 * 1024
_STALE_S = 24 * 3600
LIST, KEY = "entry.json", "key"
_CLOUD = ("points", "offset", "colours", "classes", "intensity")


class GeometryCache:
    """A bounded folder of entries, safe to share between processes.

    Parameters
    ----------
    root : Path
        Made when first written to.
    limit_bytes : int
        After each new entry the least recently used ones go until the rest fits.
    """

    def __init__(self, root: Path, limit_bytes: int = 8 * 1024**3) -> None:
        self.root = Path(root)
        self.limit_bytes = limit_bytes

    def key_of(self, path: Path, reader: str, version: int, settings: Mapping[str, Any]) -> str:
        """Return the key of a file as one reader reads it with some settings.

        Notes
        -----
        Up to 32 MB (256 MB of a building model, which takes minutes to read) the whole content counts. Beyond, its
        first and last 16 MB, size and time of change stand for it: to look at all of a table would take as long as
        to read it. Of the pictures and tiles that a city model may name, size and time of change count.
        """
        whole = whole_bytes_of(reader)
        digest = hashlib.blake2b(digest_size=20)
        for part in (*(() if path.is_dir() else (path,)), *companions(path)):
            digest.update(part.name.encode("utf-8", "surrogateescape") + b"\0")
            _hash_file(part, digest, whole)
        for other in dependent_files(path, reader):
            digest.update(repr(other).encode("utf-8", "surrogateescape"))
        identity = {"format": FORMAT, "reader": reader, "version": version, "settings": dict(settings)}
        digest.update(json.dumps(identity, sort_keys=True, default=str).encode())
        return digest.hexdigest()

    def folder_of(self, key: str) -> Path:
        """Return where an entry lies or would lie."""
        return self.root / key[:2] / key

    def load(self, key: str) -> list[Opened] | None:
        """Map an entry, None if there is none or it is damaged (which removes it)."""
        folder = self.folder_of(key)
        if not (folder / LIST).exists():
            return None
        try:
            if (folder / KEY).read_text(encoding="ascii") != key:
                raise ValueError("the entry of another key")
            opened = read_entry(folder, home=folder, sealed=True)
        except Exception as error:  # whatever is wrong with an entry, reading the file again is right
            log.warning("cache entry %s is damaged and will be made again: %s", key, error)
            self.remove(key)
            return None
        with contextlib.suppress(OSError):
            os.utime(folder / LIST)
        return opened

    def reserve(self) -> Path:
        """Make and return an empty folder beside the entries (OSError when the cache cannot be written)."""
        folder = self.root / "tmp" / uuid.uuid4().hex
        folder.mkdir(parents=True)
        return folder

    def commit(self, folder: Path, key: str) -> None:
        """Give a written folder its final name; if another process was faster, its entry stays.

        Raises
        ------
        OSError
            The cache cannot be written; the folder is as it was.
        """
        final = self.folder_of(key)
        final.parent.mkdir(parents=True, exist_ok=True)
        if final.exists() and not (final / LIST).exists():  # what somebody half deleted
            self.remove(key)
        (folder / KEY).write_text(key, encoding="ascii")
        try:
            folder.rename(final)
        except OSError:
            if not (final / LIST).exists():
                raise
            shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):  # the whole cache may be taken away while we look through it
            self.trim(keep=key)

    @contextmanager
    def writer(self, key: str) -> Iterator[Path]:
        """Give a folder to write into; it becomes the entry when the block ends well, and nothing otherwise."""
        folder = self.reserve()
        try:
            yield folder
            self.commit(folder, key)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def remove(self, key: str) -> None:
        """Take one entry out whole, in one rename; arrays that are mapped stay readable where the system allows it."""
        doomed = self.root / "tmp" / f"out-{uuid.uuid4().hex}"
        with contextlib.suppress(OSError):  # somebody was faster, or (Windows) somebody has it mapped: then it stays
            doomed.parent.mkdir(parents=True, exist_ok=True)
            self.folder_of(key).rename(doomed)
        shutil.rmtree(doomed, ignore_errors=True)

    def clear(self) -> None:
        """Take everything out."""
        shutil.rmtree(self.root, ignore_errors=True)

    def entries(self) -> list[tuple[float, int, str]]:
        """Return (last use, bytes, key) of all entries, oldest first."""
        found = []
        for listing in self.root.glob(f"??/*/{LIST}"):
            with contextlib.suppress(OSError):
                size = sum(file.stat().st_size for file in listing.parent.rglob("*") if file.is_file())
                found.append((listing.stat().st_mtime, size, listing.parent.name))
        return sorted(found)

    @property
    def size_bytes(self) -> int:
        """Return how much all entries take."""
        return sum(size for _, size, _ in self.entries())

    def trim(self, keep: str = "") -> None:
        """Remove least recently used entries down to the limit, and what crashed writers left behind."""
        entries = self.entries()
        total = sum(size for _, size, _ in entries)
        for _, size, key in entries:
            if total <= self.limit_bytes:
                break
            if key != keep:
                self.remove(key)
                total -= size
        with contextlib.suppress(OSError):
            for left in (self.root / "tmp").iterdir():
                if time.time() - left.stat().st_mtime > _STALE_S:
                    shutil.rmtree(left, ignore_errors=True)


def write_entry(folder: Path, opened: list[Opened]) -> None:
    """Write layers into an empty folder; ``entry.json`` comes last and makes it one."""
    rows = []
    for number, one in enumerate(opened):
        part = folder / str(number)
        part.mkdir()
        rows.append({"layer": asdict(one.layer), **_write_data(part, one.data)})
    write_listing(folder, {"format": FORMAT, "layers": rows, "seal": seal_of(folder, without=(LIST, KEY))})


def add_cautions(folder: Path, cautions: list[Caution]) -> None:
    """Add to what is said of the first layer of a written entry."""
    listing = read_listing(folder)
    listing["layers"][0]["cautions"] += [caution.as_dict() for caution in cautions]
    write_listing(folder, listing)


def write_listing(folder: Path, listing: Mapping[str, Any]) -> None:
    """Write what is said of an entry, which makes it one, with its digest before it."""
    text = json.dumps(listing, ensure_ascii=False, default=_json_default)
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    (folder / LIST).write_text(f"{digest}\n{text}", encoding="utf-8")


def read_listing(folder: Path) -> dict[str, Any]:
    """Return what is said of an entry.

    Raises
    ------
    ValueError, OSError
        It is none, or was changed.
    """
    digest, _, text = (folder / LIST).read_text(encoding="utf-8").partition("\n")
    if digest != hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest():
        raise ValueError("the list is another")
    listing: dict[str, Any] = json.loads(text)
    return listing


def read_entry(folder: Path, *, mapped: bool = True, home: Path | None = None, sealed: bool = False) -> list[Opened]:
    """Return the layers of an entry, each under a fresh id.

    Parameters
    ----------
    folder : Path
    mapped : bool
        Map the arrays; False reads them into memory, for folders that go away.
    home : Path, optional
        Where the entry will lie for good, if it does: what is worked out from its tables may be kept there.
    sealed : bool
        Refuse an entry that is not what was written; one that was written this moment need not be asked.

    Raises
    ------
    ValueError, OSError …
        Whatever is wrong with it.
    """
    listing = read_listing(folder)
    if listing["format"] != FORMAT:
        raise ValueError("another format")
    if sealed and not holds(folder, listing["seal"]):
        raise ValueError("a file of it was changed")
    opened = []
    for number, row in enumerate(listing["layers"]):
        layer = dict(row["layer"])
        source, style = Source(**layer.pop("source")), style_from(layer.pop("style"))
        one = Layer(**layer, source=source, style=style)
        one = replace(one, id=new_layer_id(one.name))
        opened.append(Opened(one, _read_data(folder / str(number), row, mapped)))
        features = getattr(opened[-1].data, "features", None)
        if features is not None and home is not None:
            features.home = home / str(number)
    return opened


def _write_data(folder: Path, data: LayerData) -> dict[str, Any]:
    row: dict[str, Any] = {"cautions": [caution.as_dict() for caution in data.cautions]}
    if isinstance(data, VectorData) and data.features is not None:
        row["type"] = "features"
        data.features.save(folder)
    elif isinstance(data, VectorData):
        frame = _storable(data.frame)
        row["type"] = "vector" if hasattr(frame, "total_bounds") else "table"
        frame.to_feather(folder / "frame.feather", compression="uncompressed")
    elif isinstance(data, RasterData):
        np.save(folder / "values.npy", data.values, allow_pickle=False)
        row |= {"type": "raster", "transform": list(data.transform), "crs": data.crs, "info": dict(data.info)}
    elif isinstance(data, CloudData):
        for name in _CLOUD:
            if getattr(data, name) is not None:
                np.save(folder / f"{name}.npy", getattr(data, name), allow_pickle=False)
        row |= {"type": "cloud", "crs": data.crs, "info": dict(data.info)}
    else:
        data.meshes.save(folder)
        PsetStore.of(data.psets, len(data.elements)).save(folder)
        data.elements.to_feather(folder / "elements.feather", compression="uncompressed")
        row |= {"type": "model", "placement": data.placement.tolist(), "crs": data.crs, "info": dict(data.info)}
    return row


def _read_data(folder: Path, row: Mapping[str, Any], mapped: bool) -> LayerData:
    cautions = [Caution.from_dict(caution) for caution in row["cautions"]]
    if row["type"] == "features":
        from models.geometry.feature_table import Features

        return VectorData(None, cautions, Features.load(folder, row["layer"]["source"]["crs"], mapped=mapped))
    if row["type"] in ("vector", "table"):
        crs = row["layer"]["source"]["crs"]
        return VectorData(_read_frame(folder / "frame.feather", row["type"] == "vector", crs), cautions)
    mode: Any = "r" if mapped else None
    if row["type"] == "raster":
        values = np.load(folder / "values.npy", mmap_mode=mode, allow_pickle=False)
        a, b, c, d, e, f = row["transform"]
        return RasterData(values, (a, b, c, d, e, f), row["crs"], cautions, row.get("info", {}))
    if row["type"] == "cloud":
        found = {name: folder / f"{name}.npy" for name in _CLOUD if (folder / f"{name}.npy").exists()}
        arrays = {name: np.load(path, mmap_mode=mode, allow_pickle=False) for name, path in found.items()}
        return CloudData(**arrays, crs=row["crs"], info=row["info"], cautions=cautions)
    meshes = MeshStore.load(folder, mapped=mapped)
    elements = _read_frame(folder / "elements.feather", False, "")
    placement = np.asarray(row["placement"], dtype=np.float64)
    psets = PsetStore.load(folder, mapped=mapped)
    return ModelData(meshes, elements, psets, placement, row["crs"], row["info"], cautions)


def _read_frame(path: Path, has_geometry: bool, crs: str) -> Any:
    if not has_geometry:
        import pandas as pd

        return pd.read_feather(path)
    import geopandas as gpd

    frame = gpd.read_feather(path)
    # The same CRS in the same words as the layer's, not as PROJJSON tells it again.
    return frame.set_crs(crs, allow_override=True) if crs else frame


def _storable(frame: Any) -> Any:
    """Return the frame with columns of mixed things (lists, numbers beside text) as text, which Arrow can hold."""
    import pyarrow as pa

    geometry = frame.geometry.name if hasattr(frame, "total_bounds") else None
    changed = {}
    for column in frame.columns:
        if column == geometry or frame[column].dtype != object:
            continue
        try:
            pa.array(frame[column], from_pandas=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
            changed[column] = [
                None if is_missing(value) else value if isinstance(value, str) else json.dumps(value, default=str)
                for value in frame[column]
            ]
    frame = frame.assign(**changed) if changed else frame
    names = [str(column) for column in frame.columns]
    return frame if names == list(frame.columns) else frame.set_axis(names, axis="columns")


def _hash_file(path: Path, digest: Any, whole: int) -> None:
    status = path.stat()
    with path.open("rb") as file:
        if status.st_size <= whole:
            while block := file.read(1 << 22):
                digest.update(block)
        else:
            digest.update(file.read(_PART_BYTES))
            file.seek(-_PART_BYTES, os.SEEK_END)
            digest.update(file.read(_PART_BYTES))
            digest.update(f"{status.st_size}:{status.st_mtime_ns}".encode())


def _json_default(value: Any) -> Any:
    """Turn what JSON does not know into what it does (NumPy numbers, mappings)."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)

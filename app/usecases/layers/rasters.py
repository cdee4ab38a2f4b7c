"""Set the display of rasters, read their value at a place, and build missing overviews."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.background.jobs import Job
from models.core.errors import UserError
from models.core.progress import Progress
from models.crs.frame import transformer
from models.layers.layer import Layer, RasterData
from models.roles import RASTER_KINDS, raster_kind_named
from models.terrain.raster_display import OPTION, Display

if TYPE_CHECKING:
    from app.session import Session


@dataclass(frozen=True, slots=True)
class Reading:
    """What a raster says at one place.

    Parameters
    ----------
    layer : Layer
    value : float or None
        None where it has no data.
    unit : str
    """

    layer: Layer
    value: float | None
    unit: str


def is_raster(layer: Layer) -> bool:
    """Whether a layer is a raster from a file, whose display can be set."""
    return layer.kind in RASTER_KINDS and layer.source.reader == "raster"


def set_display(session: Session, layer_id: str, display: Display, role: str = "") -> None:
    """Show a raster another way, in one undoable step; the file is read again where its values change by that.

    Raises
    ------
    UserError
        ``raster.not_a_raster``; ``io.bad_option`` for an unknown role.
    """
    layer = session.project.state.layer(layer_id)
    if not is_raster(layer):
        raise UserError("raster.not_a_raster", layer=layer.title(session.lang))
    kind = raster_kind_named(role or layer.kind)
    if kind is None:
        raise UserError("io.bad_option", option="role", value=role)
    options = {name: text for name, text in layer.source.options.items() if name not in (OPTION, "role")}
    if text := display.as_text():
        options[OPTION] = text
    options["role"] = kind
    changed = replace(layer, kind=kind, role=kind, source=replace(layer.source, options=options))
    if changed != layer:
        session.history.do("history.raster_display", lambda state: state.with_layer(changed))
    refresh(session)


def refresh(session: Session) -> list[Job]:
    """Read again what was read for another role, unit or value of no data than its layer has now (also after undo)."""
    from app.usecases.project.opening import load_source

    jobs = []
    for layer in session.project.state.layers:
        data = session.project.data.get(layer.id)
        if is_raster(layer) and isinstance(data, RasterData) and data.info and not _fits(layer, data):
            jobs.append(load_source(session, layer))
    return jobs


def _fits(layer: Layer, data: RasterData) -> bool:
    display = Display.of(layer.source.options)
    band = (display.bands or (1,))[0] if layer.kind == "surface" else 0
    known = data.info
    return (
        known.get("role") == layer.kind and tuple(known.get("read_as", display.as_read)) == display.as_read
        and (layer.kind != "surface" or known.get("band", 1) == band)
    )  # fmt: skip


def readings(session: Session, easting_m: float, northing_m: float) -> list[Reading]:
    """Return what the visible surfaces say at a place, the topmost first."""
    state = session.project.state
    if state.frame is None:
        return []
    found = []
    for layer in reversed(state.layers):
        data = session.project.data.get(layer.id)
        if layer.kind == "surface" and layer.visible and isinstance(data, RasterData) and data.values.ndim == 2:
            inside, value = value_at(data, state.frame.horizontal, easting_m, northing_m)
            if inside:
                display = Display.of(layer.source.options)
                found.append(Reading(layer, value, display.unit or str(data.info.get("unit", ""))))
    return found


def value_at(data: RasterData, crs: str, easting_m: float, northing_m: float) -> tuple[bool, float | None]:
    """Return whether a raster reaches a place, and the value of the cell there (None: no data)."""
    x, y = transformer(crs, data.crs).transform(easting_m, northing_m) if data.crs != crs else (easting_m, northing_m)
    a, b, c, d, e, f = data.transform
    determinant = a * e - b * d
    column = np.floor((e * (x - c) - b * (y - f)) / determinant)
    row = np.floor((-d * (x - c) + a * (y - f)) / determinant)
    rows, columns = data.values.shape[:2]
    if not (0 <= column < columns and 0 <= row < rows):
        return False, None
    value = float(data.values[int(row), int(column)])
    return True, value if np.isfinite(value) else None


def needs_overviews(layer: Layer, data: object) -> bool:
    """Whether a raster is so large, and without overviews, that only some of its blocks were looked at."""
    return is_raster(layer) and isinstance(data, RasterData) and bool(data.info.get("sampled")) and (
        not data.info.get("reduced")
    )  # fmt: skip


def kept_overviews(session: Session, layer: Layer) -> str:
    """Return the path of the overviews made for a layer's file before, empty if there are none."""
    from models.io.raster.overviews import kept_at

    try:
        path = kept_at(Path(session.cache_root), Path(layer.source.path), layer.source.sublayer)
    except OSError:
        return ""
    return str(path) if path.exists() else ""


def attach_overviews(session: Session, layer_id: str) -> bool:
    """Let a layer use the overviews that were made for its file before; whether there are any."""
    layer = session.project.state.layer(layer_id)
    data = session.project.data.get(layer_id)
    if not isinstance(data, RasterData) or not needs_overviews(layer, data):
        return False
    kept = kept_overviews(session, layer)
    if not kept:
        return False
    session.project.put_data(layer_id, with_overviews(layer, data, kept))
    return True


def with_overviews(layer: Layer, data: RasterData, kept: str) -> RasterData:
    """Return a raster's data whose overview and statistics come from overviews in the cache."""
    from models.io.raster.reader import read
    from models.io.request import ReadRequest

    request = ReadRequest(crs=data.crs, options={**layer.source.options, "role": layer.kind})
    small = read(Path(kept), request, Progress())[0].data
    assert isinstance(small, RasterData)  # noqa: S101 - the reader reads rasters
    info = {
        **data.info, "reduced": kept, "stats": small.info["stats"], "sampled": False,
        "display": small.info.get("display", ""),
    }  # fmt: skip
    return replace(data, values=small.values, transform=small.transform, info=info)


def build_overviews(session: Session, layer_id: str) -> Job:
    """Make overviews of a large raster in the cache; its file is not touched.

    Raises
    ------
    UserError
        ``raster.not_a_raster``.
    """
    layer = session.project.state.layer(layer_id)
    if not is_raster(layer):
        raise UserError("raster.not_a_raster", layer=layer.title(session.lang))
    path, root = Path(layer.source.path), Path(session.cache_root)
    data = session.project.data_of(layer_id)

    def work(progress: Progress) -> RasterData:
        from models.io.raster.overviews import build, kept_at

        out = kept_at(root, path, layer.source.sublayer)
        if not out.exists():
            build(path, out, progress, layer.source.sublayer)
        assert isinstance(data, RasterData)  # noqa: S101 - is_raster said so
        return with_overviews(layer, data, os.fspath(out))

    def done(finer: RasterData) -> None:
        if any(one.id == layer_id for one in session.project.state.layers):
            session.project.put_data(layer_id, finer)
            session.notices.info("notice.raster.overviews", layer=layer.title(session.lang))

    return session.run("job.overviews", work, done, layer=layer.title(session.lang))

"""Ponding on the streets of a project after a run of its drains."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.background.jobs import Job
from models.core.errors import UserError
from models.core.progress import Progress
from models.crs.frame import parse_crs, transformer
from models.layers.layer import RasterData, VectorData
from models.network.hydraulics.document import read_document
from models.network.hydraulics.files import MODEL
from models.network.hydraulics.ponding import StreetPonding, closed_roads, depth_classes, street_ponding
from models.network.hydraulics.results import Results
from models.network.hydraulics.tables import tables_of
from models.terrain.ground import ground_under

if TYPE_CHECKING:
    from app.session import Session


def pond(session: Session, results: Results, out: Path) -> Job:
    """Lay what a run lost onto the terrain and write it as a GeoPackage: areas by moment and class, roads in water.

    Parameters
    ----------
    session : Session
        Its terrain and roads; nodes stand where the model of the run places them, in the project's CRS.
    results : Results
        Of SWMM, with the copy of the model beside it.
    out : Path
        A ``.gpkg``.

    Raises
    ------
    UserError
        ``ponding.no_terrain``, ``ponding.not_swmm``, ``network.no_results``; ``crs.degrees`` where the terrain is in
        degrees.
    """
    state = session.project.state
    if results.dialect != "swmm":
        raise UserError("ponding.not_swmm", file=results.folder.name)
    if state.frame is None:
        raise UserError("ponding.no_terrain")
    terrains = ground_under(state.layers, session.project.data, state.frame).terrains
    if not terrains:
        raise UserError("ponding.no_terrain")
    terrain, crs = terrains[0], state.frame.horizontal
    if parse_crs(terrain.crs or crs).is_geographic:
        raise UserError("crs.degrees", operation="ponding", crs=terrain.crs or crs)
    roads = _roads(session)
    synthetic = any(layer.synthetic for layer in state.layers if layer.kind in ("terrain", "vector"))

    def work(progress: Progress) -> StreetPonding:
        progress.step(0.0, "progress.network.ponding")
        found = street_ponding(
            results, _places(results.folder, terrain, crs), terrain,
            lambda done: progress.step(0.9 * done, "progress.network.ponding"),
        )  # fmt: skip
        _write(out, results, found, roads, synthetic, progress)
        return found

    return session.run("job.pond", work, file=out.name)


def facts_of(results: Results, found: StreetPonding) -> dict[str, Any]:
    """Return what ponding came to, as JSON holds it."""
    areas = found.areas
    by_class = {
        one.id: float(areas.loc[areas["class"] == one.id].groupby("step")["area_m2"].sum().max() or 0.0)
        if (areas["class"] == one.id).any() else 0.0
        for one in depth_classes()
    }  # fmt: skip
    return {
        "flooded_m3": found.flooded_m3, "left_m3": found.left_m3, "outside": list(found.outside),
        "deepest_m": float(found.deepest_m.max()) if found.deepest_m.size else 0.0, "largest_area_m2": by_class,
        "moments": [results.clock(int(step)) for step in sorted(areas["step"].unique())],
    }  # fmt: skip


def _places(folder: Path, terrain: RasterData, crs: str) -> Any:
    nodes = tables_of(read_document(folder / MODEL)).nodes

    def places(names: list[str]) -> NDArray[np.float64]:
        found = np.full((len(names), 2), np.nan)
        if "geometry" not in nodes:
            return found
        rows = {str(code): at for at, code in enumerate(nodes["code"])}
        points = nodes.geometry.to_numpy()
        for at, name in enumerate(names):
            point = points[rows[name]] if name in rows else None
            if point is not None and not point.is_empty:
                found[at] = point.x, point.y
        if terrain.crs and terrain.crs != crs:
            found = np.stack(transformer(crs, terrain.crs).transform(found[:, 0], found[:, 1]), axis=-1)
        return found

    return places


def _roads(session: Session) -> Any:
    for layer in session.project.state.layers:
        data = session.project.data.get(layer.id)
        if layer.role == "roads" and isinstance(data, VectorData):
            return data.frame
    return None


def _write(
    out: Path, results: Results, found: StreetPonding, roads: Any, synthetic: bool, progress: Progress
) -> None:  # fmt: skip
    from models.io.vector.write_features import write_layers

    tables = {}
    if len(found.areas):
        tables["ponding"] = _dated(found.areas, results)
        if roads is not None:
            cut = closed_roads(roads.to_crs(found.areas.crs) if found.areas.crs else roads, found)
            if len(cut):
                tables["roads_in_water"] = _dated(cut, results)
    if tables:
        write_layers(out, tables, synthetic=synthetic, progress=progress)


def _dated(table: Any, results: Results) -> Any:
    """Return a table with dates beside its seconds, where the run knows a date."""
    if results.start is None:
        return table
    start = results.start
    return table.assign(**{
        f"{name}_time": [(start + timedelta(seconds=float(one))).isoformat() for one in table[f"{name}_s"]]
        for name in ("from", "to")
    })  # fmt: skip

"""Hand out what is selected, what a filter leaves, or a whole layer as files of other programs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.background.jobs import Job
from app.notices import notice_of_caution
from models.core.errors import Caution, UserError
from models.core.progress import Progress
from models.crs.frame import parse_crs
from models.layers.layer import Layer, LayerData, ModelData, VectorData

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from app.session import Session

#: Formats of tables and of shapes in space, by ending, in the order in which they are offered.
FLAT = (".gpkg", ".geojson", ".shp", ".fgb", ".csv", ".xlsx")
SOLID = (".city.json", ".glb", ".tileset.json")


def formats_of(layer: Layer, data: LayerData | None) -> tuple[str, ...]:
    """Return the endings in which a layer can be handed out."""
    if isinstance(data, ModelData):
        return (*SOLID, ".csv", ".xlsx")
    if not isinstance(data, VectorData):
        return ()
    if layer.kind == "table":
        return (".csv", ".xlsx", ".gpkg")
    return (*FLAT, *SOLID) if layer.role == "buildings" else FLAT


def export(
    session: Session, layer_id: str, out: Path, oids: Iterable[int] | None = None, crs: str = ""
) -> Job:  # fmt: skip
    """Write objects of a layer to a file, whole or not at all.

    Parameters
    ----------
    session : Session
    layer_id : str
    out : Path
        Its ending says the format: one of :data:`FLAT` or :data:`SOLID`.
    oids : iterable of int, optional
        The objects; None for all that the layer's filter leaves.
    crs : str
        CRS in which coordinates are written; the project's where empty.

    Raises
    ------
    UserError
        ``export.unknown_format``, ``export.nothing``, ``project.no_layer``, ``project.no_data``, ``crs.unknown``.
    """
    out = Path(out).resolve()
    layer, data = session.project.state.layer(layer_id), session.project.data_of(layer_id)
    ending = next((one for one in (*SOLID, *FLAT) if out.name.lower().endswith(one)), "")
    if ending not in formats_of(layer, data):
        raise UserError("export.unknown_format", file=out.name, suffix=out.suffix)
    frame = session.project.state.frame
    target = crs or (frame.horizontal if frame is not None else "")
    if target:
        parse_crs(target)
    chosen = None if oids is None else np.fromiter(oids, dtype=np.int64)
    if chosen is not None and not len(chosen):
        raise UserError("export.nothing", file=out.name)
    title = layer.title(session.lang)

    def work(progress: Progress) -> list[Caution]:
        progress.step(0.0, "progress.writing")
        if ending in SOLID:
            return _solid(session, layer, data, chosen, target, out, ending, progress)
        return _flat(layer, data, chosen, target, out, progress, title)

    def done(cautions: list[Caution]) -> None:
        for caution in cautions:
            session.notices.add(notice_of_caution(caution))
        session.notices.info("notice.written", file=out.name)

    return session.run("job.export", work, done, file=out.name)


def _rows(layer: Layer, data: VectorData, chosen: NDArray[np.int64] | None) -> VectorData:
    """Return the features to write: those chosen, of those that the filter leaves."""
    from models.query.filtering import filtered, part_of

    left = filtered(layer, data)
    if not isinstance(left, VectorData) or chosen is None:
        return left if isinstance(left, VectorData) else data
    return part_of(left, np.isin(np.asarray(left.attributes.index), chosen))


def _flat(
    layer: Layer, data: LayerData, chosen: NDArray[np.int64] | None, crs: str, out: Path, progress: Progress, title: str
) -> list[Caution]:
    from models.io.vector.write_features import write_features

    if isinstance(data, ModelData):
        table: Any = data.elements if chosen is None else data.elements.loc[chosen]
    else:
        assert isinstance(data, VectorData)  # noqa: S101 - formats_of looked
        table = _rows(layer, data, chosen).frame
        if crs and getattr(table, "crs", None) is not None:
            table = table.to_crs(crs)
    return write_features(out, table, layer.name, progress, synthetic=layer.synthetic, title=title)


def _solid(
    session: Session, layer: Layer, data: LayerData, chosen: NDArray[np.int64] | None, crs: str, out: Path,
    ending: str, progress: Progress,
) -> list[Caution]:  # fmt: skip
    from app.usecases.crs.placement import ground_of
    from models.geometry import solids as bodies
    from models.io.city.write_cityjson import write_cityjson
    from models.io.mesh.write_gltf import write_glb, write_tileset
    from viewers.render.layers.makers import material_colours

    frame = session.project.state.frame
    if frame is None:
        raise UserError("export.nothing", file=out.name)
    if isinstance(data, ModelData):
        oids = np.asarray(data.elements.index) if chosen is None else chosen
        made = bodies.of_elements(layer, data, oids, crs)
    else:
        assert isinstance(data, VectorData)  # noqa: S101 - formats_of looked
        part = _rows(layer, data, chosen)
        colour = layer.style.colour or material_colours()["wall.residential.b"]
        oids = np.asarray(part.attributes.index)
        made = bodies.of_footprints(layer, part, oids, frame.horizontal, ground_of(session), colour)
        made = bodies.in_crs(made, crs)
    if ending == ".city.json":
        write_cityjson(out, made, layer.title(session.lang), progress, synthetic=layer.synthetic)
        return []
    if ending == ".glb":
        write_glb(out, made, progress, synthetic=layer.synthetic)
        return []
    return write_tileset(out, made, progress, synthetic=layer.synthetic)

"""Export what is selected, what a filter leaves, or a whole layer as files of other programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.background.jobs import Job
from app.notices import notice_of_caution
from models.core.errors import Caution, UserError
from models.core.progress import Progress
from models.crs.frame import parse_crs
from models.io.format import Writer, WriteRequest, function_of
from models.io.registry import writer_of, writers_for
from models.layers.layer import Layer, LayerData, ModelData, VectorData

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from app.session import Session
    from models.geometry.solids import Bodies


def formats_of(layer: Layer, data: LayerData | None) -> tuple[str, ...]:
    """Return the endings in which a layer can be exported, the usual one first."""
    return tuple(row.suffix for row in writers_for(_content_of(layer, data)))


def _content_of(layer: Layer, data: LayerData | None) -> str:
    """Return what a layer holds, as :attr:`models.io.format.Writer.offered` names it."""
    if isinstance(data, ModelData):
        return "model"
    if not isinstance(data, VectorData):
        return ""
    return "footprints" if layer.role == "buildings" and layer.kind != "table" else layer.kind


def export(
    session: Session, layer_id: str, out: Path, oids: Iterable[int] | None = None, crs: str = ""
) -> Job:  # fmt: skip
    """Write objects of a layer to a file, whole or not at all.

    Parameters
    ----------
    session : Session
    layer_id : str
    out : Path
        Its ending names the format: one of :func:`formats_of`.
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
    writer = writer_of(out.name)
    if writer is None or writer.suffix not in formats_of(layer, data):
        raise UserError("export.unknown_format", file=out.name, suffix=out.suffix)
    frame = session.project.state.frame
    target = crs or (frame.horizontal if frame is not None else "")
    if target:
        parse_crs(target)
    chosen = None if oids is None else np.fromiter(oids, dtype=np.int64)
    if chosen is not None and not len(chosen):
        raise UserError("export.nothing", file=out.name)
    request = WriteRequest(layer.name, layer.title(session.lang), layer.synthetic)

    def content() -> Any:
        if writer.content == "solids":
            return _solids(session, layer, data, chosen, target, out)
        return _features(layer, data, chosen, target)

    return write(session, out, writer, content, request)


def write(session: Session, out: Path, writer: Writer, content: Callable[[], Any], request: WriteRequest) -> Job:
    """Write what is made on the job to a file, and tell of what the format cannot hold."""

    def work(progress: Progress) -> list[Caution]:
        progress.step(0.0, "progress.writing")
        cautions: list[Caution] = function_of(writer.target)(out, content(), request, progress)
        return cautions

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


def _features(layer: Layer, data: LayerData, chosen: NDArray[np.int64] | None, crs: str) -> Any:
    """Return the table to write, its shapes in ``crs``."""
    if isinstance(data, ModelData):
        return data.elements if chosen is None else data.elements.loc[chosen]
    assert isinstance(data, VectorData)  # noqa: S101 - formats_of looked
    table: Any = _rows(layer, data, chosen).frame
    if crs and getattr(table, "crs", None) is not None:
        table = table.to_crs(crs)
    return table


def _solids(
    session: Session, layer: Layer, data: LayerData, chosen: NDArray[np.int64] | None, crs: str, out: Path
) -> Bodies:
    """Return the bodies to write, in ``crs``: of a model its elements, of footprints prisms on the ground."""
    from app.usecases.crs.placement import ground_of
    from models.geometry import solids
    from viewers.render.palette.context import material_colours

    frame = session.project.state.frame
    if frame is None:
        raise UserError("export.nothing", file=out.name)
    if isinstance(data, ModelData):
        oids = np.asarray(data.elements.index) if chosen is None else chosen
        return solids.of_elements(layer, data, oids, crs)
    assert isinstance(data, VectorData)  # noqa: S101 - formats_of looked
    part = _rows(layer, data, chosen)
    colour = layer.style.colour or material_colours()["wall.residential.b"]
    oids = np.asarray(part.attributes.index)
    made = solids.of_footprints(layer, part, oids, frame.horizontal, ground_of(session), colour)
    return solids.in_crs(made, crs)

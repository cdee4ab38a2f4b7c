"""The exchange table of components: the fields that registers hand to each other, classes named, places as numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.background.jobs import Job
from app.notices import notice_of_caution
from models.core.errors import Caution, UserError
from models.core.progress import Progress
from models.facilities.coding.codes import part_texts, texts
from models.facilities.register import classes_of
from models.layers.layer import Layer, VectorData

if TYPE_CHECKING:
    import pandas as pd

    from app.session import Session
    from models.facilities.coding.editions import Edition

#: Endings, and encodings of a CSV, in which the table is written.
SUFFIXES = (".csv", ".xlsx", ".gpkg")
ENCODINGS = ("utf-8-sig", "gbk")


def exchange_table(layer: Layer, data: VectorData, edition: Edition, crs: str) -> Any:
    """Return the exchange table of a layer of components.

    Parameters
    ----------
    layer : Layer
    data : VectorData
        What its filter leaves.
    edition : Edition
        That the layer states; without one the class columns are empty.
    crs : str
        CRS of ``PointX`` and ``PointY``; as the layer is where empty.

    Returns
    -------
    DataFrame or GeoDataFrame
        Canonical fields that the layer has, in their order, ``LargeClass``, ``SmallClass``, ``ClassName`` and
        ``CodeEdition``, then its other columns.
    """
    import numpy as np
    import pandas as pd

    from models.facilities.register.fields import schema

    frame: Any = data.frame
    if crs and getattr(frame, "crs", None) is not None:
        frame = frame.to_crs(crs)
    plain = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    kinds = classes_of(plain, edition)
    known = [name for name in (field.name for field in schema("components").fields) if name in plain.columns]
    made = {name: plain[name] for name in known}
    if "ObjID" in plain.columns:
        codes = texts(plain["ObjID"])
        made |= {
            head: part_texts(codes, edition, part) for head, part in (("LargeClass", "large"), ("SmallClass", "small"))
        }
    names = {code: kind.name for code, kind in edition.classes.items()}
    made["ClassName"] = pd.Series([names.get(str(code), "") for code in kinds], plain.index)
    made["CodeEdition"] = pd.Series(edition.standard, plain.index)
    if "geometry" in getattr(frame, "columns", ()):
        points = frame.geometry.representative_point()
        made |= {"PointX": np.round(points.x, 4), "PointY": np.round(points.y, 4)}
    made |= {name: plain[name] for name in plain.columns if name not in made}
    table = pd.DataFrame(made, index=plain.index)
    if layer.kind == "table" or "geometry" not in getattr(frame, "columns", ()):
        return table
    import geopandas as gpd

    return gpd.GeoDataFrame(table, geometry=frame.geometry.array, crs=frame.crs)


def export_exchange(session: Session, layer_id: str, out: Path, encoding: str = "", crs: str = "") -> Job:
    """Write the exchange table of a layer, whole or not at all.

    Parameters
    ----------
    session : Session
    layer_id : str
    out : Path
        ``.csv``, ``.xlsx`` or ``.gpkg``.
    encoding : str
        Of a CSV: one of :data:`ENCODINGS`; UTF-8 with the mark that Excel wants where empty.
    crs : str
        CRS of the coordinates; the project's where empty.

    Raises
    ------
    UserError
        ``facilities.exchange_format``, ``facilities.not_in_encoding``, ``export.nothing`` and what writing raises.
    """
    from models.io.format import WriteRequest
    from models.query.filtering import filtered

    out = Path(out).resolve()
    suffix = out.suffix.lower()
    if suffix not in SUFFIXES:
        raise UserError("facilities.exchange_format", file=out.name, suffixes=" ".join(SUFFIXES))
    state = session.project.state
    layer, data = state.layer(layer_id), session.project.data_of(layer_id)
    frame = state.frame
    target = crs or (frame.horizontal if frame is not None else "")
    left = filtered(layer, data, target)
    if not isinstance(left, VectorData) or not left.count:
        raise UserError("export.nothing", file=out.name)
    edition = state.edition_of(layer)
    request = WriteRequest(layer.name, layer.title(session.lang), layer.synthetic)

    def work(progress: Progress) -> list[Caution]:
        progress.step(0.1, "progress.writing")
        table = exchange_table(layer, left, edition, target)
        if suffix == ".csv" and encoding:
            return _write_encoded(out, table, encoding)
        from models.io.vector.write_features import write_features

        plain = table if suffix == ".gpkg" else table.drop(columns="geometry", errors="ignore")
        return write_features(out, plain, request, progress)

    def done(cautions: list[Caution]) -> None:
        for caution in cautions:
            session.notices.add(notice_of_caution(caution))
        session.notices.info("notice.written", file=out.name)

    return session.run("job.export", work, done, file=out.name)


def _write_encoded(out: Path, table: pd.DataFrame, encoding: str) -> list[Caution]:
    """Write a CSV in an encoding that may not hold every sign; what it does not hold is refused by name."""
    from models.io.text_table import write_texts

    plain = table.drop(columns="geometry", errors="ignore").astype(object)
    plain = plain.where(plain.notna(), "").map(str)
    try:
        write_texts(out, plain, encoding)
    except UnicodeEncodeError as error:
        sign = str(error.object)[error.start : error.end]
        raise UserError("facilities.not_in_encoding", file=out.name, sign=sign, encoding=encoding) from error
    return []

"""From a table as a reader found it to a layer: CRS settled, what has no place left out, role and style guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from models.core.errors import Caution, UserError
from models.io.common.coordinates import clean_geometry, crs_text, settle_crs
from models.io.request import Opened, ReadRequest
from models.io.role_guess import guess_role, styled
from models.layers.layer import Layer, Source, VectorData, new_layer_id
from models.roles import Role

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_FID = 2**31 - 1
#: What a part of a mixed table is called after its shapes.
FAMILIES = {0: ("点", "points"), 1: ("线", "lines"), 2: ("面", "areas")}


@dataclass(slots=True)
class Found:
    """One table as a reader found it.

    Parameters
    ----------
    frame : DataFrame or GeoDataFrame
        The CRS that the file states, None where it states none.
    name, name_en : str
        What the layer is called.
    sublayer : str
        How to ask for it again.
    role : Role or None
        Where the format says what it is; empty to guess.
    label_field : str
    cautions : list of Caution
    bounds : sequence of 4 float or None
        Extent that tells degrees from metres, where the table is part of something larger; None for its own.
    are_bodies : bool
        Whether its shapes are surfaces in space, which are drawn as bodies.
    """

    frame: pd.DataFrame
    name: str
    sublayer: str = ""
    name_en: str = ""
    role: Role | None = None
    label_field: str = ""
    cautions: list[Caution] = field(default_factory=list)
    bounds: Any = None
    are_bodies: bool = False


def opened(path: Path, reader: str, request: ReadRequest, found: Found, options: Mapping[str, str]) -> Opened:
    """Make a layer of one table.

    Parameters
    ----------
    path : Path
        The file that the person chose, for messages and as the source.
    reader : str
        Row of the reader table.
    request : ReadRequest
    found : Found
    options : mapping of str to str
        Reader settings to keep.

    Raises
    ------
    UserError
        ``io.no_crs``, ``io.metres_in_degrees``, ``io.no_features``.
    """
    frame, cautions = found.frame, list(found.cautions)
    if isinstance(frame, gpd.GeoDataFrame):
        if frame.geometry.name != "geometry":
            frame = _with_geometry_called_so(frame)
        frame, more = clean_geometry(frame, found.name)
        cautions += more
        if not len(frame):
            raise UserError("io.no_features", file=found.name)
        bounds = frame.total_bounds if found.bounds is None else found.bounds
        crs, more = settle_crs(crs_text(frame.crs), request.crs, bounds, path.name)
        cautions += more
        frame = frame.set_crs(crs, allow_override=True)
        geometry = str(frame.geom_type.str.removeprefix("Multi").mode().iat[0])
    else:
        crs, geometry = "", ""
    frame = with_keys(frame)
    role = found.role or guess_role(found.name, frame, geometry)
    frame, style, more = styled(role, frame, found.name)
    if found.label_field and not style.label_field:
        style = replace(style, label_field=found.label_field)
    layer = Layer(
        id=new_layer_id(found.name),
        name=found.name,
        kind="vector" if geometry else "table",
        role=role,
        source=Source(path=str(path), sublayer=found.sublayer, reader=reader, crs=crs, options=dict(options)),
        style=style,
        name_en=found.name_en,
    )
    return Opened(layer, VectorData(frame, cautions + more))


def by_family(found: Found) -> list[Found]:
    """Take a table of points, lines and areas apart, so that each can be drawn as what it is.

    Nothing is taken apart where all shapes are of one family; what has no shape stays with the first part.
    """
    frame = found.frame
    if not isinstance(frame, gpd.GeoDataFrame) or not len(frame):
        return [found]
    family = families(frame)
    kinds = [kind for kind in FAMILIES if (family == kind).any()]
    if len(kinds) < 2:
        return [found]
    parts = []
    for kind in kinds:
        mine = (family == kind) | ((family < 0) & (kind == kinds[0]))
        zh, en = FAMILIES[kind]
        parts.append(
            replace(
                found, frame=frame[mine], name=f"{found.name} · {zh}", name_en=f"{found.name_en or found.name} · {en}",
                cautions=list(found.cautions) if kind == kinds[0] else [],
            )
        )  # fmt: skip
    return parts


def families(frame: gpd.GeoDataFrame) -> NDArray[Any]:
    """Return 0 for points, 1 for lines, 2 for areas (and collections, by their largest part), -1 for nothing."""
    import shapely

    return np.asarray(shapely.get_dimensions(np.asarray(frame.geometry.array, dtype=object)))


def with_keys(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose index can be object ids: its own where they are unique and fit 31 bits, else the rows'."""
    index = frame.index
    is_fit = index.is_unique and (not len(index) or (int(index.min()) >= 0 and int(index.max()) <= MAX_FID))
    if not is_fit:
        frame = frame.reset_index(drop=True)
    frame.index = pd.Index(np.asarray(frame.index, dtype=np.int64), name="fid")
    return frame


def _with_geometry_called_so(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    if "geometry" in frame.columns:  # a plain field has taken the name
        frame = frame.rename(columns={"geometry": "geometry_"})
    return frame.rename_geometry("geometry")

"""Choose the project's frame from its first data, and place data that has no CRS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from models.crs.frame import Frame, crs_label, parse_crs, transformer, zone_for
from models.geometry.bulk import bulk_of
from models.layers.layer import CloudData, Layer, LayerData, ModelData, RasterData, VectorData

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.io.request import Opened
    from models.project.project import ProjectState

#: From a box (west, south, east, north) to its middle.
_MIDDLE = np.array([[0.5, 0.0], [0.0, 0.5], [0.5, 0.0], [0.0, 0.5]])
#: So many features tell where a layer lies: a million would hold up the window for seconds.
_MOST_BOXES = 100_000
#: A plane for models that say nothing about where they stand, when nothing else is open.
LOCAL_CRS = "+proj=tmerc +lat_0=0 +lon_0=0 +k=1 +x_0=500000 +y_0=0 +datum=WGS84 +units=m +no_defs +type=crs"


def frame_for(items: list[LayerData]) -> Frame | None:
    """Choose the frame of a new project from its first data: its own projected CRS where it measures, else its zone.

    Origin and zone are those of the bulk of the data: a feature at 0, 0 does not move them.
    """
    for data in items:
        boxes = _bulk_boxes(data) if isinstance(data, VectorData) else np.empty((0, 4))
        place = _place_of_boxes(data.crs, boxes) if isinstance(data, VectorData) else place_of(data)
        if place is None:
            continue
        crs, corners = place
        if not np.isfinite(corners).all():
            continue
        x, y, z = (float(v) for v in (corners.min(axis=0) + corners.max(axis=0)) / 2)
        if isinstance(data, VectorData):
            x, y = (float(v) for v in np.median(boxes @ _MIDDLE, axis=0))
        if isinstance(data, ModelData):  # what is opened next stands beside it, not half way up
            z = float(corners[:, 2].min())
        parsed = parse_crs(crs)
        measures = isinstance(data, ModelData) or _measures(parsed)  # a model's own metres are those of its plane
        if not parsed.is_projected or not measures:
            lon, lat = transformer(crs, "EPSG:4326").transform(x, y)
            target = zone_for(lon, lat)
            x, y = transformer(crs, target).transform(x, y)
            crs = target
        vertical = None
        if parsed.is_compound and len(parsed.sub_crs_list) == 2:
            plane, height = parsed.sub_crs_list
            if plane.is_projected and measures:
                crs, vertical = crs_label(plane.to_wkt()), crs_label(height.to_wkt())
        return Frame(crs, vertical, (round(x), round(y), round(z)))
    return Frame(LOCAL_CRS, None, (500000, 0, 0)) if any(isinstance(data, ModelData) for data in items) else None


class FirstNamed:
    """Files that were named together: the first of them with a place gives a new project its frame.

    They come in the order in which they are read, a small file before a large one; the frame must not depend on it.
    """

    def __init__(self) -> None:
        self._rank: float | None = None
        self._frame: Frame | None = None

    def frame_of(self, state: ProjectState, opened: Sequence[Opened], rank: int) -> Frame | None:
        """Return the frame of the project once layers of the file named at a place have come.

        Parameters
        ----------
        state : ProjectState
            Before they are added.
        opened : sequence of Opened
        rank : int
            The file's place among those named.
        """
        ours = self._rank is not None and state.frame == self._frame  # nobody chose another meanwhile
        if state.frame is not None and not (ours and rank < (self._rank or 0)):
            return state.frame
        settled = [item.data for item in opened if not is_doubtful(item.layer)]
        found = frame_for(settled) or frame_for([item.data for item in opened])
        is_place = found is not None and found.horizontal != LOCAL_CRS
        if found is None or (state.frame is not None and not is_place):
            return state.frame
        # A plane for want of a better one, or a local one, gives way to any place that comes after it.
        self._rank, self._frame = (rank if is_place and settled else float("inf")), found
        return found


def is_doubtful(layer: Layer) -> bool:
    """Whether a layer stands in a plane of its own, so that nobody knows where on earth it is."""
    return layer.verdict is not None and layer.verdict.code == "local_grid"


def _measures(crs: Any) -> bool:
    """Whether lengths in a projected CRS are metres on the ground.

    In one of feet every length of a scene would be wrong, and in the Mercator of web maps by 1/cos of the latitude: a
    third too long in Beijing.
    """
    plane = crs.sub_crs_list[0] if crs.is_compound else crs
    is_metric = all(abs(axis.unit_conversion_factor - 1.0) < 1e-9 for axis in plane.axis_info[:2])
    method = getattr(plane.coordinate_operation, "method_name", "")
    return is_metric and "Pseudo Mercator" not in method


def place_of(data: LayerData) -> tuple[str, NDArray[np.float64]] | None:
    """Return the CRS and box corners (n, 3) of a layer's data, of features the bulk's; None where it has no place."""
    if isinstance(data, VectorData):
        return _place_of_boxes(data.crs, _bulk_boxes(data))
    if isinstance(data, RasterData):
        if not data.crs or data.info.get("basemap"):  # a base map is everywhere
            return None
        a, b, c, d, e, f = data.transform
        rows, columns = data.values.shape[:2]
        known = data.values[np.isfinite(data.values)] if _holds_heights(data) else np.zeros(1)
        heights = (known.min(), known.max()) if known.size else ()
        cells = [(i, j, h) for i in (0, columns) for j in (0, rows) for h in heights]
        corners = np.array([[a * i + b * j + c, d * i + e * j + f, h] for i, j, h in cells], dtype=np.float64)
        return (data.crs, corners) if len(corners) else None
    if not data.crs:
        return None
    if isinstance(data, CloudData):
        ends = np.stack([data.points.min(axis=0), data.points.max(axis=0)]).astype(np.float64) + data.offset
        return data.crs, ends
    bounds = data.meshes.bounds()
    if bounds is None:
        bounds = np.zeros((2, 3))
    corners = np.array([[bounds[i, 0], bounds[j, 1], bounds[k, 2]] for i in (0, 1) for j in (0, 1) for k in (0, 1)])
    return data.crs, corners @ data.placement[:3, :3].T + data.placement[:3, 3]


def _place_of_boxes(crs: str, boxes: NDArray[np.float64]) -> tuple[str, NDArray[np.float64]] | None:
    if not len(boxes):
        return None
    (west, south), (east, north) = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    return crs, np.array([[west, south, 0.0], [west, north, 0.0], [east, south, 0.0], [east, north, 0.0]])


def _bulk_boxes(data: VectorData) -> NDArray[np.float64]:
    """Return the boxes of features that belong to the bulk of a layer, (n, 4), none for a layer that has no CRS.

    Of a very large layer some are looked at, evenly.
    """
    if not data.crs:
        return np.empty((0, 4))
    boxes = data.boxes
    boxes = boxes[:: max(1, len(boxes) // _MOST_BOXES)]
    return boxes[bulk_of(boxes @ _MIDDLE)]


def _holds_heights(data: RasterData) -> bool:
    """Whether a raster's values are heights, not colours or something measured."""
    return data.values.ndim == 2 and data.info.get("role", "terrain") == "terrain"


def placed(data: LayerData, frame: Frame) -> LayerData:
    """Stand a model that says nothing about its place on the frame's origin: its middle there, its foot at z."""
    if not isinstance(data, ModelData) or data.crs:
        return data
    box = data.meshes.bounds()
    foot = np.zeros(3) if box is None else np.array([*box.mean(axis=0)[:2], box[0, 2]])
    placement = np.eye(4)
    placement[:3, 3] = np.asarray(frame.origin) - foot
    # Its own numbers are kept: somebody may yet say in which CRS they stand.
    info = {**data.info, "as_read": [[float(v) for v in row] for row in data.placement]}
    return replace(data, placement=placement, crs=frame.horizontal, info=info)

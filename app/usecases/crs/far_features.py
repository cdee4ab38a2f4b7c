"""Tell of features that lie far from the others of their layer, or beyond the zone of the project."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.notices import Notice
from models.core.progress import Progress
from models.crs.frame import Frame, crs_label, parse_crs, transformer
from models.crs.names import central_meridian
from models.geometry.bulk import bulk_of
from models.layers.layer import Layer, VectorData

if TYPE_CHECKING:
    from app.background.jobs import Job
    from app.session import Session

#: Half of a 3-degree zone and of a wider one, degrees: farther from the meridian lengths are off by more than is meant.
HALF_ZONE_DEG, HALF_WIDE_ZONE_DEG = 1.5, 3.0


@dataclass(frozen=True, slots=True)
class FarFeatures:
    """Features of one layer that stand apart.

    Parameters
    ----------
    code : str
        ``"outliers"``: far from the bulk of their layer; ``"beyond_zone"``: too far from the meridian of the project.
    oids : ndarray (n,) int64
    total : int
        Features of the layer that have a place.
    zeros : int
        Those of them that stand at exactly 0, 0.
    degrees : float
        How far from the meridian the farthest stands; 0 for outliers.
    """

    code: str
    oids: NDArray[np.int64]
    total: int
    zeros: int = 0
    degrees: float = 0.0


def far_features(data: VectorData, frame: Frame) -> list[FarFeatures]:
    """Return which features of a layer lie far from its bulk, and which of the bulk beyond the zone of the project."""
    boxes = data.boxes
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    there = np.isfinite(middles).all(axis=1)
    inside = bulk_of(middles)
    oids = data.columnar.fids if data.columnar is not None else data.frame.index.to_numpy(dtype=np.int64)
    found: list[FarFeatures] = []
    total, lost = int(there.sum()), there & ~inside
    if lost.any():
        found.append(FarFeatures("outliers", oids[lost], total, int((lost & ~boxes.any(axis=1)).sum())))
    off = _off_meridian(data.crs, frame, middles[inside])
    beyond = off > _half_zone(frame)
    if beyond.any():
        found.append(
            FarFeatures("beyond_zone", oids[inside][beyond], total, degrees=round(float(off[beyond].max()), 2))
        )
    return found


def say_far_features(session: Session, layers: Iterable[Layer]) -> Job | None:
    """Look for far features in layers that have come, in the background, and say where there are some."""
    frame = session.project.state.frame
    wanted = [(one, data) for one in layers if isinstance(data := session.project.data.get(one.id), VectorData)]
    if frame is None or not wanted:
        return None

    def work(progress: Progress) -> list[tuple[Layer, FarFeatures]]:
        found: list[tuple[Layer, FarFeatures]] = []
        for number, (layer, data) in enumerate(wanted):
            progress.step(number / len(wanted), "progress.crs_doctor.comparing")
            found += [(layer, one) for one in far_features(data, frame)]
        return found

    def done(found: list[tuple[Layer, FarFeatures]]) -> None:
        meridian = central_meridian(frame.horizontal)[0]
        now = {layer.id: layer for layer in session.project.state.layers}
        for layer, one in found:
            verdict = now[layer.id].verdict if layer.id in now else None
            if one.code == "beyond_zone" and verdict is not None and verdict.asks:
                continue  # nobody knows yet where it stands; the doctor has said so
            session.notices.add(Notice("caution", f"caution.frame.{one.code}", {
                "layer": layer.title(session.lang), "layer_id": layer.id, "count": len(one.oids), "total": one.total,
                "zeros": one.zeros, "degrees": one.degrees, "crs": crs_label(frame.horizontal),
                "meridian": f"{meridian:g}" if meridian is not None else "—",
            }))  # fmt: skip

    return session.jobs.run("job.far_features", work, done, failed=session.fail, background=True)


def _off_meridian(crs: str, frame: Frame, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far places lie from the project's central meridian, degrees; zeros where it has none."""
    meridian = central_meridian(frame.horizontal)[0]
    method = getattr(parse_crs(frame.horizontal).coordinate_operation, "method_name", "")
    if meridian is None or "Transverse Mercator" not in method or not crs or not len(places):
        return np.zeros(len(places))
    to_degrees = transformer(crs, "EPSG:4326")
    corners = np.array([places.min(axis=0), places.max(axis=0)])
    around = np.array(np.meshgrid(*corners.T)).reshape(2, -1)
    if np.abs(to_degrees.transform(*around, errcheck=False)[0] - meridian).max() <= HALF_ZONE_DEG:
        return np.zeros(len(places))  # all of a layer in one zone need not be asked one by one
    off = np.abs(to_degrees.transform(places[:, 0], places[:, 1], errcheck=False)[0] - meridian)
    return np.where(np.isfinite(off), np.minimum(off, 360.0 - off), 0.0)


def _half_zone(frame: Frame) -> float:
    crs = parse_crs(frame.horizontal)
    return HALF_WIDE_ZONE_DEG if "UTM" in crs.name or "6-degree" in crs.name else HALF_ZONE_DEG

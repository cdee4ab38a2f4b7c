"""Place a building model by hand, undo that, report its placement, write it into a copy of the file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.notices import notice_of_caution
from models.bim.georeference import GeorefReport, report
from models.bim.model_matrix import world_matrix
from models.bim.placement import foot_of, is_lost, placement_of, standing
from models.bim.placement_value import BESIDE, SHARED, Placement
from models.core.errors import Caution, UserError
from models.crs.frame import crs_label, parse_crs, transformer
from models.layers.layer import Layer, ModelData
from models.terrain.ground import Ground, ground_under
from resources.standards import standard

if TYPE_CHECKING:
    from app.background.jobs import Job
    from app.session import Session
    from models.core.progress import Progress


#: Metres between two models without a place that still count as parts of one building.
NEAR_M = 10.0


def place_model(session: Session, layer_id: str, placement: Placement) -> None:
    """Let a model stand where a person says; one undoable step."""
    layer, _ = model_of(session, layer_id)
    placed = replace(layer, place=placement)
    session.history.do("history.place_model", lambda state: state.with_layer(placed))


def reset_place(session: Session, layer_id: str) -> None:
    """Take a hand-made placement off, so that the file's own place counts again."""
    layer, _ = model_of(session, layer_id)
    session.history.do("history.reset_place", lambda state: state.with_layer(replace(layer, place=None)))


def model_of(session: Session, layer_id: str) -> tuple[Layer, ModelData]:
    """Return a model layer and its data.

    Raises
    ------
    UserError
        ``place.not_a_model`` for any other layer, ``project.no_layer``, ``project.no_data``.
    """
    layer = session.project.state.layer(layer_id)
    data = session.project.data_of(layer_id)
    if not isinstance(data, ModelData):
        raise UserError("place.not_a_model", layer=layer.title(session.lang))
    return layer, data


def models_of(session: Session) -> list[Layer]:
    """Return the model layers whose data has come, top to bottom."""
    state, data = session.project.state, session.project.data
    return [layer for layer in reversed(state.layers) if isinstance(data.get(layer.id), ModelData)]


def ground_of(session: Session) -> Ground:
    """Return the ground of the project: its terrain layers, else flat at the frame's origin."""
    state = session.project.state
    frame = state.frame
    assert frame is not None  # noqa: S101 - the first layer brought one
    return ground_under(state.layers, session.project.data, frame)


def matrix_of(session: Session, layer_id: str) -> NDArray[np.float64]:
    """Return the matrix (4, 4) from a model's coordinates to the project's CRS, as the scene shows it."""
    layer, data = model_of(session, layer_id)
    frame = session.project.state.frame
    assert frame is not None  # noqa: S101 - the first layer brought one
    return world_matrix(layer, data, frame, ground_of(session))


def present_place(session: Session, layer_id: str) -> Placement:
    """Return where a model is shown now, in the project's CRS, spoken of through the middle of its foot."""
    _, data = model_of(session, layer_id)
    frame = session.project.state.frame
    assert frame is not None  # noqa: S101 - matrix_of would have refused
    return placement_of(matrix_of(session, layer_id), frame.horizontal, foot_of(data))


def beside(session: Session, data: ModelData) -> tuple[Layer, Placement] | None:
    """Return the model in whose coordinates another one without a place is drawn too, and where that puts it.

    The parts of one building come as several files (architecture, electrical, heating) with one origin. Where none of
    them says where that is, each would be put by its own middle, and walls and sockets would stand apart. Those whose
    boxes meet in their own coordinates stand together.
    """
    box = data.meshes.bounds()
    for layer in models_of(session):
        other = session.project.data[layer.id]
        if not isinstance(other, ModelData) or not _has_no_own_place(layer, other):
            continue
        there = other.meshes.bounds()
        if box is None or there is None:
            continue
        if (box[0, :2] <= there[1, :2] + NEAR_M).all() and (there[0, :2] <= box[1, :2] + NEAR_M).all():
            frame = session.project.state.frame
            assert frame is not None  # noqa: S101 - the model brought one
            place = placement_of(matrix_of(session, layer.id), frame.horizontal, foot_of(data))
            basis = BESIDE if is_lost(layer, other) else SHARED
            return layer, replace(place, basis=basis)
    return None


def _has_no_own_place(layer: Layer, data: ModelData) -> bool:
    """Whether a model stands where we or a person put it, not where its file says."""
    return layer.place is not None or data.info.get("georef") in (None, "none")


def on_ground(placement: Placement, data: ModelData, ground: Ground) -> Placement:
    """Return a placement whose lowest point stands on the terrain below the middle of the model's foot."""
    foot = foot_of(data)
    east, north, height, _ = placement.matrix() @ [*foot, 1.0]
    level = float(ground.height_m(np.array([east]), np.array([north]))[0])
    return placement.moved(height_m=level - float(height))


def place_report(session: Session, layer_id: str) -> GeorefReport:
    """Return where a model stands and why, the hand-made placement included."""
    layer, data = model_of(session, layer_id)
    stands = standing(layer, data)
    assert isinstance(stands, ModelData)  # noqa: S101 - model_of looked
    return report(stands)


def place_rows(session: Session, found: GeorefReport) -> list[tuple[str, str]]:
    """Return a report as labels and values in the session's language."""
    word = session.word
    rows = [
        (word("georef.by"), word(f"georef.kind.{found.kind}")),
        (word("georef.certainty"), word(f"georef.certainty.{found.certainty}")),
    ]
    if found.crs:
        label = crs_label(found.crs)
        rows += [
            (word("georef.crs"), label if label == found.crs_name else f"{label} {found.crs_name}"),
            (word("georef.origin"), _metres(found.east_m, found.north_m, found.height_m)),
            (word("georef.bearing"), f"{found.bearing_deg:.4f}°"),
            (word("georef.scale"), f"{found.scale:.6g}"),
        ]
    if found.level:
        rows.insert(2, (word("georef.level"), str(found.level)))
    if found.vertical:
        rows.insert(-3, (word("georef.vertical"), f"{found.vertical} {parse_crs(found.vertical).name}"))
    if found.lon_deg is not None:
        rows.append((word("georef.lonlat"), f"{found.lon_deg:.7f}°, {found.lat_deg:.7f}°"))
    if found.true_bearing_deg is not None:
        rows.append((word("georef.true_bearing"), f"{found.true_bearing_deg:.4f}°"))
    if found.middle is not None:
        rows.append((word("georef.middle"), _metres(*found.middle)))
    rows += _written_rows(session, found)
    rows += [
        (word("georef.note"), notice_of_caution(Caution.from_dict(one)).text(session.lang)) for one in found.reasons
    ]
    return rows


def _written_rows(session: Session, found: GeorefReport) -> list[tuple[str, str]]:
    """Say what the file itself holds, in its own units."""
    word, rows = session.word, []
    operation = dict(found.written.get("written", {}))
    if operation:
        kind = word(f"georef.kind.{operation.pop('as', 'none')}")
        values = ", ".join(f"{name} {_short(value)}" for name, value in operation.items())
        named = " · ".join(str(text) for text in found.written.get("crs_said", {}).values())
        rows.append((word("georef.written"), "; ".join(part for part in (kind, values, named) if part)))
    if "site_lat" in found.written:
        text = f"{found.written['site_lat']:.6f}, {found.written['site_lon']:.6f}"
        if city := found.written.get("site_default"):
            where = word("georef.default", exporter=city["exporter"], city=city[session.lang])
            text = f"{text} · {where}"
        rows.append((word("georef.site"), text))
    return rows


def _short(value: object) -> str:
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _metres(*values: float | None) -> str:
    return ", ".join("–" if value is None else f"{value:,.3f}" for value in values) + " m"


def far_caution(session: Session, layer_id: str) -> Caution | None:
    """Return a caution for a model that stands far from the middle of the project, None for all others."""
    state, data = session.project.state, session.project.data.get(layer_id)
    layer = next((one for one in state.layers if one.id == layer_id), None)
    if state.frame is None or layer is None or not isinstance(data, ModelData) or len(state.layers) < 2:
        return None
    stands = standing(layer, data)
    if not isinstance(stands, ModelData) or not stands.crs:
        return None
    east, north, _, _ = stands.placement @ [*foot_of(stands), 1.0]
    x, y = transformer(stands.crs, state.frame.horizontal).transform(float(east), float(north))
    away = float(np.hypot(x - state.frame.origin[0], y - state.frame.origin[1]))
    if away < float(standard("ifc_georef")["limits"]["far_from_city_m"]):
        return None
    km = round(away / 1000) if np.isfinite(away) else "∞"
    return Caution("place.far_from_city", layer=layer.title(session.lang), layer_id=layer.id, km=km)


def write_copy(session: Session, layer_id: str, target: Path) -> Job:
    """Write a copy of a model's file that says where the model stands now; the original is never touched.

    Raises
    ------
    UserError
        ``place.onto_itself``, ``place.no_source``; in the job what the writer says.
    """
    layer, data = model_of(session, layer_id)
    source, target = Path(layer.source.path), Path(target)
    if not layer.source.path or not source.exists():
        raise UserError("place.no_source", layer=layer.title(session.lang))
    frame = session.project.state.frame
    assert frame is not None  # noqa: S101 - a layer brings one
    placement = placement_of(matrix_of(session, layer_id), frame.horizontal)
    return _write(session, source, target, placement, frame.vertical or "", str(data.info.get("encoding", "")))


def write_file(session: Session, source: Path, target: Path, placement: Placement) -> Job:
    """Write a copy of any IFC file with a given place."""
    return _write(session, source, target, placement, "", "")


def _write(session: Session, source: Path, target: Path, placement: Placement, vertical: str, encoding: str) -> Job:
    source, target = source.absolute(), target.absolute()  # the child works in a folder of its own
    if source.resolve() == target.resolve():
        raise UserError("place.onto_itself", file=target.name)
    origin = placement.anchored((0.0, 0.0, 0.0))
    asked = {
        "source": str(source), "target": str(target), "crs": origin.crs, "easting_m": origin.east_m,
        "northing_m": origin.north_m, "height_m": origin.height_m, "bearing_deg": origin.bearing_deg,
        "scale": origin.scale, "vertical": vertical, "encoding": encoding,
    }  # fmt: skip

    def work(progress: Progress) -> dict[str, object]:
        from app.background.workers import run_child

        return dict(run_child("models.io.ifc.write:run_json", asked, progress))

    def done(_: object) -> None:
        session.notices.info("notice.place_written", file=target.name)

    return session.run("job.write_place", work, done, file=target.name)

"""The CRS doctor in the window: its findings about a layer, and what is done about them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QTimer

from app.notices import Notice
from app.usecases.crs import crs_doctor, height_doctor
from app.usecases.crs.far_features import FarFeatures, far_features
from app.window.feature import Feature
from app.window.requests import NoticeAction
from models.core.errors import UserError
from models.core.watch import watch
from models.crs.doctor.evidence import Neighbour, evidence_of, lonlat_of
from models.crs.doctor.examine import CODES
from models.crs.doctor.verdict import Candidate, Standing, Verdict
from models.layers.layer import VectorData
from models.project.project import ProjectState
from viewers.widgets.crs.control_points import CrsFit
from viewers.widgets.crs.crs_dialog import CandidateView, CrsDialog, CrsView
from viewers.widgets.crs.crs_search import CrsSearch
from viewers.widgets.crs.local_plane import CrsPlane

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from app.window.window_context import WindowContext
    from models.core.progress import Progress

#: Notices of the CRS doctor, which offer to look.
CRS_NOTICES = "caution.crs_doctor."
HEIGHT_NOTICES = f"{CRS_NOTICES}height."
#: Notices of features that lie far off, which offer to select them.
FAR_NOTICES = "caution.frame."
#: Those of them that can be agreed with as they stand; the others need parameters, or a choice.
ACCEPTED = frozenset(
    [f"{CRS_NOTICES}think.{code}" for code in CODES if code not in ("old_datum", "local_grid", "datum_offset")]
    + [f"{HEIGHT_NOTICES}{code}" for code in ("h1956", "h1985", "ellipsoid", "offset")]
)
#: So many points of a layer are drawn in the preview.
_MOST = 1500


class CrsDoctor(Feature):
    """Connects the CRS doctor to the window: dialogs, notices, the frame of the project."""

    name = "crs_doctor"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        #: What shall be done to files' layers once they have come: layers before, candidate; by path.
        self._then: dict[str, tuple[set[str], Candidate]] = {}
        requests = context.requests
        requests.ask_missing_crs.answer_with(self.ask_missing)
        requests.ask_crs.answer_with(self._search)
        requests.notice_actions += [
            NoticeAction(lambda notice: notice.key.startswith(CRS_NOTICES), "notice.look", self._look_at),
            NoticeAction(lambda notice: notice.key in ACCEPTED, "notice.accept", self.accept, accepts=True),
            NoticeAction(lambda notice: notice.key.startswith(FAR_NOTICES), "notice.show_far", self._show_far),
        ]
        self.stops.append(watch(self.session.project.changed, self._on_project_changed))

    def open(self, layer_id: str = "") -> None:
        """Say what the doctor thinks of a layer, the chosen one where none is named, and ask what shall be done."""
        chosen = layer_id or self._chosen()
        if not chosen:
            return
        self.session.run(
            "job.crs_doctor", lambda progress: self._view_of(chosen, progress), lambda view: self._ask(chosen, view)
        )

    def _look_at(self, notice: Notice) -> None:
        self.open(str(notice.facts.get("layer_id", "")))

    def _show_far(self, notice: Notice) -> None:
        """Select the features of which a notice tells, and fly to them."""
        layer_id, frame = str(notice.facts.get("layer_id", "")), self.session.project.state.frame
        data = self.session.project.data.get(layer_id)
        if frame is None or not isinstance(data, VectorData):
            return

        def done(found: list[FarFeatures]) -> None:
            for one in found:
                if notice.key == f"{FAR_NOTICES}{one.code}":
                    self.session.selection.set_rows(layer_id, one.oids)
                    self.context.scene_sync.zoom_to_keys(self.session.selection.keys)

        self.session.run("job.far_features", lambda _: far_features(data, frame), done)

    def accept(self, notice: Notice) -> None:
        """Do what a notice proposes, without looking closer."""
        layer_id = str(notice.facts.get("layer_id", ""))
        if not any(layer.id == layer_id for layer in self.session.project.state.layers):
            return
        if notice.key.startswith(HEIGHT_NOTICES):
            height_doctor.lift(self.session, layer_id)
        else:
            crs_doctor.accept(self.session, layer_id)

    def ask_missing(self, path: Path, open_one: Callable[[Path, str], object]) -> None:
        """Ask in which CRS a file stands that does not say it, with what the doctor makes of its numbers.

        Parameters
        ----------
        path : Path
        open_one : callable
            Opens a file, told its CRS.
        """
        session = self.session

        def work(progress: Progress) -> CrsView | None:
            progress.step(0.1, "progress.crs_doctor.comparing")
            others = crs_doctor.neighbours_of(session.project.state, session.project.data)
            for item in crs_doctor.read_raw(session, path):
                verdict = crs_doctor.verdict_on(item.layer, item.data, others)
                seen = evidence_of(item.layer, item.data)
                if verdict is not None and seen is not None:
                    verdict = replace(verdict, done="proposed")
                    return _view(path.name, verdict, None, seen.bulk().points, others)
            return None

        def done(view: CrsView | None) -> None:
            frame = session.project.state.frame
            like = frame.horizontal if frame is not None else str(session.settings.get("default_crs"))
            if view is None or not view.candidates:
                if crs := self._search(like):
                    open_one(path, crs)
                return
            dialog = CrsDialog(self.appearance, view, self.context.window, opened=False)
            answer, chosen = dialog.ask(), dialog.chosen
            dialog.deleteLater()
            if answer == "other" and (crs := self._search(view.verdict.crs or like)):
                open_one(path, crs)
            elif answer in ("accept", "use") and chosen is not None:
                before = {layer.id for layer in session.project.state.layers}
                if chosen.steps:
                    self._then[str(path)] = (before, chosen)
                open_one(path, chosen.crs)

        session.run("job.crs_doctor", work, done)

    def _on_project_changed(self, before: ProjectState, after: ProjectState) -> None:
        """Do to a layer that has come what was chosen before it could."""
        if not self._then:
            return
        known = {layer.id for layer in before.layers}
        for layer in after.layers:
            for path, (there, chosen) in list(self._then.items()):
                if layer.id not in known and layer.id not in there and layer.name == Path(path).stem:
                    del self._then[path]
                    QTimer.singleShot(0, self.guard(functools.partial(self._do, layer.id, chosen)))

    def _do(self, layer_id: str, chosen: Candidate) -> None:
        crs_doctor.choose(self.session, layer_id, chosen.crs, chosen.steps)

    def change_frame(self) -> None:
        """Ask for another projected CRS in which the whole project is shown."""
        frame = self.session.project.state.frame
        if frame is None:
            return
        crs = self._search(frame.horizontal, projected_only=True, why="crs_frame.why")
        if crs and crs != frame.horizontal:
            crs_doctor.set_frame(self.session, crs)

    def _chosen(self) -> str:
        """Return the layer that is meant: current in the list, else the least certain one."""
        session = self.session
        layers = {layer.id: layer for layer in session.project.state.layers}
        current = self.session.current_layer.id
        if current in layers and layers[current].kind != "model":
            return current
        known = [layer for layer in layers.values() if layer.verdict is not None]
        return min(known, key=lambda layer: layer.verdict.sure if layer.verdict else 1.0).id if known else ""

    def _view_of(self, layer_id: str, progress: Progress) -> CrsView:
        session = self.session
        layer = session.project.state.layer(layer_id)
        progress.step(0.1, "progress.crs_doctor.comparing")
        verdict = crs_doctor.verdict_of(session, layer_id)
        seen = crs_doctor.raw_sample(session, layer_id)
        if verdict is None or seen is None:
            raise UserError("crs_doctor.a_model", layer=layer.title(session.lang))
        others = crs_doctor.neighbours_of(session.project.state, session.project.data, (layer_id,))
        return _view(layer.title(session.lang), verdict, layer.standing, seen.bulk().points, others)

    def _ask(self, layer_id: str, view: CrsView) -> None:
        dialog = CrsDialog(self.appearance, view, self.context.window)
        answer, chosen = dialog.ask(), dialog.chosen
        dialog.deleteLater()
        session = self.session
        if answer == "accept":
            crs_doctor.accept(session, layer_id)
        elif answer == "use" and chosen is not None:
            crs_doctor.choose(session, layer_id, chosen.crs, chosen.steps)
        elif answer == "as_read":
            crs_doctor.as_read(session, layer_id)
        elif answer in ("lift", "unlift"):
            height_doctor.lift(session, layer_id, None if answer == "lift" else 0.0)
        elif answer == "other":
            if crs := self._search(view.verdict.crs or view.verdict.declared):
                crs_doctor.choose(session, layer_id, crs)
        elif answer == "fit":
            self._fit(layer_id, view)
        elif answer == "plane":
            self._plane(layer_id, view)

    def _search(self, like: str, *, projected_only: bool = False, why: str = "") -> str:
        own = self.session.project.state.user_crs
        dialog = CrsSearch(
            self.appearance, like, own, projected_only=projected_only, why=why, parent=self.context.window
        )
        answer, crs = dialog.ask(), dialog.crs
        dialog.deleteLater()
        return crs if answer == "ok" else ""

    def _fit(self, layer_id: str, view: CrsView) -> None:
        frame = self.session.project.state.frame
        target = frame.horizontal if frame is not None else "EPSG:4548"
        source = view.verdict.declared or target
        dialog = CrsFit(self.appearance, view.name, source, target, self._search, parent=self.context.window)
        answer, fit, source, target = dialog.ask(), dialog.fit, dialog.source, dialog.target
        dialog.deleteLater()
        if answer != "ok" or fit is None:
            return
        crs_doctor.choose(self.session, layer_id, target, (fit.step(source, target),), by="points")

    def _plane(self, layer_id: str, view: CrsView) -> None:
        frame = self.session.project.state.frame
        lon, lat = frame.lonlat(*frame.origin[:2]) if frame is not None else (117.0, 36.0)
        if not np.isfinite([lon, lat]).all():
            lon, lat = 117.0, 36.0
        dialog = CrsPlane(self.appearance, view.name, round(lon, 2), round(lat, 2), self.context.window)
        answer = dialog.ask()
        user_crs = dialog.user_crs if answer == "ok" else None
        dialog.deleteLater()
        if user_crs is not None:
            crs_doctor.keep_crs(self.session, user_crs)
            crs_doctor.choose(self.session, layer_id, user_crs.wkt)


def _view(
    name: str, verdict: Verdict, standing: Standing | None, points: NDArray[np.float64], others: list[Neighbour]
) -> CrsView:
    """Return what the dialog shows: every candidate where it would put the layer."""
    points = points[:: max(1, len(points) // _MOST)]
    wanted = [verdict.as_candidate(), *verdict.alternatives] if verdict.code != "cannot_tell" else []
    wanted = wanted or list(verdict.alternatives)
    if verdict.declared and not any((one.crs, one.steps) == (verdict.declared, ()) for one in wanted):
        wanted.append(Candidate("fine", verdict.declared, 0.0))
    drawn = [one.lonlat[:: max(1, len(one.lonlat) // _MOST)] for one in others]
    return CrsView(name, verdict, standing, tuple(_placed(one, points, others) for one in wanted), drawn)


def _placed(one: Candidate, points: NDArray[np.float64], others: list[Neighbour]) -> CandidateView:
    """Return a candidate with where it puts the layer and how that meets the others."""
    if not one.crs:
        return CandidateView(one, np.empty((0, 2)))
    try:
        lonlat = lonlat_of(points, one.crs, one.steps)
    except UserError:
        return CandidateView(one, np.empty((0, 2)))
    lonlat = lonlat[np.isfinite(lonlat).all(axis=1) & (np.abs(lonlat) <= [180.0, 90.0]).all(axis=1)]
    if not len(lonlat) or not others:
        return CandidateView(one, lonlat)
    low, high = lonlat.min(axis=0), lonlat.max(axis=0)
    shared, gap_km = 0.0, float("inf")
    for other in others:
        low_, high_ = other.lonlat.min(axis=0), other.lonlat.max(axis=0)
        scale = np.array([111.2 * max(np.cos(np.radians(low_[1])), 0.1), 111.2])
        away = np.maximum(np.maximum(low - high_, low_ - high), 0.0) * scale
        gap_km = min(gap_km, float(np.hypot(*away)))
        across = np.maximum(np.minimum(high, high_) - np.maximum(low, low_), 0.0) / np.maximum(high - low, 1e-9)
        shared = max(shared, float(np.prod(np.minimum(across, 1.0))))
    return CandidateView(one, lonlat, shared, gap_km)

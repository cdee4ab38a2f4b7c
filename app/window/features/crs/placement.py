"""Placing a model whose georeference is missing or wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from app.notices import Notice, notice_of_caution
from app.usecases.crs import placement, unsure_place
from app.window.feature import Feature
from app.window.requests import NoticeAction
from app.window.tools.placing import PlacementTool
from models.bim.placement import is_lost
from models.core.watch import watch
from models.layers.layer import ModelData
from models.project.project import ProjectState
from models.project.selection import ObjectKey

if TYPE_CHECKING:
    from app.window.window_context import WindowContext

#: A rigid fit whose lengths differ by more than this share is shown in red.
DOUBTFUL_SHARE = 0.01
#: Notices about models that stand nowhere, or in the wrong place.
PLACE_NOTICES = frozenset(
    {"caution.model.no_place", "caution.place.far_from_city", "caution.io.placed_by_latlon",
     "caution.place.latlon_contradicted", "caution.model.same_origin"}
)  # fmt: skip


class Placement(Feature):
    """Connects the placing tool to the session."""

    name = "placement"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self.tool: PlacementTool | None = None
        self.bar = self.context.canvas.place_bar
        self._looked_at: set[str] = set()
        ask = self.guard
        context.requests.notice_actions += [
            NoticeAction(lambda notice: notice.key in PLACE_NOTICES, "action.model.place", self._start_from),
            NoticeAction(lambda notice: notice.key == "caution.model.same_origin", "action.model.same_origin",
                         ask(self._share_from), accepts=True),
            NoticeAction(lambda notice: notice.key == "caution.place.latlon_contradicted", "action.model.use_latlon",
                         ask(self._believe_from), accepts=True),
        ]  # fmt: skip
        self.bar.closed.connect(self.stop)
        self.bar.mode_chosen.connect(self._on_mode_chosen)
        self.bar.ground_chosen.connect(self._on_ground_chosen)
        self.bar.values_edited.connect(self._on_values_edited)
        self.bar.apply_requested.connect(ask(self.apply))
        self.bar.reset_requested.connect(ask(self.reset))
        self.bar.origin_requested.connect(ask(self.share_origin))
        self.stops += [
            watch(self.session.project.changed, self._on_project_changed),
            watch(self.session.project.data_changed, self._on_data_changed),
        ]

    # --- what the menu asks ---------------------------------------------------------------------------------------
    def start(self, layer_id: str = "") -> None:
        """Begin to place a model, the chosen one where none is named."""
        self.stop()
        known = {layer.id for layer in placement.models_of(self.session)}
        layer_id = layer_id if layer_id in known else self._chosen()
        if not layer_id:
            return
        for card in self.context.canvas.cards:
            if card is not self.bar and card.isVisible():
                card.closed.emit()
        layer, _ = placement.model_of(self.session, layer_id)
        if not layer.visible:
            from app.usecases.layers import layers

            layers.set_visible(self.session, layer_id, True)
        self.session.selection.set(())
        self.tool = PlacementTool(self.context, layer_id)
        self.tool.changed.connect(self._show)
        self.tool.apply_wanted.connect(self.guard(self.apply))
        self.tool.leave_wanted.connect(self.stop)
        self.bar.show_model(layer.title(self.session.lang))
        self.bar.show_mode(self.tool.mode)
        self._show()
        self.bar.show()
        self.context.canvas.arrange()
        self.context.canvas.view.setFocus()
        self._bring_into_view(layer_id)

    def apply(self) -> None:
        """Let the model stand where it is shown."""
        tool = self.tool
        if tool is None or not tool.is_changed:
            return
        self._end_tool(keep=True)
        placement.place_model(self.session, tool.layer_id, tool.place)

    def reset(self) -> None:
        """Give the chosen model the place of its file again."""
        layer_id = self.tool.layer_id if self.tool is not None else self._chosen(placed=True)
        self._end_tool(keep=False)
        if layer_id:
            placement.reset_place(self.session, layer_id)

    def share_origin(self, other_id: str) -> None:
        """Let the model that is being placed stand on the local origin of another one."""
        layer_id = "" if self.tool is None else self.tool.layer_id
        self._end_tool(keep=False)
        if layer_id:
            unsure_place.share_origin(self.session, layer_id, other_id)

    def stop(self) -> None:
        """Give up; the model is where it was."""
        self._end_tool(keep=False)

    def show_place(self) -> None:
        """Say where the chosen model stands and why."""
        if layer_id := self._chosen():
            self.session.selection.set([ObjectKey(layer_id, 0)])
            self.context.docks.bring_forward("properties")

    def write_copy(self) -> None:
        """Ask where, and write the chosen model's place into a copy of its file."""
        layer_id = self._chosen()
        if not layer_id:
            return
        layer, _ = placement.model_of(self.session, layer_id)
        source = Path(layer.source.path)
        start = source.with_name(f"{source.stem}_{self.appearance.word('place.copy_suffix')}.ifc")
        path, _ = QFileDialog.getSaveFileName(
            self.context.window, self.appearance.word("place.copy"), str(start), self.appearance.word("place.filter")
        )
        if path:
            placement.write_copy(self.session, layer_id, Path(path))

    def _start_from(self, notice: Notice) -> None:
        self.start(str(notice.facts.get("layer_id", "")))

    def _share_from(self, notice: Notice) -> None:
        """Do what a notice offers, if both models are still there."""
        known = {layer.id for layer in placement.models_of(self.session)}
        layer_id, other_id = (str(notice.facts.get(name, "")) for name in ("layer_id", "other_id"))
        if {layer_id, other_id} <= known:
            unsure_place.share_origin(self.session, layer_id, other_id)

    def _believe_from(self, notice: Notice) -> None:
        """Let a model stand by its own latitude and longitude after all."""
        layer_id = str(notice.facts.get("layer_id", ""))
        if layer_id in {layer.id for layer in placement.models_of(self.session)}:
            placement.reset_place(self.session, layer_id)

    # --- following ------------------------------------------------------------------------------------------------
    def end(self) -> None:
        """Stop watching; the window closes."""
        self._end_tool(keep=False)
        super().end()

    def refresh(self) -> None:
        """Say the texts of the tool in the language of the moment."""
        if self.tool is not None:
            self._show()

    def _chosen(self, *, placed: bool = False) -> str:
        """Return the model that is meant: selected, current in the list of layers, without a place, or the top one."""
        known = [layer for layer in placement.models_of(self.session) if not placed or layer.place is not None]
        ids = [layer.id for layer in known]
        wanted = [
            *(layer for layer, _ in reversed(self.session.selection.keys.runs)),
            self.session.current_layer.id,
        ]
        lost = [layer.id for layer in known if is_lost(layer, self._data(layer.id))]
        return next((layer_id for layer_id in [*wanted, *lost, *ids] if layer_id in ids), "")

    def _data(self, layer_id: str) -> ModelData:
        return placement.model_of(self.session, layer_id)[1]

    def _end_tool(self, *, keep: bool) -> None:
        tool, self.tool = self.tool, None
        if tool is not None:
            self.bar.hide()
            tool.end(keep=keep)
            self.context.canvas.view.setFocus()

    def _show(self) -> None:
        tool = self.tool
        if tool is None:
            return
        layer = self.session.project.state.layer(tool.layer_id)
        told, word = unsure_place.weighed_report(self.session, tool.layer_id), self.appearance.word
        self.bar.show_standing(word(f"georef.kind.{told.kind}"), word(f"georef.certainty.{told.certainty}"))
        others = unsure_place.sharing(self.session, tool.layer_id)
        self.bar.show_origin(*((others[0].id, others[0].title(self.session.lang)) if others else ("", "")))
        self.bar.say_word(tool.hint)
        self.bar.show_place(tool.place)
        self.bar.ground.setChecked(tool.on_ground)
        self.bar.set_ready(apply=tool.is_changed, reset=layer.place is not None)
        fit = tool.fit
        if fit is None:
            self.bar.show_result()
            return
        ratio = fit.scale if fit.scale >= 1 else 1 / fit.scale
        unit = 900 < ratio < 1100
        self.bar.show_result(
            "place.result.unit" if unit else "place.result", bad=ratio - 1 > DOUBTFUL_SHARE,
            model=f"{fit.model_m:,.3f}", world=f"{fit.world_m:,.3f}", residual=f"{fit.residual_m:,.3f}",
            scale=f"{fit.scale:.5f}",
        )  # fmt: skip

    def _on_mode_chosen(self, mode: str) -> None:
        if self.tool is not None:
            self.tool.set_mode(mode)

    def _on_ground_chosen(self, on: bool) -> None:
        if self.tool is not None:
            self.tool.set_on_ground(on)

    def _on_values_edited(self, east: float, north: float, height: float, bearing: float) -> None:
        if self.tool is not None:
            self.tool.type_values(east, north, height, bearing)

    def _bring_into_view(self, layer_id: str) -> None:
        """Fly to the model if it is not in the picture."""
        view, scene = self.context.canvas.view, self.context.scene_sync.scene
        box = None if scene is None else scene.bounds_of_layer(layer_id)
        if box is None:
            return
        spot, ahead = view.on_screen(box.mean(axis=0)[None, :])
        if not (ahead[0] and 0 < spot[0, 0] < view.width() and 0 < spot[0, 1] < view.height()):
            self.context.scene_sync.zoom_to_layer(layer_id)

    def _on_project_changed(self, before: ProjectState, after: ProjectState) -> None:
        """End the placing of a model whose place was changed by undo, or whose project was closed."""
        tool = self.tool
        if tool is None:
            return
        old, new = (
            next((layer for layer in state.layers if layer.id == tool.layer_id), None) for state in (before, after)
        )
        if new is None or old is None or old.place != new.place or before.frame != after.frame:
            self.stop()

    def _on_data_changed(self, layer_id: str) -> None:
        """Warn once of a model that lands far from everything else."""
        caution = None if layer_id in self._looked_at else placement.far_caution(self.session, layer_id)
        self._looked_at.add(layer_id)
        if caution is not None:
            self.session.notices.add(notice_of_caution(caution))

"""Comparison of up to four pictures of the city, side by side or under a curtain, with one camera."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QFileDialog, QMenu

from app.usecases.health import health
from app.usecases.views.comparison import ComparisonSpec, take_comparison
from app.window.feature import Feature
from app.window.features.views.theme_titles import theme_title, themes_of
from app.window.scene.second_view import NameTag, Pane
from models.project.scene import scene_of
from models.views.scene_state import SceneState, Theme
from viewers.widgets.canvas.view3d import View3D
from viewers.widgets.common.plain import plain_entry
from viewers.widgets.views.compare_bar import CompareBar, Divider

if TYPE_CHECKING:
    from app.window.window_context import WindowContext

#: Panes beside the window's own picture, by way of comparing.
PANES = {"curtain": 1, "blind": 1, "two": 1, "four": 3}
LEAST_SHARE = 0.04


class Comparison(Feature):
    """Comparison of up to four pictures of the city, side by side or under a curtain, with one camera."""

    name = "comparison"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self.bar = CompareBar(self.appearance, context.canvas)
        context.canvas.add_card(self.bar)
        self.mode = ""
        self.share = 0.5
        self.panes: list[Pane] = []
        self.divider = Divider(self.appearance, context.canvas)
        self.divider.hide()
        self.divider.dragged.connect(self._on_dragged)
        self.name_tag = NameTag(self.appearance, context.canvas)
        self.name_tag.hide()
        context.canvas.names = lambda: (self.name_tag, *(pane.name for pane in self.panes))
        self.name_tag.pressed.connect(lambda at: self._menu(None, at))
        self._telling = False
        bar, ask = self.bar, self.guard
        bar.mode_chosen.connect(ask(self.start))
        bar.snapshot_requested.connect(ask(self.take_picture))
        bar.closed.connect(self.put_away)
        context.canvas.view.turned.connect(lambda: self._follow(context.canvas.view))
        context.canvas.view.camera_moved.connect(lambda: self._follow(context.canvas.view))

        context.requests.compare_themes.answer_with(self.compare_with)

    # --- requests of the action table ------------------------------------------------------------------------------
    def open(self, mode: str = "") -> None:
        """Open the card and compare, or end the comparison where it is on in this way."""
        if self.mode and mode in ("", self.mode) and self.bar.isVisible():
            self.stop()
        else:
            self.start(mode or self.mode or "curtain")

    def start(self, mode: str) -> None:
        """Compare in a way."""
        self.context.open_card(self.bar)
        self.context.canvas.set_rooms(None)  # nothing is laid out by halves
        self.mode = mode
        self.bar.show_mode(mode)
        while len(self.panes) > PANES[mode]:
            self.panes.pop().end()
        while len(self.panes) < PANES[mode]:
            self._add()
        self.context.canvas.set_rooms(self._lay_out)
        self.refresh()

    def stop(self) -> None:
        """Show one picture again."""
        self.mode = ""
        self.name_tag.hide()
        self.context.canvas.set_rooms(None)
        while self.panes:
            self.panes.pop().end()
        self.divider.hide()
        self.bar.hide()

    def put_away(self) -> None:
        """Close the card; the comparison ends with it only when its own cross is pressed."""
        if self.sender() is self.bar and self.bar.isVisible() and not self.context.canvas.is_exchanging:
            self.stop()
        self.bar.hide()
        self.context.canvas.view.setFocus()

    def set_pane(self, number: int, scene: SceneState, title: str) -> None:
        """Show a pane (from 0, beside the window's own picture) in another way."""
        self.panes[number].project.set_scene(scene)
        self.panes[number].show_title(title)

    def compare_with(self, theme: Theme, title: str) -> None:
        """Compare the picture under a curtain with the same scene in another theme."""
        self.start("curtain")
        self.set_pane(0, replace(scene_of(self.session.project.state), theme=theme), title)

    def take_picture(self) -> None:
        """Ask where, and write the comparison as one picture."""
        path, _ = QFileDialog.getSaveFileName(
            self.context.window, self.appearance.word("compare.snapshot"), str(self.context.folder() / "compare.png"),
            "PNG (*.png)",
        )  # fmt: skip
        if path:
            self.write_picture(Path(path) if Path(path).suffix else Path(f"{path}.png"))

    def write_picture(self, out: Path) -> None:
        """Write the comparison as one picture, as large as the middle of the window."""
        scene, canvas = self.context.scene_sync.scene, self.context.canvas
        if scene is None or not self.mode:
            return
        ratio = canvas.devicePixelRatioF()
        size = (round(canvas.width() * ratio) // 2 * 2, round(canvas.height() * ratio) // 2 * 2)
        state = self.session.project.state
        panes = ((self._own_title(), scene_of(state)), *((pane.title, pane.project.scene) for pane in self.panes))
        spec = ComparisonSpec(self.mode, panes, scene.camera, size, self.share, self.appearance.dark)
        take_comparison(self.session, spec, out)

    # --- following -------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Follow project, language and theme."""
        if not self.mode:
            return
        if not self.session.project.state.layers or self.context.scene_sync.scene is None:
            self.stop()
            return
        self.name_tag.say(self._own_title())
        for pane in self.panes:
            if (
                pane.scene_sync.scene is not None
                and pane.scene_sync.scene.shares_camera(self.context.scene_sync.scene) is False
            ):
                pane.scene_sync.scene.share_camera(self.context.scene_sync.scene)
            pane.scene_sync.set_lang(self.session.lang)
            pane.scene_sync.set_dark(self.appearance.dark)
            pane.scene_sync.visibility.set_measures(self.context.scene_sync.visibility.measures)
            pane.scene_sync.underground.show_notes(self.context.scene_sync.underground.shows_notes)
            pane.view.may_dive = self.context.canvas.view.may_dive
        self.context.canvas.arrange()

    def end(self) -> None:
        """Stop watching; the window closes, and nobody lays out pictures that are gone."""
        self.context.canvas.set_rooms(None)
        while self.panes:
            self.panes.pop().end()
        super().end()

    def _add(self) -> None:
        scene = scene_of(self.session.project.state)
        plain = replace(scene, theme=Theme())
        pane = Pane(self.context, plain, self.appearance.word("action.theme.plain"))
        pane.view.camera_moved.connect(lambda: self._follow(pane.view))
        pane.view.turned.connect(lambda: self._follow(pane.view))
        pane.view.clicked.connect(self.guard(self.context.requests.click))
        pane.view.cursor_moved.connect(self.guard(self.context.requests.show_cursor))
        pane.menu_requested.connect(lambda at: self._menu(pane, at))
        pane.show()
        self.panes.append(pane)

    def _follow(self, moved: View3D) -> None:
        """Draw the others again when one view has moved the camera that all look through."""
        if self._telling or not self.mode:
            return
        self._telling = True
        try:
            views = [self.context.canvas.view, *(pane.view for pane in self.panes)]
            for view in views:
                if view is not moved:
                    if moved.is_moving:
                        view.set_moving(True)
                        view.set_moving(False)
                    view.mark_dirty()
        finally:
            self._telling = False

    # --- the middle of the window ----------------------------------------------------------------------------------
    def _lay_out(self, room: QRect) -> QRect:
        """Put panes, divider and names into the middle of the window; return what is left to the window's own view."""
        width, height = room.width(), room.height()
        across, down = round(width * self.share), round(height * self.share)
        own = QRect(room)
        if self.mode in ("curtain", "blind"):
            upright = self.mode == "curtain"
            pane = self.panes[0]
            place = QRect(across, 0, width - across, height) if upright else QRect(0, down, width, height - down)
            pane.picture = lambda: QRect(-pane.x(), -pane.y(), width, height)
            pane.setGeometry(place)
            self.divider.lie(across if upright else down, height if upright else width, upright=upright)
            seen = QRect(0, 0, across, height) if upright else QRect(0, 0, width, down)
        else:
            left, top = width // 2, height // 2 if self.mode == "four" else height
            places = [QRect(left + 1, 0, width - left - 1, top - (self.mode == "four"))]
            if self.mode == "four":
                places += [QRect(0, top + 1, left - 1, height - top - 1),
                           QRect(left + 1, top + 1, width - left - 1, height - top - 1)]  # fmt: skip
            for pane, place in zip(self.panes, places, strict=True):
                pane.picture = pane.rect
                pane.setGeometry(place)
            own = seen = QRect(0, 0, left - 1, top - (self.mode == "four"))
        for pane in self.panes:
            pane.arrange()
            pane.raise_()
        self.divider.setVisible(self.mode in ("curtain", "blind"))
        self.divider.raise_()
        self.name_tag.show()
        self.name_tag.adjustSize()
        top = seen.bottom() - self.name_tag.height() - self.context.canvas.low_px
        self.name_tag.move(seen.center().x() - self.name_tag.width() // 2, top)
        self.name_tag.raise_()
        return own

    def _on_dragged(self, at: QPoint) -> None:
        canvas = self.context.canvas
        share = at.x() / canvas.width() if self.mode == "curtain" else at.y() / canvas.height()
        self.share = min(max(share, LEAST_SHARE), 1 - LEAST_SHARE)
        canvas.arrange()

    # --- what a pane shows -----------------------------------------------------------------------------------------
    def _own_title(self) -> str:
        state, lang = self.session.project.state, self.session.lang
        held = scene_of(state)
        named = next((theme.title(lang) for theme in state.layer_themes if theme.scene == held), "")
        return named or theme_title(self.appearance.word, state.theme)

    def _menu(self, pane: Pane | None, at: QPoint) -> None:
        """Offer what a picture can show: themes of layers, colours, single layers."""
        menu = self.menu_of(pane)
        menu.exec(at)
        menu.deleteLater()

    def menu_of(self, pane: Pane | None) -> QMenu:
        """Return the menu of a pane, of the window's own picture for None."""
        from app.usecases.layers import layers
        from app.usecases.views import annotations_and_flights as views

        session, word, lang = self.session, self.appearance.word, self.session.lang
        state = session.project.state
        shown = scene_of(state) if pane is None else scene_of(pane.project.state)
        menu = QMenu(self.context.window)

        def choose(scene: SceneState, title: str) -> None:
            if pane is not None:
                pane.project.set_scene(scene)
                pane.show_title(title)

        for theme in state.layer_themes:
            entry = menu.addAction(self.appearance.icon("stack"), plain_entry(theme.title(lang)))
            if pane is None:
                entry.triggered.connect(self.guard(lambda _=False, t=theme: views.apply_layer_theme(session, t.id)))
            else:
                entry.triggered.connect(lambda _=False, t=theme: choose(t.scene, t.title(lang)))
        if state.layer_themes:
            menu.addSeparator()
        for one, title in themes_of(self.context):
            entry = menu.addAction(plain_entry(title))
            entry.setCheckable(True)
            entry.setChecked(one == shown.theme)
            if pane is None:
                entry.triggered.connect(self.guard(lambda _=False, t=one: health.set_theme(session, t)))
            else:
                entry.triggered.connect(lambda _=False, t=one, text=title: choose(replace(shown, theme=t), text))
        menu.addSeparator()
        inner = menu.addMenu(self.appearance.icon("stack"), word("panel.layers"))
        for layer in reversed(state.layers):
            entry = inner.addAction(plain_entry(layer.title(lang)))
            entry.setCheckable(True)
            entry.setChecked(layer.id in shown.shown)
            if pane is None:
                entry.toggled.connect(self.guard(lambda on, id_=layer.id: layers.set_visible(session, id_, on)))
            else:
                entry.toggled.connect(lambda on, id_=layer.id: choose(_with_layer(shown, id_, on), pane.title))
        if pane is not None:
            menu.addSeparator()
            menu.addAction(word("compare.same"), lambda: choose(scene_of(state), self._own_title()))
            menu.addAction(self.appearance.icon("pencil-simple"), word("compare.rename"), lambda: self._rename(pane))
        return menu

    def _rename(self, pane: Pane) -> None:
        if name := self.context.ask_name("compare.rename", pane.title):
            pane.show_title(name)


def _with_layer(scene: SceneState, layer_id: str, on: bool) -> SceneState:
    shown = tuple(id_ for id_ in scene.shown if id_ != layer_id)
    hidden = tuple(id_ for id_ in scene.hidden if id_ != layer_id)
    return replace(scene, shown=(*shown, layer_id) if on else shown, hidden=hidden if on else (*hidden, layer_id))

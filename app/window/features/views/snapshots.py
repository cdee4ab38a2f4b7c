"""Pictures of the present view: what is asked before one is made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from app.usecases.views import snapshots
from app.window.feature import Feature
from app.window.features.views.theme_titles import themes_of
from viewers.widgets.common import dialogs


class Snapshots(Feature):
    """Asks for title, size and theme of a picture, and makes it."""

    name = "snapshots"

    def take(self) -> None:
        """Ask what the picture shall be like and where it goes, and make it."""
        context, session = self.context, self.session
        scene = context.scene_sync.scene
        if scene is None:
            return
        view, word = context.canvas.view, self.appearance.word
        size = (view.width(), view.height())
        ask = dialogs.SnapshotDialog(
            self.appearance,
            context.project_name(),
            themes_of(context),
            session.project.state.theme,
            size,
            context.window,
        )
        answer, choice = ask.ask(), ask.choice
        ask.deleteLater()
        if answer != "ok":
            return
        name = f"{choice.title or context.project_name()}.png"
        path, _ = QFileDialog.getSaveFileName(
            context.window, word("dialog.snapshot"), str(context.folder() / name), word("dialog.filter.picture")
        )
        if not path:
            return
        spec = snapshots.make_spec(
            session, scene.camera, size=(choice.width_px, choice.height_px), theme=choice.theme, title=choice.title,
            furniture=choice.furniture, dark=choice.dark, measures=context.scene_sync.visibility.measures,
            notes=context.scene_sync.underground.shows_notes,
        )  # fmt: skip
        out = Path(path) if Path(path).suffix else Path(f"{path}.png")
        snapshots.take_snapshot(session, replace(spec, lang=choice.lang), out)

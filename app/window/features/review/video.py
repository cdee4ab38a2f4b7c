"""A video along the agenda or a flight path, made in the background."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from app.usecases.review.video.making import make_video
from app.usecases.review.video.plan import HOLD_S, RATES, SIZES, VideoSpec
from app.window.feature import Feature
from models.core.errors import UserError
from models.views.flight_paths import Flight
from viewers.widgets.review.video_dialog import VideoDialog


class Videos(Feature):
    """Asks how a video is made, and has it made."""

    name = "video"

    def make(self) -> None:
        """Ask what is shown and where it goes, and make the video."""
        state, lang = self.session.project.state, self.session.lang
        ground = self.context.scene_sync.ground
        paths = [(path.id, path.title(lang), Flight(path, ground.height_m).duration_s) for path in state.paths]
        if not state.review.stops and not paths:
            raise UserError("video.no_agenda")
        ask = VideoDialog(self.appearance, len(state.review.stops), paths, SIZES, RATES, HOLD_S, self.context.window)
        answer = ask.ask()
        spec = VideoSpec(
            ask.frame_size, ask.fps, ask.seconds.value(), ask.path, ask.with_title.isChecked(),
            ask.with_captions.isChecked(), self.appearance.dark,
        )  # fmt: skip
        ask.deleteLater()
        if answer != "ok":
            return
        start = self.context.folder() / f"{self.context.project_name() or self.appearance.word('window.untitled')}.mp4"
        path, _ = QFileDialog.getSaveFileName(
            self.context.window, self.appearance.word("video.title"), str(start), self.appearance.word("video.filter")
        )
        if path:
            make_video(self.session, spec, Path(path) if Path(path).suffix else Path(f"{path}.mp4"))

"""How a project looked when it was left: its camera comes back, its picture stands on the welcome page."""

from __future__ import annotations

from pathlib import Path

from app.background.jobs import Job
from app.project_memory import Remembered
from app.window.feature import Feature
from app.window.window_context import WindowContext
from models.core.watch import watch
from models.views.camera import Camera
from viewers.widgets.common.thumbnails import picture_of


class LastView(Feature):
    """Remembers the view of the open project when it is saved or left."""

    name = "last_view"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        project = self.session.project
        self._path, self._synthetic = project.path, False
        context.scene_sync.last_camera = self._camera
        self.stops += [
            watch(project.path_changed, self._on_path_changed),
            watch(self.session.jobs.changed, self._on_job_changed),
        ]

    def refresh(self) -> None:
        """Note what the picture shows."""
        self._synthetic = self.session.project.state.synthetic

    def end(self) -> None:
        """Remember the view; the window closes."""
        self._keep(self._path)
        super().end()

    def _camera(self) -> Camera | None:
        path, frame = self.session.project.path, self.session.project.state.frame
        if path is None or frame is None:
            return None
        known = self.session.memory.of(path)
        return known.camera if known.frame == frame.horizontal else None

    def _on_path_changed(self, path: Path | None) -> None:
        """Keep the view of the project that was open: the picture still shows it."""
        self._keep(self._path)
        self._path = path

    def _on_job_changed(self, job: Job) -> None:
        if job.title == "job.save_project" and job.state == "done":
            self._keep(self.session.project.path)

    def _keep(self, path: Path | None) -> None:
        sync = self.context.scene_sync
        if path is None or path != self._path or sync.scene is None or not sync.has_picture:
            return
        picture = picture_of(self.context.canvas.view) or self.session.memory.of(path).picture
        frame = sync.scene.frame.horizontal
        self.session.memory.keep(path, Remembered(sync.scene.camera, frame, picture, self._synthetic))

"""A picture that is dropped on the window brings its view back, and says what has changed since it was made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QImage, QImageReader

from app.usecases.views import returning
from app.usecases.views.returning import Found
from app.window.feature import Feature
from app.window.window_context import WindowContext
from models.views.seen import Change
from viewers.texts.seen_texts import change_texts
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.views.changes_card import ChangesCard, OtherProject, PictureOver

SUFFIXES = (".png", ".pdf")
#: How often it is looked whether the project that a picture names is there, and how often at the most.
WAIT_MS, MOST_WAITS = 200, 1500
#: A picture is laid over the view no finer than this, pixels of its longer side.
MOST_PX = 3000


class Returning(Feature):
    """Opens pictures and sheets that carry how they were made."""

    name = "returning"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self.card = card = ChangesCard(self.appearance, context.canvas)
        self.over = PictureOver(context.canvas)
        context.canvas.add_card(card)
        context.canvas.arranged.connect(self._lay_over)
        card.closed.connect(self.close)
        card.picture_wanted.connect(self._show_picture)
        self._found: Found | None = None
        self._waits = 0
        self._timer = QTimer(self, interval=WAIT_MS)
        self._timer.timeout.connect(self.guard(self._look))
        context.requests.open_picture.answer_with(self.open)

    def open(self, path: Path) -> bool:
        """Bring back what a picture or sheet shows; False for a file that does not say how it was made."""
        from viewers.sheets.record import has_record

        if path.suffix.lower() not in SUFFIXES or not path.is_file() or not has_record(path):
            return False
        self.session.run("job.read_picture", lambda _: returning.read(path), self._take, file=path.name)
        return True

    def close(self) -> None:
        """Put the card and the old picture away; the view stays."""
        self._timer.stop()
        self.card.hide()
        self.over.hide()

    def end(self) -> None:
        """Wait for nothing."""
        self._timer.stop()
        super().end()

    # --- the way back -----------------------------------------------------------------------------------------------

    def _take(self, found: Found) -> None:
        project = self.session.project
        named = Path(found.view.project) if found.view is not None and found.view.project else None
        self._found = found
        is_open = bool(project.state.layers)
        if named is None or (project.path is not None and project.path.resolve() == named):
            self._bring_back()
            return
        answer = "here" if is_open and not named.is_file() else self._ask(found.path, named, is_open)
        if answer == "open":
            self._waits = 0
            self.context.requests.open_paths([str(named)])
            self._timer.start()
        elif answer == "here":
            self._bring_back()

    def _ask(self, path: Path, project: Path, is_open: bool) -> str:
        ask: Ask = OtherProject(
            self.appearance, path.name, project.name, self.context.window, exists=project.is_file(), is_open=is_open
        )
        answer = ask.ask()
        ask.deleteLater()
        return answer

    def _look(self) -> None:
        """See whether the project that a picture names is open and drawn by now."""
        self._waits += 1
        found, path, sync = self._found, self.session.project.path, self.context.scene_sync
        if found is None or found.view is None or self._waits > MOST_WAITS:
            self._timer.stop()
            return
        is_open = path is not None and path.resolve() == Path(found.view.project)
        if is_open and sync.scene is not None and sync.has_picture and not sync.is_loading:
            self._timer.stop()
            self._bring_back()

    def _bring_back(self) -> None:
        found = self._found
        if found is None:
            return
        work = returning.what_changed(self.session, found)
        if found.view is None:
            if found.sheet is not None:
                self.context.requests.open_sheet(found.sheet)
        else:
            spec, scene = found.view, self.context.scene_sync.scene
            self.context.requests.close_dashboard()
            returning.show_view(self.session, spec)
            if scene is not None:
                self.context.canvas.view.fly_by(lambda: scene.set_camera(spec.camera))
        self.session.run("job.compare_picture", work, self._tell, file=found.path.name)

    def _tell(self, told: list[Change]) -> None:
        found = self._found
        if found is None:
            return
        unit = found.seen.unit if found.seen is not None else ""
        lines = change_texts(told, unit, self.session.lang)
        date = found.view.date if found.view is not None else ""
        knows = found.seen is not None or bool(found.content)
        self.card.show_changes(found.path.name, date, lines, knows=knows, has_picture=found.path.suffix == ".png")
        self.over.hide()
        self.context.open_card(self.card)

    # --- the picture as it was --------------------------------------------------------------------------------------

    def _show_picture(self, on: bool) -> None:
        found = self._found
        if not on or found is None:
            self.over.hide()
            return

        def work(_: Any) -> QImage:
            reader = QImageReader(str(found.path))
            QImageReader.setAllocationLimit(1024)
            size = reader.size()
            if max(size.width(), size.height()) > MOST_PX:
                reader.setScaledSize(size.scaled(MOST_PX, MOST_PX, Qt.AspectRatioMode.KeepAspectRatio))
            return reader.read()

        self.session.run("job.read_picture", work, self._lay, file=found.path.name)

    def _lay(self, image: QImage) -> None:
        if self.card.isVisible() and self.card.shows_picture and not image.isNull():
            self.over.show_image(image)
            self._lay_over()
            self.card.raise_()

    def _lay_over(self) -> None:
        self.over.setGeometry(self.context.canvas.view.geometry())

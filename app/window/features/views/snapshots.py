"""Pictures of the present view: one for the clipboard at once, or one that is asked about, drawn and written."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog

from app.background.jobs import Job
from app.notices import Notice
from app.usecases.health import health
from app.usecases.query import describe
from app.usecases.views import sketches, snapshots
from app.usecases.views.drawing_apart import Drawer
from app.window.feature import Feature
from app.window.features.views.theme_titles import themes_of
from app.window.requests import NoticeAction
from app.window.window_context import WindowContext
from models.core.errors import Cancelled
from models.project.selection import ObjectKey
from models.views.scene_state import Theme
from models.views.snapshot_spec import Callout, SnapshotSpec
from viewers.sheets.content import heading
from viewers.texts.values import indicator_value
from viewers.widgets.views.snapshot_dialog import SnapshotChoice, SnapshotDialog

#: What no file system takes in a name.
_NO_NAME = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')
#: More selected objects than this are marked in no picture.
MOST_SELECTED = 10_000


class Snapshots(Feature):
    """Puts the view on the clipboard; asks for title, size and theme of a picture, and makes it."""

    name = "snapshots"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        context.requests.notice_actions.append(NoticeAction(_is_written, "notice.open_folder", _show_in_folder))

    def copy(self) -> None:
        """Put what is in view on the clipboard as a sheet: the frame on the screen with title, legend and scale."""
        if self.context.scene_sync.scene is None:
            return
        image = self.context.canvas.view.grabFramebuffer()
        for paint in self.context.requests.over_picture:
            paint(image)
        spec = self._spec((image.width(), image.height()), self.session.project.state.theme)
        work = sketches.furnished(self.session, spec, image)

        def done(sheet: QImage) -> None:
            QGuiApplication.clipboard().setImage(sheet)
            self.session.notices.info("notice.picture_copied", width=sheet.width(), height=sheet.height())

        self.session.run("job.copy_picture", work, done)

    def take(self) -> None:
        """Ask what the picture shall be like and where it goes, and make it."""
        context, session = self.context, self.session
        if context.scene_sync.scene is None:
            return
        view = context.canvas.view
        image, size = view.grabFramebuffer(), (view.width(), view.height())
        theme, callout = session.project.state.theme, self._callout(session.project.state.theme)
        ask = SnapshotDialog(
            self.appearance, self._title(theme, callout), themes_of(context), theme, size,
            selected=callout.title if callout else "", parent=context.window,
            synthetic=any(layer.synthetic and layer.visible for layer in session.project.state.layers),
        )  # fmt: skip
        preview = _Preview(self, ask, image)
        drawer = None if session.jobs.inline else Drawer()  # it loads its libraries while the person chooses
        answer, choice = ask.ask(), ask.choice
        preview.end()
        ask.deleteLater()
        out = self._ask_file(choice) if answer == "ok" else None
        if out is None:
            if drawer is not None:
                drawer.end()
            return
        snapshots.take_snapshot(session, self.spec_of(choice), out, drawer=drawer)

    def spec_of(self, choice: SnapshotChoice) -> SnapshotSpec:
        """Return the specification of the picture that was chosen."""
        spec = self._spec(
            (choice.width_px, choice.height_px), choice.theme, title=choice.title, lang=choice.lang, dark=choice.dark,
            without=choice.without, dpi=choice.dpi, marked=choice.selection,
        )  # fmt: skip
        return replace(spec, transparent=choice.transparent)

    def title_for(self, theme: Theme) -> str:
        """Return the title that a picture under a theme has of itself."""
        return self._title(theme, self._callout(theme))

    def _spec(
        self, size: tuple[int, int], theme: Theme, *, title: str = "", lang: str = "", dark: bool | None = None,
        without: tuple[str, ...] = (), dpi: int = 0, marked: bool = True,
    ) -> SnapshotSpec:  # fmt: skip
        scene_sync, session = self.context.scene_sync, self.session
        scene = scene_sync.scene
        keys = tuple(session.selection.keys) if marked and len(session.selection.keys) <= MOST_SELECTED else ()
        callout = self._callout(theme) if marked else None
        spec = snapshots.make_spec(
            session, scene.camera if scene is not None else None, size=sketches.within_limits(size), theme=theme,
            title=title or self._title(theme, callout), dark=self.appearance.dark if dark is None else dark,
            measures=scene_sync.visibility.measures, notes=scene_sync.underground.shows_notes, without=without, dpi=dpi,
            selected=keys, callout=callout,
        )  # fmt: skip
        return replace(spec, lang=lang or session.lang)

    def _title(self, theme: Theme, callout: Callout | None) -> str:
        """Return indicator and object, or project and object: the title that a sheet has of itself."""
        result = health.kept(self.session, theme.indicator) if theme.kind == "indicator" else None
        subject = self.context.project_name() if result is None else result.definition.title(self.session.lang)
        return heading(subject, callout)

    def _callout(self, theme: Theme) -> Callout | None:
        """Return what is said of the selected object, at the place where it was clicked."""
        session, scene = self.session, self.context.scene_sync.scene
        keys = session.selection.keys
        if not keys or scene is None:
            return None
        key = keys[-1]
        if session.picked is not None and session.picked[0] == key:
            point = session.picked[1]
        else:
            box = scene.bounds_of([key])
            if box is None:
                return None
            x, y = (float(value) for value in (box[0, :2] + box[1, :2]) / 2)
            point = (x, y, float(box[1, 2]))
        title = describe.title_of(session, key)
        lines = self._said_of(key, theme, title)
        if len(keys) > 1:
            lines = (*lines, self.appearance.word("snapshot.callout.more", count=len(keys) - 1))
        return Callout(point, title, lines)

    def _said_of(self, key: ObjectKey, theme: Theme, title: str) -> tuple[str, ...]:
        session, word = self.session, self.appearance.word
        result = health.kept(session, theme.indicator) if theme.kind == "indicator" else None
        lines: list[str] = []
        if result is not None:
            for unit in result.units:
                if (unit.unit_layer, unit.unit_oid) == (key.layer, key.oid):
                    value = indicator_value(unit.value, result.definition.unit_text(session.lang), word("value.none"))
                    lines.append(f"{value}  {word(f'health.grade.{unit.grade}')}")
            reasons = dict.fromkeys(one.reason for one in result.problems if one.key == key)
            lines += [word(f"problem.{reason}") for reason in reasons if reason != "below_benchmark"]
        layer = session.project.state.layer(key.layer).title(session.lang)
        return tuple(lines or ([] if layer in title else [layer]))

    def _ask_file(self, choice: SnapshotChoice) -> Path | None:
        """Return where the picture goes, with the ending of its kind; None where that is cancelled."""
        context, word = self.context, self.appearance.word
        name = _NO_NAME.sub("_", choice.title or context.project_name()).strip(" .") or "picture"
        kinds = word("dialog.filter.picture").split(";;")
        if choice.suffix == ".pdf":
            kinds.reverse()
        path, _ = QFileDialog.getSaveFileName(
            context.window, word("dialog.snapshot"), str(context.folder() / f"{name}{choice.suffix}"), ";;".join(kinds)
        )
        if not path:
            return None
        out = snapshots.with_suffix(Path(path), choice.suffix)
        number = 2
        while out != Path(path) and out.exists():  # nobody was asked whether this one may go
            out = out.with_name(f"{Path(path).name} ({number}){choice.suffix}")
            number += 1
        return out


class _Preview:
    """Keeps the small picture of a dialog true to what is chosen; drawn by jobs, the latest wish wins."""

    def __init__(self, snapshots_: Snapshots, dialog: SnapshotDialog, image: QImage) -> None:
        self._owner, self._dialog, self._image = snapshots_, dialog, image
        self._kept: dict[Any, Any] = {}
        self._job: Job | None = None
        self._is_wanted = False
        self._is_closed = False
        self._theme: Theme | None = None
        dialog.changed.connect(self._draw)

    def end(self) -> None:
        """Draw no more; what is on its way finds nobody."""
        self._is_closed = True
        self._dialog.changed.disconnect(self._draw)
        if self._job is not None:
            self._job.cancel()

    def _draw(self) -> None:
        if self._job is not None and not self._job.is_over:
            self._is_wanted = True
            return
        self._is_wanted = False
        choice = self._dialog.choice
        if choice.theme != self._theme:
            self._theme = choice.theme
            self._dialog.propose_title(self._owner.title_for(choice.theme))
        session = self._owner.session
        spec = self._owner.spec_of(self._dialog.choice)
        work = sketches.sketched(session, spec, self._image, self._dialog.preview_width(), self._kept)
        self._job = session.jobs.run("job.picture_preview", work, self._show, failed=self._on_failed)
        self._job.ended.connect(self._on_ended)

    def _show(self, preview: Any) -> None:
        if not self._is_closed:
            self._dialog.show_preview(preview)

    def _on_failed(self, error: BaseException) -> None:
        if not isinstance(error, Cancelled):
            self._owner.session.fail(error)

    def _on_ended(self, _: Job) -> None:
        if self._is_wanted and not self._is_closed:
            self._draw()


def _is_written(notice: Notice) -> bool:
    return notice.key == "notice.written" and bool(notice.facts.get("path"))


def _show_in_folder(notice: Notice) -> None:
    """Show a file that was written in the system's file manager."""
    path = Path(str(notice.facts["path"]))
    if sys.platform == "win32" and path.exists():
        subprocess.Popen(["explorer", "/select,", str(path)])
    elif sys.platform == "darwin" and path.exists():
        subprocess.Popen(["open", "-R", str(path)])
    else:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))

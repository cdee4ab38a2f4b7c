"""Opening, adding and saving: projects and files, the sample city, the files opened last."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QFileDialog

from app.notices import Notice
from app.settings import home
from app.usecases.project import opening
from app.window.feature import Feature
from app.window.window_context import WindowContext
from models.core.progress import Progress
from models.core.watch import watch
from models.delivery.manifest import SUFFIX
from models.io.registry import dialog_patterns
from resources.visible_text import visible_text
from viewers.widgets.common import dialogs
from viewers.widgets.common.plain import plain_entry
from viewers.widgets.shell.welcome import RecentFile

_CHANGED = "error.store.changed_on_disk"
_CONFLICTS = (_CHANGED, "error.store.open_elsewhere")


class ProjectFiles(Feature):
    """The project's file and the files that are brought into it."""

    name = "project"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        #: Files that were opened, by name: one that does not say its CRS is opened again in the CRS that is asked for.
        self._opened: dict[str, Path] = {}
        #: While the window lives on for a saving that was begun before it is left.
        self._is_waiting = False
        self._recent_menu = context.commands.menus["file.recent"]
        self._recent_menu.aboutToShow.connect(self._fill_recent)
        welcome, ask = context.welcome, self.guard
        welcome.sample_requested.connect(ask(self.open_sample))
        welcome.open_requested.connect(ask(self.add_files))
        welcome.recent_requested.connect(ask(lambda path: self.open_paths([path])))
        requests = context.requests
        requests.open_paths.answer_with(self.open_paths)
        requests.add_files.answer_with(self.add_files)
        requests.may_leave.answer_with(self.may_leave)
        requests.handles_notice.answer_with(self._handles_notice)
        self.stops.append(watch(self.session.settings.changed, self._on_setting_changed))

    # --- requests of the action table ------------------------------------------------------------------------------
    def new_project(self) -> None:
        """Start from nothing."""
        if self.may_leave():
            opening.new_project(self.session)

    def open_project(self) -> None:
        """Ask for a file and open it."""
        self._ask_files("dialog.open", "dialog.filter.project")

    def add_files(self) -> None:
        """Ask for files and open them as layers."""
        self._ask_files("dialog.add", "dialog.filter.all")

    def open_sample(self) -> None:
        """Open the sample city, made first where it is not there yet."""
        path = sample_path(self.session.started_in)
        is_at_work = any(job.title == "job.make_sample" for job in self.session.jobs.active)
        if is_at_work or not opening.begin_opening(self.session, path.resolve()) or not self.may_leave():
            return
        if path.exists():
            opening.open_project(self.session, path)
            return

        def work(progress: Progress) -> None:
            from app.usecases.project.sample import make_sample

            path.parent.mkdir(parents=True, exist_ok=True)
            make_sample(path, 1, "small", progress)

        def done(_: object) -> None:
            opening.open_project(self.session, path)

        self.session.run("job.make_sample", work, done, file=path.name)

    def save_project(self) -> bool:
        """Save where the project lies, or ask where; False if that was cancelled."""
        if self.session.project.path is None:
            return self.save_project_as()
        opening.save_project(self.session)
        return True

    def save_project_as(self) -> bool:
        """Ask where to save; False if that was cancelled."""
        name = self.context.project_name() or self.appearance.word("window.untitled")
        start = str((self.session.project.path or self.session.started_in / f"{name}.gpkg").with_suffix(".gpkg"))
        path, _ = QFileDialog.getSaveFileName(
            self.context.window,
            self.appearance.word("dialog.save"),
            start,
            self.appearance.word("dialog.filter.project"),
        )
        if path:
            opening.save_project(self.session, Path(path))
        return bool(path)

    def quit(self) -> None:
        """Close the window, which asks about unsaved changes."""
        self.context.window.close()

    def open_paths(self, paths: Sequence[str | Path]) -> None:
        """Open projects and files; what has no CRS is asked about afterwards."""
        from models.store.project_file import is_project

        files = [path for path in map(Path, paths) if not self.context.requests.open_picture(path)]
        wanted = [path for path in files if self._is_new(path)]
        packages = [path for path in wanted if path.suffix.lower() == SUFFIX]
        if packages:  # one at a time, as a project
            if self.may_leave():
                self.context.requests.open_package(packages[-1])
            return
        if any(path.is_file() and is_project(path) for path in wanted) and not self.may_leave():
            return
        for path in wanted:
            self._open_one(path, "")

    def _is_new(self, path: Path) -> bool:
        """Whether a file is not just being opened: a card that is clicked twice opens once."""
        return opening.begin_opening(self.session, path.resolve())

    def may_leave(self) -> bool:
        """Ask about unsaved changes; whether the project may be left. A saving that still runs is waited for."""
        if self._is_waiting:
            return False
        if self._is_saving():
            self._wait_for_saving()
        if self.session.project.is_saved or not self.session.project.state.layers:
            return True
        name = self.context.project_name() or self.appearance.word("window.untitled")
        ask = dialogs.UnsavedQuestion(self.appearance, name, self.context.window)
        answer = ask.ask()
        ask.deleteLater()
        if answer != "save":
            return answer == "discard"
        if not self.save_project():
            return False
        return self._wait_for_saving()

    # --- following -------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """List the files opened last."""
        self._show_recent()

    def _on_setting_changed(self, name: str, _: object) -> None:
        if name == "recent":
            self._show_recent()

    def _show_recent(self) -> None:
        if self.session.project.state.layers:
            return  # nobody sees the welcome page
        recent = [(path, self.session.memory.of(Path(path))) for path in self.session.settings.get("recent")]
        self.context.welcome.set_recent([RecentFile(path, one.picture, one.synthetic) for path, one in recent])

    def _fill_recent(self) -> None:
        self._recent_menu.clear()
        recent = list(self.session.settings.get("recent"))
        for path in recent:
            act = self.guard(functools.partial(self.open_paths, [path]))
            self._recent_menu.addAction(plain_entry(Path(path).name), act).setStatusTip(visible_text(path))
        if not recent:
            self._recent_menu.addAction(self.appearance.word("welcome.no_recent")).setEnabled(False)

    def _open_one(self, path: Path, crs: str) -> None:
        self._opened[path.name] = path
        try:
            self.context.requests.open_file(path, crs)
        except Exception as error:  # refused before a job began
            self.session.fail(error)

    def _handles_notice(self, notice: Notice) -> bool:
        """Ask for the CRS of a file that does not say it, and what to do about a project that another saved."""
        if notice.key in _CONFLICTS:
            QTimer.singleShot(0, lambda: self._ask_conflict(notice))
            return True
        path = self._opened.get(str(notice.facts.get("file", "")))
        if notice.key != "error.io.no_crs" or path is None:
            return False
        QTimer.singleShot(0, lambda: self._ask_crs(path))
        return True

    def _ask_conflict(self, notice: Notice) -> None:
        path = self.session.project.path
        if self.context.is_closing:
            return
        is_own = path is not None and path.name == notice.facts.get("file")
        facts = {name: value for name, value in notice.facts.items() if name != "reload"}
        ask = dialogs.SaveConflict(
            self.appearance, notice.key, self.context.window, reload=is_own and notice.key == _CHANGED, **facts
        )
        answer = ask.ask()
        ask.deleteLater()
        if answer == "save_as":
            self.save_project_as()
        elif answer == "overwrite":
            target = path if is_own else Path(str(notice.facts["folder"])) / str(notice.facts["file"])
            opening.save_project(self.session, target, overwrite=True)
        elif answer == "reload" and path is not None:
            opening.open_project(self.session, path)

    def _ask_crs(self, path: Path) -> None:
        if not self.context.is_closing:
            self.context.requests.ask_missing_crs(path, self._open_one)

    def _ask_files(self, title: str, first_filter: str) -> None:
        word = self.appearance.word
        keys = [first_filter, *(key for key in ("dialog.filter.all", "dialog.filter.project") if key != first_filter)]
        filters = ";;".join(word(key, patterns=dialog_patterns()) for key in [*keys, "dialog.filter.any"])
        brief = QFileDialog.Option.HideNameFilterDetails
        paths, _ = QFileDialog.getOpenFileNames(
            self.context.window, word(title), str(self.context.folder()), filters, options=brief
        )
        if paths:
            self.open_paths(paths)

    def _wait_for_saving(self) -> bool:
        """Let the window live until the running save has ended; whether everything is on disk then."""
        loop = QEventLoop()
        timer = QTimer(interval=30)

        def look() -> None:
            if not self._is_saving():
                loop.quit()

        timer.timeout.connect(look)
        self._is_waiting = True
        try:
            timer.start()
            loop.exec()
            timer.stop()
        finally:
            self._is_waiting = False
        return self.session.project.is_saved

    def _is_saving(self) -> bool:
        return any(job.title == "job.save_project" for job in self.session.jobs.active)


def sample_path(started_in: Path) -> Path:
    """Return where the sample city lies: here, as ``make run`` leaves it, or in the user's own folder."""
    here = started_in / "sample.gpkg"
    return here if here.exists() else home() / "sample" / "sample.gpkg"

"""An atlas from the window: asked for with a look at its first sheet, made beside the work, its folder opened."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QImage
from PySide6.QtWidgets import QFileDialog

from app.notices import Notice
from app.usecases.health import health
from app.usecases.sheets.atlas.entries import pages_of
from app.usecases.sheets.atlas.keeping import keep_atlas, last_atlas
from app.usecases.sheets.atlas.making import make_atlas, usual_workers
from app.window.feature import Feature
from app.window.requests import NoticeAction
from app.window.window_context import WindowContext
from models.core.errors import Cancelled, UserError
from models.sheets.atlas.spec import AtlasSpec
from models.sheets.spec import PAPERS
from models.sheets.templates import templates
from viewers.widgets.sheets.atlas_dialog import AtlasDialog, Choice

#: Resolution of the first sheet as it is looked at.
PREVIEW_DPI = 60
#: Share of the time of a sheet that does not grow with its pixels.
_FIXED = 0.35


class AtlasMaker(Feature):
    """Asks for an atlas and has it made."""

    name = "atlas"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self._dialog: AtlasDialog | None = None
        self._preview: Any = None
        self._seconds: dict[str, float] = {}
        context.requests.notice_actions.append(NoticeAction(_is_made, "notice.open_folder", _open_folder))

    def make(self) -> None:
        """Ask for everything, then for a folder, and begin."""
        session = self.session
        kept = health.all_kept(session)
        indicators = [Choice(code, f"{code}  {kept[code].definition.title(session.lang)}") for code in sorted(kept)]
        offered = [(Choice(one.id, one.title(session.lang)), one.subjects) for one in templates()]
        spec = replace(last_atlas(session), lang=session.lang, dark=False)
        shown = session.project.state.theme.indicator
        if not spec.indicators and shown in kept:  # of what colours the city
            spec = replace(spec, indicators=(shown,))
        self._dialog = dialog = AtlasDialog(
            self.appearance, spec, indicators, offered, len(self._buildings()), self.context.window
        )
        dialog.changed.connect(self.guard(self._count))
        dialog.preview_wanted.connect(self.guard(self._draw_first))
        answer, wanted = dialog.ask(), self._wanted()
        self._dialog = None
        if self._preview is not None:
            self._preview.cancel()
        dialog.deleteLater()
        if answer != "ok":
            return
        folder = QFileDialog.getExistingDirectory(
            self.context.window, self.appearance.word("atlas.dialog.folder"), str(self.context.folder())
        )
        if folder:
            keep_atlas(session, wanted)
            make_atlas(session, wanted, Path(folder))

    def _wanted(self) -> AtlasSpec:
        """Return what is asked for; of buildings the selected ones, where there are any."""
        assert self._dialog is not None  # noqa: S101 - asked while it is open
        spec = self._dialog.spec
        chosen = self._buildings()
        return replace(spec, only=chosen) if spec.by == "building" and chosen else spec

    def _buildings(self) -> tuple[str, ...]:
        layers = {layer.id for layer in self.session.project.state.with_role("buildings")}
        by_layer = self.session.selection.keys.by_layer()
        return tuple(str(oid) for layer, oids in by_layer.items() if layer in layers for oid in oids.tolist())

    def _count(self) -> None:
        dialog = self._dialog
        if dialog is None:
            return
        spec = self._wanted()
        try:
            if spec.by in ("district", "community") and not spec.indicators:
                raise UserError("atlas.no_result")
            count = len(pages_of(self.session, spec))
        except UserError as error:
            dialog.show_count(0, self.appearance.word(f"error.{error.code}.cure", **error.facts))
            return
        dialog.show_count(count)
        dialog.show_time(self._estimate(spec, count))

    def _estimate(self, spec: AtlasSpec, count: int) -> float:
        """Return how long so many sheets take, seconds, from the one that was looked at; 0 where none was."""
        first = self._seconds.get(spec.by, 0.0)
        wide, tall = PAPERS[spec.paper]
        share = (spec.dpi / PREVIEW_DPI) ** 2 * (wide * tall) / (PAPERS["A4"][0] * PAPERS["A4"][1])
        return count * first * (_FIXED + (1 - _FIXED) * share) / usual_workers()

    def _draw_first(self) -> None:
        """Have the first sheet drawn as it will be, only smaller."""
        spec = replace(self._wanted(), paper="A4", dpi=PREVIEW_DPI, suffix=".png")
        folder = Path(tempfile.mkdtemp(prefix="chengjing_"))
        self._preview = job = make_atlas(self.session, spec, folder, workers=1, pages="1", quiet=True)
        job.ended.connect(lambda ended: self._show_first(ended, spec, folder))

    def _show_first(self, job: Any, spec: AtlasSpec, folder: Path) -> None:
        file = next(iter(sorted((folder / "pages").glob("*.png"))), None)
        image = QImage(str(file)) if file is not None else None
        shutil.rmtree(folder, ignore_errors=True)
        if job.state == "done":
            self._seconds[spec.by] = job.result.seconds_a_page
        dialog = self._dialog
        if dialog is None:
            return
        failed = job.error is not None and not isinstance(job.error, Cancelled)
        dialog.show_preview(image, self.appearance.word("atlas.dialog.failed") if failed else "")
        self._count()


def _is_made(notice: Notice) -> bool:
    return notice.key == "notice.atlas"


def _open_folder(notice: Notice) -> None:
    path = Path(str(notice.facts["path"]))
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path if path.is_dir() else path.parent)))

"""The report in the window: its blocks with their states, one edited, approved or locked; written and taken back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from app.usecases.health import health
from app.usecases.report import blocks, writing
from app.usecases.report.blocks import BlockView, Returned
from app.window.feature import Feature
from app.window.window_context import WindowContext
from models.report.blocks.states import State
from models.report.outline import outline
from models.report.text.marked import plain
from viewers.widgets.report.report_panel import BlockLine, ReportPanel
from viewers.widgets.report.take_back_dialog import TakeBackDialog

if TYPE_CHECKING:
    from viewers.documents.report.composing import MadeBlock


class ReportFeature(Feature):
    """Connects :class:`viewers.widgets.report.report_panel.ReportPanel` to the session."""

    name = "report"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        #: What is generated now, and of what it was.
        self._made: tuple[MadeBlock, ...] = ()
        self._basis: object = None
        self._shown: object = None
        self.panel = panel = ReportPanel(self.appearance)
        context.docks.add("report", panel)
        ask = self.guard
        panel.edited.connect(ask(self._edit))
        panel.approve_requested.connect(ask(lambda block: self._move(block, "approved")))
        panel.lock_requested.connect(ask(lambda block: self._move(block, "locked")))
        panel.open_requested.connect(ask(lambda block: self._move(block, "edited")))
        panel.anew_requested.connect(ask(self._anew))
        panel.generate_requested.connect(ask(self._generate))
        panel.write_requested.connect(ask(self.write))
        panel.take_back_requested.connect(ask(self.take_back))
        panel.shown.connect(ask(self.refresh))
        panel.compute_requested.connect(ask(lambda: context.commands.run("health.compute")))

    # --- requests of the action table ------------------------------------------------------------------------------
    def open(self) -> None:
        """Show the panel."""
        self.context.docks.bring_forward("report")
        self.refresh()

    def write(self) -> None:
        """Ask where, and write the report as a Word document."""
        word, name = self.appearance.word, self.session.project.state.name
        path, chosen = QFileDialog.getSaveFileName(
            self.context.window, word("report.write"),
            str(self.context.folder() / f"{name}{word('panel.report')}.docx"),
            f"{word('report.kind.docx')} (*.docx);;{word('report.kind.pdf')} (*.docx *.pdf)",
        )  # fmt: skip
        if not path:
            return
        file = Path(path)
        docx = file.with_suffix(".docx")
        pdf = file.with_suffix(".pdf") if chosen.startswith(word("report.kind.pdf")) else None
        writing.write_report(self.session, writing.Wanted(docx, pdf))

    def take_back(self) -> None:
        """Ask for a report that was edited in Word, show what changed, and take what is wanted."""
        if not self._made:
            self.open()
            return
        word = self.appearance.word
        path, _ = QFileDialog.getOpenFileName(
            self.context.window, word("report.take_back"), str(self.context.folder()),
            f"{word('report.kind.docx')} (*.docx)",
        )  # fmt: skip
        if path:
            self._show_returned(blocks.returned(self.session, Path(path), self._made), Path(path).name)

    # --- what hands do ---------------------------------------------------------------------------------------------
    def _block(self, block_id: str) -> MadeBlock | None:
        return next((one for one in self._made if one.id == block_id), None)

    def _edit(self, block_id: str, text: str) -> None:
        made = self._block(block_id)
        if made is not None:
            blocks.edit(self.session, made, text)

    def _move(self, block_id: str, state: State) -> None:
        blocks.move_to(self.session, block_id, state)

    def _anew(self, block_id: str) -> None:
        made = self._block(block_id)
        if made is not None:
            blocks.generate_anew(self.session, made)

    def _generate(self) -> None:
        left = blocks.generate(self.session, self._made)
        if left:
            self.session.notices.info("notice.report.left", count=len(left))

    def _show_returned(self, changed: tuple[Returned, ...], file: str) -> None:
        if not changed:
            self.session.notices.info("notice.report.nothing_changed", file=file)
            return
        rows = [(one.title, plain(one.before), plain(one.after), one.refused) for one in changed]
        dialog = TakeBackDialog(self.appearance, rows, file, self.context.window)
        if dialog.ask() == "ok":
            wanted = [one for one, is_chosen in zip(changed, dialog.chosen, strict=True) if is_chosen]
            blocks.take_back(self.session, wanted, self._made)
        dialog.deleteLater()

    # --- following -------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Show the blocks of the project; what is generated is made by a job while the panel is seen."""
        session, state = self.session, self.session.project.state
        has_results = bool(health.all_kept(session))
        self.panel.show_hint(not has_results)
        if not has_results or not self.panel.isVisible():
            return
        basis = (state.results, state.health, state.profile, state.review.report_templates, session.lang)
        if basis != self._basis:
            self._basis = basis
            work = blocks.composed_later(session)

            def done(made: tuple[MadeBlock, ...]) -> None:
                if self._basis == basis:
                    self._made, self._shown = made, None
                    self.context.refresh.soon()

            session.jobs.run("job.report_blocks", work, done, failed=session.fail)
        shown = (self._made, state.review.report_blocks, session.lang)
        if self._made and shown != self._shown:
            self._shown = shown
            self._show(blocks.views(session, self._made))

    def _show(self, found: tuple[BlockView, ...]) -> None:
        word, lang = self.appearance.word, self.session.lang
        heads = {one.id: one.heading(lang) for one in outline()}
        lines = []
        for one in found:
            kept = one.kept
            told = ""
            if kept is not None and (kept.by or kept.at):
                state = word(f"report.state.{one.state}")
                told = word("report.told", state=state, by=kept.by, at=kept.at[:16].replace("T", " "))
            if one.has_moved:
                told = f"{told}\n{word('report.moved')}" if told else word("report.moved")
            lines.append(
                BlockLine(
                    one.id,
                    heads.get(one.made.section, ""),
                    one.made.title,
                    one.state,
                    plain(one.text),
                    told,
                    one.is_missing,
                    one.has_moved,
                )
            )
        counts = {name: sum(one.mark == name for one in lines) for name in ("missing", "moved")}
        by_people = sum(one.state in ("edited", "approved", "locked") for one in found)
        self.panel.set_blocks(lines, word("report.summary", all=len(lines), people=by_people, **counts))


FEATURES: tuple[type[Feature], ...] = (ReportFeature,)

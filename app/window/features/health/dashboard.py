"""The dashboard: all indicators over the whole window; one that is opened shows what makes it bad in the city."""

from __future__ import annotations

from app.background.jobs import Job
from app.notices import Notice
from app.usecases.health import health
from app.window.feature import Feature
from app.window.features.health import board_values
from app.window.window_context import WindowContext
from models.core.watch import watch
from viewers.widgets.common.plain import plain_tip
from viewers.widgets.health.dashboard_page import DashboardPage


class Dashboard(Feature):
    """The page of all indicators."""

    name = "health_dashboard"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self._shown: object = None
        #: Whether the indicator that is open was opened from here.
        self._is_origin = False
        self.page = DashboardPage(self.appearance, context.window, context.commands.tool_bar, context.status)
        page, commands = self.page, context.commands
        page.compute_requested.connect(self.guard(lambda: commands.run("health.compute")))
        page.export_requested.connect(self.guard(lambda: commands.run("health.export")))
        page.profile_requested.connect(self.guard(lambda: commands.run("health.profile")))
        page.opened.connect(self.guard(self._open))
        page.left.connect(self.guard(self.close))
        page.board.wanted.connect(self.guard(self._show))
        context.requests.open_dashboard.answer_with(self.open)
        context.requests.close_dashboard.answer_with(self.page.hide)
        context.requests.return_to_dashboard.answer_with(self.open_again)
        context.docks.brought_forward.connect(lambda _: self.page.hide())  # the page would lie over the panel
        self.stops += [
            watch(self.session.jobs.changed, self._on_job_changed),
            watch(self.session.notices.added, self._on_notice_added),
        ]

    # --- requests of the action table ------------------------------------------------------------------------------
    def open(self) -> None:
        """Show all indicators; those that were not computed yet say so."""
        self._is_origin = False
        self._show()
        self.page.show_page()

    def open_again(self) -> None:
        """Show all indicators again, as they were left, where the one that was open was opened from here."""
        if self._is_origin:
            self.open()

    def toggle(self) -> None:
        """Show all indicators, or the city again."""
        if self.page.isVisible():
            self.close()
        else:
            self.open()

    def close(self) -> None:
        """Show the city again."""
        self.page.hide()
        self.context.canvas.view.setFocus()

    # --- following -------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Show the newest results; without a city there is no page."""
        if not self.session.project.state.layers and not self.session.project.state.results:
            self.page.hide()
        if self.page.isVisible():
            self._show()

    def _show(self) -> None:
        session, board, state = self.session, self.page.board, self.session.project.state
        wanted = board_values.Wanted(board.text, board.chosen, board.order)
        basis = (
            wanted,
            state.results,
            state.health,
            state.profile,
            health.old_codes(session),
            session.lang,
            state.theme,
            session.fitness,
        )
        if basis == self._shown:
            return
        self._shown = basis
        marked = state.theme.indicator if state.theme.kind == "indicator" else ""
        shown = board_values.board_of(session, wanted)
        board.show_groups(shown.groups, shown.counts, marked, shown.nothing)
        self.page.edition.setText(shown.edition)
        self.page.title.setToolTip(plain_tip(shown.edition))
        self.page.summary.setText(shown.summary)
        self.page.bar.set_parts([(share, self.appearance.colours[tint]) for share, tint in shown.parts])
        self.page.profile.setVisible(not state.profile.admin_class)

    def _open(self, code: str) -> None:
        """Open an indicator in the city; one that is never computed where it is entered."""
        self.page.hide()
        self._is_origin = True
        self.context.requests.open_indicator(code)

    def _on_job_changed(self, job: Job) -> None:
        if job.title == "job.compute_indicators":
            self.page.busy.setVisible(not job.is_over)
            self.page.compute.setEnabled(job.is_over)

    def _on_notice_added(self, notice: Notice) -> None:
        """Tell what goes wrong: the banner lies below the page."""
        if self.page.isVisible() and notice.level in ("error", "fault", "caution"):
            self.page.tell(notice.text(self.session.lang))

"""Trends and patterns in the window: run, read as sentences, looked at in the city and in charts, made cases."""

from __future__ import annotations

from app.usecases.trends import trends
from app.window.feature import Feature
from app.window.window_context import WindowContext
from models.trends.finding import Finding
from resources.words import word
from viewers.widgets.trends.trends_panel import FindingRow, TrendsPanel


class Trends(Feature):
    """The panel of findings."""

    name = "trends"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self.findings: tuple[Finding, ...] = ()
        self._channels: dict[int, int] = {}
        self._path, self._shown = self.session.project.path, object()
        self.panel = TrendsPanel(self.appearance)
        context.docks.add("trends", self.panel)
        panel = self.panel
        panel.run_requested.connect(self.guard(self.run))
        panel.go_requested.connect(self.guard(self._go))
        panel.chart_requested.connect(self.guard(self._chart))
        panel.case_requested.connect(self.guard(self._make_case))

    # --- requests of the action table ------------------------------------------------------------------------------
    def open_panel(self) -> None:
        """Show the findings."""
        self.context.docks.bring_forward("trends")
        self.refresh()

    def run(self) -> None:
        """Test what the project holds; what was found before stays until the run is done."""
        self.context.docks.bring_forward("trends")
        path = self.session.project.path

        def done(found: tuple[Finding, ...]) -> None:
            if path == self.session.project.path:
                self.findings = found
                self._channels = trends.channels_of(self.session, found)
                self.refresh()

        trends.find(self.session, self.guard(done))

    def refresh(self) -> None:
        """Show the findings in the language of the session; those of another project go."""
        session = self.session
        if self._path != session.project.path:
            self._path, self.findings, self._channels = session.project.path, (), {}
        stamp = (self.findings, session.lang)
        if stamp == self._shown:
            return
        self._shown = stamp
        note = ""
        if self.findings:
            made = sum(not one.refused for one in self.findings)
            holds = sum(one.holds for one in self.findings)
            note = session.word("cli.trends.tests", tests=made, holds=holds, refused=len(self.findings) - made)
            if session.project.state.synthetic:
                note = f"{note} {word('trends.synthetic', session.lang)}"
        rows = [_row(number, one, session.lang) for number, one in enumerate(self.findings)]
        self.panel.show_rows(rows, frozenset(self._channels), note)

    def _go(self, at: int) -> None:
        if 0 <= at < len(self.findings):
            place = trends.draft(self.session, self.findings[at]).component
            if place is not None:
                self.context.requests.go_to(place)

    def _chart(self, at: int) -> None:
        if at in self._channels:
            self.context.requests.chart_sensors((), (self._channels[at],))

    def _make_case(self, at: int) -> None:
        if 0 <= at < len(self.findings):
            self.context.requests.make_case(trends.draft(self.session, self.findings[at]))


def _row(at: int, one: Finding, lang: str) -> FindingRow:
    numbers = ("—", "—") if one.refused else (f"{one.p:.2g}", f"{one.q:.2g}")
    shown_in = "refused" if one.refused else "holds" if one.holds else "not"
    return FindingRow(at, shown_in, (trends.sentence(one, lang), one.test, f"{one.n:,}", *numbers))


FEATURES: tuple[type[Feature], ...] = (Trends,)

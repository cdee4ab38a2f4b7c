"""Live sources in the window: listed, set up with a look at their messages, started and stopped."""

from __future__ import annotations

import secrets as random_names
from collections.abc import Callable

from PySide6.QtCore import QTimer

from app.background.receiving import SourceState
from app.notices import notice_of
from app.usecases.layers.keys import keep
from app.usecases.readings import commands, feeds
from app.usecases.readings.live_city import LiveCity
from app.window.feature import Feature
from app.window.window_context import WindowContext
from models.core.addresses import Secrets
from models.core.progress import Progress
from models.io.live.commands import Command, Outcome
from models.readings.source import LiveSource
from resources.words import word
from viewers.texts.live_texts import command_log, heard_text, state_line, wrong_text
from viewers.widgets.readings.command_dialog import CommandDialog
from viewers.widgets.readings.source_dialog import SourceDialog
from viewers.widgets.readings.sources_panel import SourceRow, SourcesPanel

#: How often states are shown anew.
STATES_MS = 1_000


class Sources(Feature):
    """The panel of live sources."""

    name = "sources"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self.panel = SourcesPanel(self.appearance)
        context.docks.add("sources", self.panel)
        self._city = LiveCity(self.session)
        self._timer = QTimer(self, interval=STATES_MS)
        self._timer.timeout.connect(self._on_tick)
        self._timer.start()
        self.stops += [self._city.close, self._timer.stop]
        panel = self.panel
        panel.add_requested.connect(self.guard(self.add))
        panel.edit_requested.connect(self.guard(self._edit))
        panel.remove_requested.connect(self.guard(self._remove))
        panel.start_requested.connect(self.guard(self._start))
        panel.stop_requested.connect(self.guard(self._stop))

    # --- requests of the action table ------------------------------------------------------------------------------
    def open_panel(self) -> None:
        """Show the sources."""
        self.context.docks.bring_forward("sources")
        self.refresh()

    def add(self) -> None:
        """Set up a new source."""
        self._ask(LiveSource(random_names.token_hex(4), "", "mqtt", "", ("city/{sensor}/{quantity}",)))

    def command(self) -> None:
        """Write a command to equipment and send it once it is confirmed."""
        session, lang = self.session, self.session.lang

        def send(source_id: str, values: dict[str, str], show: Callable[[str, str], None]) -> None:
            who = values.pop("who")

            def done(outcome: Outcome) -> None:
                said = word(f"live.outcome.{outcome.state}", lang)
                show(f"{said}  {outcome.answer}".rstrip(), command_log(commands.log_of(session), lang))

            def failed(error: BaseException) -> None:
                notice = notice_of(error)
                show(f"{notice.text(lang)} {notice.cure(lang)}", command_log(commands.log_of(session), lang))

            session.jobs.run(
                "job.live_command",
                lambda _: commands.send(session, source_id, Command(**values), who),
                done,
                failed=failed,
            )

        dialog = CommandDialog(
            self.appearance, [(one.id, one.name) for one in feeds.sources_of(session) if one.commands],
            bool(session.settings.get("live_commands")), send,
            lambda on: session.settings.set("live_commands", on), command_log(commands.log_of(session), lang),
            self.context.window,
        )  # fmt: skip
        dialog.ask()
        dialog.deleteLater()

    def start_all(self) -> None:
        """Start all sources that are switched on."""
        self._start("")

    def stop_all(self) -> None:
        """Stop all sources."""
        self._stop("")

    def refresh(self) -> None:
        """Show the sources as they stand."""
        lang = self.session.lang
        self.panel.show_rows([
            SourceRow(
                source.id, source.name, state_line(state, lang) if state.is_on else source.address,
                wrong_text(state, lang), state.is_on, _tint(state),
            )
            for source, state in feeds.states(self.session)
        ])  # fmt: skip

    def _on_tick(self) -> None:
        self._city.catch_up()
        if self.session.feeds.is_on and self.panel.isVisible():
            self.refresh()

    def _edit(self, source_id: str) -> None:
        if source_id:
            self._ask(feeds.source_named(self.session, source_id))

    def _ask(self, source: LiveSource) -> None:
        held = self.session.keys.held(source.address)
        dialog = SourceDialog(self.appearance, source, held, self._preview, self.context.window)
        answer, made, secrets = dialog.ask(), dialog.source, dialog.secrets
        dialog.deleteLater()
        if answer != "ok":
            return
        feeds.put_source(self.session, made)
        if secrets and secrets != held:
            keep(self.session, made.address, secrets)
        self.refresh()

    def _preview(self, source: LiveSource, secrets: Secrets, show: Callable[[str], None]) -> None:
        lang = self.session.lang

        def work(_: Progress) -> str:
            came, decoded, decoder, error = feeds.preview(self.session, source, 4.0, 20, secrets or None)
            return heard_text([one.message for one in came], decoded, decoder.faults.by_kind(), error, lang)

        def failed(error: BaseException) -> None:
            notice = notice_of(error)
            show(f"{notice.text(lang)}\n{notice.cure(lang)}")

        self.session.jobs.run("job.live_preview", work, show, failed=failed)

    def _remove(self, source_id: str) -> None:
        if source_id:
            feeds.stop(self.session, source_id)
            feeds.remove_source(self.session, source_id)
            self.refresh()

    def _start(self, source_id: str) -> None:
        feeds.start(self.session, [source_id] if source_id else None)
        self.refresh()

    def _stop(self, source_id: str) -> None:
        feeds.stop(self.session, source_id)
        self.refresh()


def _tint(state: SourceState) -> str:
    if not state.is_on:
        return "text_faint"
    return "accent" if state.connected and not state.paused else "warn"

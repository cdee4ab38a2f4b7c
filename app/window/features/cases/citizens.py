"""Citizens' messages (12345) in the window: counts, the list, those without a place, cases made of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QFileDialog

from app.usecases.cases import citizens
from app.usecases.cases.citizens_listing import GROUPS, SHOWN, Messages, messages_of
from app.window.feature import Feature
from app.window.window_context import WindowContext
from models.project.selection import ObjectKey
from viewers.widgets.cases.citizens_panel import CitizensPanel, CountView, MessageView

#: So many messages are listed at once, and so wide the panel is, pixels.
MOST_ROWS, PANEL_PX = 1000, 400
#: Of a text so much is shown.
_MOST_TEXT = 240


class CitizensFeature(Feature):
    """The panel of messages and its actions."""

    name = "citizens"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self._stamp: object = None
        self._messages: Messages | None = None
        self._group: str | None = None
        panel = self.panel = CitizensPanel(self.appearance, GROUPS, SHOWN)
        dock = context.docks.add("citizens", panel)
        guard = self.guard
        dock.visibilityChanged.connect(guard(lambda on: self.refresh() if on else None))
        panel.changed.connect(guard(self._draw_list))
        panel.group_chosen.connect(guard(self._choose_group))
        panel.message_chosen.connect(guard(self._go))
        panel.case_requested.connect(guard(self._make_case))
        panel.import_requested.connect(guard(self.import_file))

    # --- requests of the action table ---------------------------------------------------------------------------------
    def open_panel(self) -> None:
        """Bring the panel forward."""
        self.context.docks.bring_forward("citizens")
        self.context.docks.widen("citizens", PANEL_PX)
        self.refresh()

    def import_file(self) -> None:
        """Ask for a table of messages; class, place and group them."""
        word = self.appearance.word
        path, _ = QFileDialog.getOpenFileName(
            self.context.window, word("citizens.open_file"), str(self.context.folder()),
            f"{word('citizens.tables')} (*.xlsx *.csv *.ods)",
        )  # fmt: skip
        if path:
            citizens.bring_in(self.session, Path(path), done=lambda _: self.open_panel())

    # --- following ----------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Show the messages of the project, once they are seen and as they change."""
        if not self.panel.isVisible():
            return
        state = self.session.project.state
        layers = tuple((one.id, one.source.options) for one in state.layers if citizens.MESSAGES in one.source.options)
        stamp = (layers, self.session.project.data_stamp(), self.session.lang, self.appearance.theme)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        self._messages = messages_of(self.session)
        if self._messages is None:
            self._group = None
            self.panel.show_nothing()
            return
        self._draw_counts()
        self._draw_list()

    def _choose_group(self, group: str | None) -> None:
        """List the messages of a group; all again where it was chosen already."""
        self._group = None if group == self._group else group
        self._draw_counts()
        self._draw_list()

    # --- drawing ------------------------------------------------------------------------------------------------------
    @property
    def _by(self) -> str:
        return str(self.panel.by.currentData())

    def _title(self, found: Messages, by: str, group: str) -> str:
        if not group:
            return self.session.word(f"citizens.unknown.{by}")
        return found.class_title(group, self.session.lang) if by == "class" else group

    def _draw_counts(self) -> None:
        found, word = self._messages, self.session.word
        if found is None:
            return
        count, unplaced = len(found.oids), found.unplaced
        told = word("citizens.told", count=f"{count:,}", matters=f"{found.matters:,}")
        if found.layer.synthetic:
            told = f"{word('app.synthetic')} · {told}"
        share = unplaced / count if count else 0.0
        counted = found.counted(self._by)
        most = max((number for name, number in counted if name), default=1)
        self.panel.show_counts(
            told, word("citizens.unplaced", count=f"{unplaced:,}", share=f"{share:.1%}"), share,
            [
                CountView(name, self._title(found, self._by, name), f"{number:,}", number / most if name else 0.0)
                for name, number in counted
            ],
            self._group,
        )  # fmt: skip

    def _draw_list(self) -> None:
        found, panel = self._messages, self.panel
        if found is None:
            return
        at = found.chosen(self._by, self._group, str(panel.which.currentData()), panel.search.text())
        told = self.session.word("citizens.shown", shown=f"{min(len(at), MOST_ROWS):,}", count=f"{len(at):,}")
        panel.show_list([self._row(found, int(one)) for one in at[:MOST_ROWS]], told)

    def _row(self, found: Messages, at: int) -> MessageView:
        said = {name: str(values[at]) for name, values in found.fields.items()}
        where = said["place"] or self.session.word("citizens.nowhere")
        case = self.session.word("citizens.speaks_of", case=said["case"]) if said["case"] else ""
        parts = (said["time"][:10], self._title(found, "class", said["class"]), where, case)
        title = said["subject"] or said["text"] or said["number"]
        return MessageView(int(found.oids[at]), title, " · ".join(filter(None, parts)), bool(said["place_kind"]))

    # --- doing --------------------------------------------------------------------------------------------------------
    def _go(self, oid: int) -> None:
        """Fly to where a message is placed, and show what it says."""
        found = self._messages
        if found is None:
            return
        at = int(np.flatnonzero(found.oids == oid)[0])
        said = {name: str(values[at]) for name, values in found.fields.items()}
        text = said["text"] or said["subject"]
        text = text if len(text) <= _MOST_TEXT else f"{text[:_MOST_TEXT]}…"
        where = said["address"] or said["place"] or self.session.word("citizens.nowhere")
        self.panel.show_message(f"{where}\n{text}")
        key = ObjectKey(found.layer.id, oid)
        if said["place_kind"]:
            self.context.requests.go_to(key)
        else:
            self.session.selection.set([key])

    def _make_case(self, oid: int) -> None:
        if self._messages is not None:
            self.context.requests.make_case(citizens.draft_of(self.session, self._messages.layer.id, oid))

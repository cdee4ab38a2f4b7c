"""Asks before a project from elsewhere goes anywhere: the bar above the view, and the details."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.usecases.project import opening, trust
from app.window.feature import Feature
from models.core.watch import watch
from viewers.widgets.shell.trust import Place, TrustBar, TrustQuestion

if TYPE_CHECKING:
    from app.window.window_context import WindowContext


class Trust(Feature):
    """What the open project may reach."""

    name = "trust"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self.bar = TrustBar(self.appearance)
        context.bars.addWidget(self.bar)
        #: The project that was not to be asked about again for now.
        self._put_off: Path | None = None
        ask = self.guard
        self.bar.trusted.connect(ask(self.trust))
        self.bar.put_off.connect(ask(self._on_put_off))
        self.bar.details_requested.connect(ask(self.show_details))
        self.stops.append(watch(self.session.withheld_changed, self._on_withheld_changed))

    def trust(self) -> None:
        """Let the project reach what it names, and remember it."""
        opening.trust_project(self.session)
        self.session.notices.info("notice.project.trusted")

    def show_details(self) -> None:
        """Show all that the project would reach, with the question."""
        name = self.context.project_name() or self.appearance.word("window.untitled")
        question = TrustQuestion(self.appearance, name, self._places(everything=True), self.context.window)
        answer = question.ask()
        question.deleteLater()
        if answer == "trust":
            self.trust()

    def refresh(self) -> None:
        """Follow the project: layers come and go."""
        asked = trust.asked_for(self.session)
        layers = {layer.id: place.where for place, wanting in asked.items() for layer in wanting}
        self.context.requests.show_withheld_layers(layers)
        is_put_off = self._put_off is not None and self._put_off == self.session.project.path
        self.bar.set_places([] if is_put_off else self._places())

    def _places(self, *, everything: bool = False) -> list[Place]:
        asked, lang = trust.asked_for(self.session), self.session.lang
        found = [Place(one.kind, one.where, tuple(x.title(lang) for x in layers)) for one, layers in asked.items()]
        rest = sorted(self.session.withheld - set(asked)) if everything else []
        return found + [Place(one.kind, one.where) for one in rest]

    def _on_withheld_changed(self) -> None:
        self._put_off = None
        self.context.refresh.soon()

    def _on_put_off(self) -> None:
        self._put_off = self.session.project.path
        self.refresh()

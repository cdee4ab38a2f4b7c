"""Pipes as they lie: the card of their colours, words, arrows and widths, over the ground that is looked through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.usecases.network import pipe_view
from app.window.feature import Feature
from models.core.watch import watch
from models.network.pipe_themes import pipe_themes
from models.views.scene_state import Theme
from models.views.visibility import GroundTransparency
from viewers.widgets.network.pipe_bar import PipeBar

if TYPE_CHECKING:
    from app.window.window_context import WindowContext

#: How the ground and the houses on it are looked through.
BELOW = GroundTransparency(0.3, 0.4)


class PipeViewing(Feature):
    """The card of the pipes and its actions."""

    name = "pipe_view"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self.bar = PipeBar(self.appearance, context.canvas)
        context.canvas.add_card(self.bar)
        bar, ask = self.bar, self.guard
        bar.below_switched.connect(ask(self._look_below))
        bar.colour_chosen.connect(ask(self.colour_by))
        bar.look_changed.connect(ask(lambda name, on: pipe_view.set_look(self.session, **{name: on})))
        bar.wider_chosen.connect(ask(lambda factor: pipe_view.set_wider(self.session, factor)))
        bar.closed.connect(self.put_away)
        context.requests.colour_themes.append(self._themes)
        self.stops.append(watch(self.session.visibility.through_changed, lambda _: self.refresh()))

    # --- requests of the action table ------------------------------------------------------------------------------
    def open(self) -> None:
        """Show the pipes under a ground that is looked through, with the card open."""
        pipe_view.show_pipes(self.session)
        if self.session.visibility.through is None:
            self._look_below(True)
        self.context.open_card(self.bar)
        self.refresh()

    def colour_by(self, by: str) -> None:
        """Colour the pipes by what is known of them, under a ground that is looked through."""
        pipe_view.colour_pipes(self.session, by)
        if by and self.session.visibility.through is None:
            self._look_below(True)

    def standard(self) -> None:
        """Give the pipes the colours of the standard again."""
        self.colour_by("")

    def switch(self, name: str) -> None:
        """Switch words, arrows or tints on or off."""
        look = pipe_view.view_of(self.session.project.state).look
        pipe_view.set_look(self.session, **{name: not getattr(look, name)})

    def put_away(self) -> None:
        """Close the card; the ground stays as it is looked through."""
        self.bar.hide()
        self.context.canvas.view.setFocus()

    # --- following -------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Follow project and language."""
        state = self.session.project.state
        if self.bar.isVisible() and not pipe_view.pipe_layers(state):
            self.put_away()
        if not self.bar.isVisible():
            return
        view, lang = pipe_view.view_of(state), self.session.lang
        themes = [("", self.appearance.word("pipes.standard"))]
        themes += [(name, pipe_themes()[name].title(lang)) for name in pipe_view.offered(self.session)]
        switches = {name: bool(getattr(view.look, name)) for name in ("labels", "arrows", "tints")}
        self.bar.show_view(themes, view.by, switches, view.wider, self.session.visibility.through is not None)

    def _look_below(self, on: bool) -> None:
        self.session.visibility.set_through(BELOW if on else None)

    def _themes(self) -> list[Theme]:
        return [Theme("pipes", name) for name in pipe_view.offered(self.session)]

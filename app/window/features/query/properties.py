"""The properties panel: what the selected object is, one of several at a time."""

from __future__ import annotations

from collections.abc import Callable

from app.usecases.bim import visibility
from app.usecases.query import describe
from app.window.feature import Feature
from app.window.requests import Described
from app.window.window_context import WindowContext
from models.core.errors import UserError
from viewers.widgets.layers.properties_panel import PropertiesPanel


class Properties(Feature):
    """Describes the selection."""

    name = "properties"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self._position = 0
        self._about: Callable[[], Described] | None = None
        self.panel = PropertiesPanel(self.appearance)
        context.docks.add("properties", self.panel)
        self.panel.zoom_requested.connect(self.guard(self._zoom))
        self.panel.step_requested.connect(self.guard(self._step))
        self.panel.go_requested.connect(self.guard(context.requests.go_to))
        context.requests.show_properties.answer_with(self.refresh)
        context.requests.show_sections.answer_with(self.show_sections)

    def refresh(self) -> None:
        """Describe the selection anew."""
        session, keys = self.session, self.session.selection.keys
        if self._about is not None:
            self._show_about()
            return
        if not keys:
            self.panel.show_nothing()
            return
        self._position = min(self._position, len(keys) - 1)
        key = keys[self._position]
        try:
            sections = describe.describe(session, key)
            title = describe.title_of(session, key)
            layer = session.project.state.layer(key.layer).title(session.lang)
        except UserError:  # its layer has just gone
            self.panel.show_nothing()
            return
        self.panel.show_object(title, layer, sections, self._position, len(keys))

    def on_selection_changed(self) -> None:
        """Describe what was selected last."""
        self._about = None
        self._position = max(len(self.session.selection.keys) - 1, 0)
        self.refresh()

    def show_sections(self, about: Callable[[], Described]) -> None:
        """Show what is no object's, as values of rasters at a place, until something is selected."""
        self._about = about
        self._show_about()

    def _show_about(self) -> None:
        try:
            title, sections = self._about() if self._about is not None else ("", ())
        except UserError:  # what it speaks of has just gone
            self._about = None
            self.refresh()
            return
        self.panel.show_object(title, "", sections)
        self.panel.zoom.setEnabled(False)

    def _zoom(self) -> None:
        self.context.scene_sync.zoom_to_keys(visibility.drawn_keys(self.session, self.session.selection.keys))

    def _step(self, step: int) -> None:
        count = len(self.session.selection.keys)
        if count:
            self._position = (self._position + step) % count
            self.refresh()

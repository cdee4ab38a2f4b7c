"""Themes of layers (专题): named sets of what is shown, switched in one step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from app.usecases.views import annotations_and_flights as views
from app.window.feature import Feature
from models.project.scene import is_shown
from viewers.widgets.common.plain import plain_entry
from viewers.widgets.views.view_dialogs import ThemesDialog

if TYPE_CHECKING:
    from app.window.window_context import WindowContext


class LayerThemes(Feature):
    """The menu of themes in the tool bar, and their dialog."""

    name = "layer_themes"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self.menu = QMenu(context.window)
        context.commands.add_tool_button("stack", "window.layer_themes", self.menu)
        self.menu.aboutToShow.connect(self.fill)
        self.dialog: ThemesDialog | None = None

    # --- requests of the action table ------------------------------------------------------------------------------
    def save(self) -> None:
        """Ask for a name and keep what is shown."""
        number = len(self.session.project.state.layer_themes) + 1
        if name := self.context.ask_name("themes.name", self.appearance.word("themes.proposal", number=number)):
            views.save_layer_theme(self.session, name)

    def next(self) -> None:
        """Switch to the next theme."""
        self._step(1)

    def last(self) -> None:
        """Switch to the theme before."""
        self._step(-1)

    def manage(self) -> None:
        """Show all themes, to order, rename, renew and delete them."""
        dialog = self.dialog = ThemesDialog(self.appearance, self.context.window)
        session, ask = self.session, self.guard
        dialog.apply_requested.connect(ask(lambda one: views.apply_layer_theme(session, one)))
        dialog.delete_requested.connect(ask(lambda one: views.delete_layer_theme(session, one)))
        dialog.update_requested.connect(ask(self._renew))
        dialog.rename_requested.connect(ask(self._rename))
        dialog.move_requested.connect(ask(lambda one, at: views.move_layer_theme(session, one, at)))
        self._show()
        dialog.ask()
        self.dialog = None
        dialog.deleteLater()

    # --- following -------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Follow project and language."""
        self._show()

    def fill(self) -> None:
        """Fill the menu with the themes there are."""
        state, lang = self.session.project.state, self.session.lang
        self.menu.clear()
        for theme in state.layer_themes:
            entry = QAction(plain_entry(theme.title(lang)), self.menu)
            entry.setCheckable(True)
            entry.setChecked(is_shown(state, theme.scene))
            switch = self.guard(lambda _=False, one=theme.id: views.apply_layer_theme(self.session, one))
            entry.triggered.connect(switch)
            self.menu.addAction(entry)
        if state.layer_themes:
            self.menu.addSeparator()
        for id_ in ("themes.save", "themes.manage"):
            self.menu.addAction(self.context.commands.actions[id_])
        self.context.commands.refresh()

    def _step(self, step: int) -> None:
        state = self.session.project.state
        themes = state.layer_themes
        if themes:
            at = next((n for n, theme in enumerate(themes) if is_shown(state, theme.scene)), -1 if step > 0 else 0)
            views.apply_layer_theme(self.session, themes[(at + step) % len(themes)].id)

    def _rename(self, theme_id: str) -> None:
        theme = views.find_layer_theme(self.session.project.state, theme_id)
        english = self.session.lang == "en" and bool(theme.name_en)
        name = self.context.ask_name("themes.rename", theme.title(self.session.lang))
        if name and english:
            views.rename_layer_theme(self.session, theme_id, theme.name, name)
        elif name:
            views.rename_layer_theme(self.session, theme_id, name)

    def _renew(self, theme_id: str) -> None:
        theme = views.find_layer_theme(self.session.project.state, theme_id)
        views.save_layer_theme(self.session, theme.name, theme.name_en)

    def _show(self) -> None:
        if self.dialog is not None:
            lang = self.session.lang
            self.dialog.show_themes([(one.id, one.title(lang)) for one in self.session.project.state.layer_themes])

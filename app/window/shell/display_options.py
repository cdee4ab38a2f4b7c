"""Theme and language of the window, and the full screen."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLibraryInfo, Qt, QTranslator
from PySide6.QtGui import QGuiApplication

from app.window.feature import Feature
from app.window.window_context import WindowContext
from models.core.watch import watch
from viewers.widgets.common.appearance import theme_name


class DisplayOptions(Feature):
    """Changes theme and language everywhere at once."""

    name = "display"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_system_theme_changed)
        self.stops.append(watch(self.session.settings.changed, self._on_setting_changed))
        context.canvas.legend_moved.connect(self._keep_legend)
        self._restore_legend()
        self.stops.append(watch(self.session.lang_changed, lambda _: self.apply_language()))

        self._qt_words = QTranslator(self)
        self._translate_qt()

    # --- requests of the action table ------------------------------------------------------------------------------
    def toggle_full_screen(self) -> None:
        """Fill the screen, or no longer."""
        self.context.window.setWindowState(self.context.window.windowState() ^ Qt.WindowState.WindowFullScreen)

    def set_theme(self, name: str) -> None:
        """Use the light, the dark or the system's theme."""
        self.session.settings.set("theme", name)

    def toggle_theme(self) -> None:
        """Change from light to dark or back."""
        self.set_theme("light" if self.appearance.dark else "dark")

    def set_lang(self, lang: str) -> None:
        """Use another language."""
        self.session.set_lang(lang)

    def apply_language(self) -> None:
        """Show everything in the language of the session."""
        self._translate_qt()
        self.appearance.change_language()
        self.context.scene_sync.set_lang(self.session.lang)
        self.context.refresh.now()

    def _keep_legend(self) -> None:
        """Remember where the legend is wanted."""
        canvas = self.context.canvas
        kept: dict[str, object] = {}
        if canvas.legend_place is not None:
            kept["place"] = [round(share, 4) for share in canvas.legend_place]
        if canvas.legend.is_folded is not None:
            kept["folded"] = canvas.legend.is_folded
        self.session.settings.set("legend", kept)

    def _restore_legend(self) -> None:
        kept = self.session.settings.get("legend")
        place = kept.get("place")
        if isinstance(place, list) and len(place) == 2 and all(isinstance(one, int | float) for one in place):
            self.context.canvas.legend_place = tuple(min(max(float(one), 0.0), 1.0) for one in place)  # type: ignore[assignment]
        if isinstance(kept.get("folded"), bool):
            self.context.canvas.legend.set_folded(kept["folded"])

    def _translate_qt(self) -> None:
        """Let Qt's own dialogs speak the language, too; English is what they speak by themselves."""
        QCoreApplication.removeTranslator(self._qt_words)
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        if self.session.lang == "zh" and self._qt_words.load("qtbase_zh_CN", folder):
            QCoreApplication.installTranslator(self._qt_words)

    def end(self) -> None:
        """Leave Qt its own language; the window closes."""
        QCoreApplication.removeTranslator(self._qt_words)
        super().end()

    def _apply_theme(self, name: str) -> None:
        self.appearance.change_theme(theme_name(name))
        self.context.scene_sync.set_dark(self.appearance.dark)
        self.context.refresh.now()

    def _on_setting_changed(self, name: str, value: object) -> None:
        if name == "theme":
            self._apply_theme(str(value))

    def _on_system_theme_changed(self) -> None:
        if self.session.settings.get("theme") == "system":
            self._apply_theme("system")

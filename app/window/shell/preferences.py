"""The settings dialog, and what a change of a setting does at once."""

from __future__ import annotations

import getpass
import tempfile
from pathlib import Path
from typing import Any

from app.settings import DEFAULTS, cache_folder, cache_home
from app.window.feature import Feature
from app.window.window_context import WindowContext
from models.core.errors import UserError
from models.core.value_text import byte_size
from models.core.watch import watch
from viewers.widgets.shell.settings_dialog import SettingsDialog

#: What the reset button sets back: what the dialog shows, and no key, server or base map.
SHOWN = ("lang", "theme", "area_unit", "mouse", "author", "default_crs", "autosave_min", "cache_folder", "cache_gb",
         "keep_recent", "keep_servers")  # fmt: skip


class Preferences(Feature):
    """Opens the settings and lets each change take its effect."""

    name = "preferences"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self.dialog: SettingsDialog | None = None
        context.canvas.view.mouse_scheme = str(self.session.settings.get("mouse"))
        self.stops.append(watch(self.session.settings.changed, self._on_changed))

    def open(self) -> None:
        """Show the settings."""
        facts = {"user": _user(), "cache": str(cache_home())}
        dialog = self.dialog = SettingsDialog(self.appearance, self.session.settings.get, facts, self.context.window)
        dialog.changed.connect(self.guard(self.change))
        dialog.reset_requested.connect(self.guard(self.reset))
        dialog.clear_cache_requested.connect(self.guard(self.clear_cache))
        dialog.crs_requested.connect(self.guard(self._choose_crs))
        self._count_cache()
        dialog.ask()
        self.dialog = None
        dialog.deleteLater()

    def change(self, name: str, value: Any) -> None:
        """Set a value; what cannot be used is said, and the dialog shows what holds."""
        try:
            if name == "cache_folder" and value:
                _require_usable(Path(str(value)))
            if name == "lang":
                self.session.set_lang(str(value))
            else:
                self.session.settings.set(name, value)
        finally:
            if self.dialog is not None:
                self.dialog.show_values()

    def reset(self) -> None:
        """Set all that the dialog shows back to what it was at first."""
        for name in SHOWN:
            self.change(name, DEFAULTS[name])

    def clear_cache(self) -> None:
        """Empty the cache; what is open stays open and is read again the next time."""
        cache = self.session.cache()
        if self.dialog is not None:
            self.dialog.show_cache("")
        self.session.run("job.clear_cache", lambda _: cache.clear(), lambda _: self._count_cache())

    def _count_cache(self) -> None:
        cache = self.session.cache()

        def done(size: int) -> None:
            if self.dialog is not None:
                self.dialog.show_cache(byte_size(size))

        self.session.run("job.count_cache", lambda _: cache.size_bytes, done)

    def _choose_crs(self) -> None:
        if crs := self.context.requests.ask_crs(str(self.session.settings.get("default_crs"))):
            self.change("default_crs", crs)

    def _on_changed(self, name: str, value: object) -> None:
        session = self.session
        if name == "mouse":
            self.context.canvas.view.mouse_scheme = str(value)
        elif name == "cache_folder":
            session.cache_root = cache_folder(session.settings)
            self._count_cache()
        elif name == "cache_gb":
            cache = session.cache()
            session.run("job.trim_cache", lambda _: cache.trim(), lambda _: self._count_cache())
        elif name == "keep_recent" and not value:
            session.settings.set("recent", [])
        elif name == "keep_servers" and not value:
            session.settings.set("servers", [])
        elif name == "area_unit":
            self.context.refresh.soon()


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a system that knows no users
        return ""


def _require_usable(folder: Path) -> None:
    probe = folder / "chengjing-cache"
    try:
        probe.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=probe):
            pass
    except OSError as error:
        raise UserError("settings.folder", folder=str(folder)) from error

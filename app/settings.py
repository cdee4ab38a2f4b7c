"""What the program remembers of its user: one TOML file, written atomically."""

from __future__ import annotations

import logging
import os
import tomllib
from pathlib import Path
from typing import Any

import platformdirs
import tomli_w
from psygnal import Signal

log = logging.getLogger(__name__)

DEFAULTS: dict[str, Any] = {
    "lang": "",  # empty: the system's
    "theme": "system",  # light, dark, system
    "recent": [],
    "cache_gb": 8,
    "author": "",  # empty: the name under which the person is logged in
    "basemap_keys": {},  # keys of map services by name, as older versions kept them
    "key_hosts": [],  # hosts for which the system's key store holds a key or a login
    "basemaps": [],  # the user's own addresses, as models.layers.basemaps.Basemap.as_options
    "window": {},
    "tables": {},  # columns hidden and widths given, by layer
    "servers": [],  # connections used before, without passwords
    "autosave_min": 5,  # minutes between copies of unsaved work; 0 keeps none
}


class Settings:
    """Named values with defaults.

    Signals
    -------
    changed : (str name, object value)

    Parameters
    ----------
    path : Path or None
        The file; None keeps everything in memory, as tests do.
    """

    changed = Signal(str, object)

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._values: dict[str, Any] = dict(DEFAULTS)
        if path is not None and path.exists():
            try:
                self._values.update(tomllib.loads(path.read_text(encoding="utf-8")))
            except (OSError, tomllib.TOMLDecodeError) as error:
                log.warning("settings %s cannot be read, starting with defaults: %s", path, error)

    @classmethod
    def of_user(cls) -> Settings:
        """Return the settings of the person at the machine (``CHENGJING_HOME`` overrides where they lie)."""
        return cls(home() / "settings.toml")

    def get(self, name: str) -> Any:
        """Return a value."""
        return self._values[name]

    def set(self, name: str, value: Any) -> None:
        """Change and keep a value; silent if it is equal."""
        if name not in DEFAULTS:
            raise KeyError(name)
        if self._values.get(name) == value:
            return
        self._values[name] = value
        self._write()
        self.changed.emit(name, value)

    def _write(self) -> None:
        if self.path is None:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            temporary = self.path.with_suffix(f".{os.getpid()}.tmp")
            temporary.write_bytes(tomli_w.dumps(self._values).encode())
            temporary.replace(self.path)
        except OSError as error:
            log.warning("settings cannot be kept: %s", error)


def home() -> Path:
    """Return the folder for settings and logs."""
    override = os.environ.get("CHENGJING_HOME")
    return Path(override) if override else Path(platformdirs.user_config_dir("chengjing", appauthor=False))


def cache_home() -> Path:
    """Return the folder for the geometry cache."""
    override = os.environ.get("CHENGJING_HOME")
    return Path(override) / "cache" if override else Path(platformdirs.user_cache_dir("chengjing", appauthor=False))

"""What the program remembers of its user: one TOML file, written atomically.

A file that was edited by hand or damaged costs what cannot be read of it and nothing else: a key of a wrong type has
its default, the others are kept, and the file as it was lies beside it (:attr:`Settings.put_aside`).
"""

from __future__ import annotations

import contextlib
import logging
import os
import tomllib
from pathlib import Path
from typing import Any

import platformdirs
import tomli_w
from psygnal import Signal

log = logging.getLogger(__name__)

#: In which encodings a file is tried that is not UTF-8: what editors of Windows write.
ENCODINGS = ("utf-8-sig", "utf-16", "gb18030")
#: Values of which there are few.
CHOICES = {
    "lang": ("", "zh", "en"), "theme": ("system", "light", "dark"), "area_unit": ("auto", "m2", "ha", "km2", "mu"),
    "mouse": ("chengjing", "qgis", "cesium", "blender"),
}  # fmt: skip
#: The largest whole number that is kept.
MOST = 1_000_000
DEFAULTS: dict[str, Any] = {
    "lang": "",  # empty: the system's
    "theme": "system",  # light, dark, system
    "recent": [],
    "cache_gb": 8,
    "cache_folder": "",  # empty: the system's for such; else a folder in which ours is made
    "area_unit": "auto",  # of areas that are measured
    "mouse": "chengjing",  # what the buttons do to the camera, viewers.widgets.canvas.mouse_schemes
    "default_crs": "",  # proposed where a file does not say its CRS and no layer is open
    "keep_recent": True,
    "alarm_rings": True,  # rings in the picture around the gravest alarms that nobody has seen
    "keep_servers": True,
    "author": "",  # empty: the name under which the person is logged in
    "basemap_keys": {},  # keys of map services by name, as older versions kept them
    "key_hosts": [],  # hosts for which the system's key store holds a key or a login
    "basemaps": [],  # the user's own addresses, as models.layers.basemaps.Basemap.as_options
    "window": {},
    "live_commands": False,  # whether this machine may send commands to equipment
    "time_line": True,  # show the time line where something has a time
    "service_radius": True,  # draw how far a selected facility serves
    "legend": {},  # where a hand has put it (shares of the free room), and whether it is folded
    "tables": {},  # columns hidden and widths given, by layer
    "folded_groups": [],  # groups of layers that were left folded
    "servers": [],  # connections used before, without passwords
    "autosave_min": 5,  # minutes between copies of unsaved work; 0 keeps none
}


#: About what a file of settings takes.
_PROBE_BYTES = 8192


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
        #: Keys that have their default because the file's value cannot be one; ``"*"`` for all of them.
        self.odd: tuple[str, ...] = ()
        #: A copy of the file as it was, where something of it could not be used.
        self.put_aside: Path | None = None
        if path is not None and path.exists():
            self._read(path)

    def _read(self, path: Path) -> None:
        try:
            data = path.read_bytes()
        except OSError as error:
            log.warning("settings %s cannot be read, starting with defaults: %s", path, error)
            self.odd = ("*",)
            return
        document = _parsed(data)
        if document is None:
            self.odd = ("*",)
        else:
            known = {name: value for name, value in document.items() if name in DEFAULTS}
            good = {name: mended(name, value) for name, value in known.items()}
            self.odd = tuple(name for name, value in good.items() if value != known[name])
            # What a later version keeps is kept, too.
            self._values |= {name: value for name, value in document.items() if name not in DEFAULTS} | good
        if self.odd:
            log.warning("settings %s: not usable: %s", path, ", ".join(self.odd))
            self.put_aside = put_aside(path)

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
        temporary = self.path.with_suffix(f".{os.getpid()}.tmp")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(tomli_w.dumps(self._values).encode("utf-8", "replace"))
            temporary.replace(self.path)
        except (OSError, TypeError, ValueError) as error:
            log.warning("settings cannot be kept: %s", error)
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)

    def can_be_kept(self) -> bool:
        """Whether something new would be kept: the folder can be written, and there is room."""
        if self.path is None:
            return True
        probe = self.path.with_suffix(f".{os.getpid()}.tmp")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            probe.write_bytes(b" " * _PROBE_BYTES)
        except OSError:
            return False
        finally:
            with contextlib.suppress(OSError):
                probe.unlink(missing_ok=True)
        return True


def mended(name: str, value: Any) -> Any:
    """Return a value of the settings as the program can use it: entries of a wrong kind left out, else the default."""
    usual = DEFAULTS[name]
    if name in CHOICES:
        return value if value in CHOICES[name] else usual
    if isinstance(usual, bool) or isinstance(value, bool):
        return value if isinstance(value, bool) and isinstance(usual, bool) else usual
    if isinstance(usual, int):
        return value if isinstance(value, int) and 0 <= value <= MOST else usual
    if isinstance(usual, str):
        return value if isinstance(value, str) else usual
    if isinstance(usual, list):
        kind, rows = dict if name in ("basemaps", "servers") else str, value if isinstance(value, list) else usual
        return [one for one in rows if isinstance(one, kind) and _holds_texts(one)]
    if not isinstance(value, dict):
        return usual
    if name == "tables":
        return {each: one for each, one in value.items() if _is_way(one)}
    return {each: one for each, one in value.items() if name != "basemap_keys" or isinstance(one, str)}


def _is_way(value: object) -> bool:
    """Whether a value says how the columns of a table are shown."""
    if not isinstance(value, dict):
        return False
    hidden, widths = value.get("hidden", []), value.get("widths", {})
    return (
        isinstance(hidden, list) and isinstance(widths, dict) and all(isinstance(one, int) for one in widths.values())
    )


def _holds_texts(value: object) -> bool:
    """Whether a row holds texts and numbers alone, and a text no NUL, with which no path can be asked for."""
    if isinstance(value, dict):
        return all(isinstance(one, (str, int, float)) for one in value.values())
    return "\x00" not in str(value)


def _parsed(data: bytes) -> dict[str, Any] | None:
    for encoding in ENCODINGS:
        try:
            return tomllib.loads(data.decode(encoding))
        except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
            continue
    return None


def put_aside(path: Path) -> Path | None:
    """Copy a file that cannot be used beside itself, and return the copy; None where that fails."""
    copy = path.with_name(path.name + ".damaged")
    try:
        copy.write_bytes(path.read_bytes())
    except OSError as error:
        log.warning("%s cannot be copied: %s", path, error)
        return None
    return copy


def home() -> Path:
    """Return the folder for settings and logs."""
    override = os.environ.get("CHENGJING_HOME")
    return Path(override).absolute() if override else Path(platformdirs.user_config_dir("chengjing", appauthor=False))


def cache_folder(settings: Settings) -> Path:
    """Return where the cache lies: in a folder of its own, so that clearing it takes nothing else."""
    chosen = str(settings.get("cache_folder"))
    return Path(chosen) / "chengjing-cache" if chosen else cache_home()


def cache_home() -> Path:
    """Return the folder for the geometry cache where no other was chosen."""
    override = os.environ.get("CHENGJING_HOME")
    return (
        Path(override).absolute() / "cache"
        if override
        else Path(platformdirs.user_cache_dir("chengjing", appauthor=False))
    )

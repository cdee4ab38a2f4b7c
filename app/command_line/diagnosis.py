"""Look at the machine: what graphics, fonts, libraries and places were found. Works without Qt and without a display.

Graphics drivers crash on some machines, so they are tried in child processes: a crash there is a finding.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import importlib.metadata
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.settings import cache_home, home
from resources import HERE
from resources.words import has, word

PROBE_SECONDS = 60
LOW_DISK_GB = 2.0

LIBRARIES = (
    "numpy", "pandas", "geopandas", "shapely", "pyproj", "pyogrio", "rasterio", "ifcopenshell", "pyarrow", "scipy",
    "vtk", "PySide6-Essentials", "qtawesome", "openpyxl", "pillow", "psygnal",
)  # fmt: skip

_GRAPHICS_PROBE = """
import json
import vtkmodules.vtkRenderingOpenGL2
from vtkmodules.vtkRenderingCore import vtkRenderWindow, vtkRenderer
window = vtkRenderWindow()
window.SetOffScreenRendering(1)
window.SetSize(16, 16)
window.AddRenderer(vtkRenderer())
window.Render()
said = {}
for line in window.ReportCapabilities().splitlines():
    name, _, value = line.partition(":")
    said[name.strip()] = value.strip()
print(json.dumps({
    "renderer": said.get("OpenGL renderer string", ""),
    "version": said.get("OpenGL version string", "").split(" ")[0],
    "backend": window.GetClassName(),
}))
"""

_WINDOW_PROBE = """
import json
from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication
app = QGuiApplication([])
print(json.dumps({"version": qVersion(), "platform": app.platformName()}))
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Parameters
    ----------
    topic : str
        ``doctor.<topic>`` is its heading.
    level : str
        ``"good"``, ``"caution"`` or ``"bad"``: works, works with limits, does not work.
    code : str
        ``doctor.<topic>.<code>`` is its sentence, ``….cure`` what to do.
    facts : dict
        Fields of the sentence.
    """

    topic: str
    level: str
    code: str
    facts: dict[str, Any] = field(default_factory=dict)

    def text(self, lang: str) -> str:
        """Return what was found."""
        return word(f"doctor.{self.topic}.{self.code}", lang, **self.facts)

    def cure(self, lang: str) -> str:
        """Return what to do, empty if nothing."""
        key = f"doctor.{self.topic}.{self.code}.cure"
        return word(key, lang, **self.facts) if has(key) else ""

    def as_dict(self, lang: str) -> dict[str, Any]:
        """Return a JSON-ready form."""
        return {
            "topic": self.topic, "level": self.level, "facts": self.facts,
            "text": self.text(lang), "cure": self.cure(lang),
        }  # fmt: skip


def examine() -> list[Finding]:
    """Look at everything; takes a few seconds."""
    return [_python(), _libraries(), _graphics(), _display(), *_window(), _fonts(), _disk(), _cache(), _settings()]


def has_display() -> bool:
    """Whether a window can be shown here."""
    if os.environ.get("QT_QPA_PLATFORM", "") in ("offscreen", "minimal"):
        return False
    if sys.platform in ("win32", "darwin"):
        return True
    return _wayland_answers() or _x_answers()


def _wayland_answers() -> bool:
    """Whether the compositor that WAYLAND_DISPLAY names answers; Qt ends the process where it does not."""
    name = os.environ.get("WAYLAND_DISPLAY")
    if not name or not hasattr(socket, "AF_UNIX"):
        return False
    try:
        with socket.socket(socket.AF_UNIX) as asked:
            asked.settimeout(2.0)
            asked.connect(str(Path(os.environ.get("XDG_RUNTIME_DIR", "")) / name))
    except OSError:
        return False
    return True


def _x_answers() -> bool:
    """Whether the X server that DISPLAY names answers; a name alone is no display."""
    if not os.environ.get("DISPLAY"):
        return False
    name = ctypes.util.find_library("xcb") or "libxcb.so.1"
    try:
        xcb = ctypes.CDLL(name)
    except OSError:
        return False
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    answers = not xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return answers


def _probe(code: str) -> dict[str, Any]:
    """Run Python in a child process and return the JSON it printed last, or ``{"reason": …}``."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=PROBE_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return {"reason": type(error).__name__}
    lines = done.stdout.strip().splitlines()
    if done.returncode == 0 and lines:
        try:
            said: dict[str, Any] = json.loads(lines[-1])
        except ValueError:
            return {"reason": lines[-1]}
        return said
    errors = done.stderr.strip().splitlines()
    return {"reason": errors[-1] if errors else f"exit {done.returncode}"}


def _python() -> Finding:
    return Finding("python", "good", "good", {"version": platform.python_version(), "place": sys.prefix})


def _libraries() -> Finding:
    versions, missing = {}, []
    for name in LIBRARIES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        return Finding("libraries", "bad", "bad", {"names": ", ".join(missing), "versions": versions})
    names = ", ".join(f"{name} {number}" for name, number in versions.items())
    return Finding("libraries", "good", "good", {"names": names, "versions": versions})


def _graphics() -> Finding:
    said = _probe(_GRAPHICS_PROBE)
    if "reason" in said:
        return Finding("graphics", "bad", "bad", said)
    software = any(name in said["renderer"].lower() for name in ("llvmpipe", "softpipe", "swrast", "swiftshader"))
    return Finding("graphics", "caution" if software else "good", "software" if software else "good", said)


def _display() -> Finding:
    if not has_display():
        return Finding("display", "caution", "none")
    name = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY") or platform.system()
    return Finding("display", "good", "good", {"name": name})


def _window() -> list[Finding]:
    if not has_display():
        return []
    said = _probe(_WINDOW_PROBE)
    bad = "reason" in said
    return [Finding("window", "bad" if bad else "good", "bad" if bad else "good", said)]


def _fonts() -> Finding:
    names = [path.name for path in sorted((HERE / "fonts").glob("*.otf"))]
    return Finding("fonts", "good" if names else "bad", "good" if names else "bad", {"names": ", ".join(names)})


def _disk() -> Finding:
    folder = Path.cwd()
    free_gb = shutil.disk_usage(folder).free / 1e9
    low = free_gb < LOW_DISK_GB
    facts = {"folder": str(folder), "free_gb": f"{free_gb:.1f}"}
    return Finding("disk", "caution" if low else "good", "low" if low else "good", facts)


def _cache() -> Finding:
    folder = cache_home()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK)
        used = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    except OSError:
        writable, used = False, 0
    facts = {"folder": str(folder), "used_mb": f"{used / 1e6:.0f}"}
    return Finding("cache", "good" if writable else "bad", "good" if writable else "bad", facts)


def _settings() -> Finding:
    return Finding("settings", "good", "good", {"file": str(home() / "settings.toml")})

"""What the buttons of the mouse do to the camera, as the programs do that people come from.

Pure tables: :mod:`viewers.widgets.canvas.view3d` asks :func:`mode_of` at each press. A click selects and a right click
opens the menu under every scheme; the wheel zooms.
"""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt

Mode = Literal["orbit", "pan", "zoom", ""]
#: Keys that are held, as far as a scheme asks for them.
Held = Literal["", "shift", "ctrl"]

#: By scheme, the mode of a drag by button and key. What a scheme does not name does nothing; a key that is not named
#: changes nothing. Sources: the 3D map view of the QGIS user manual, Cesium's ScreenSpaceCameraController, the Blender
#: manual (3D Viewport, Navigation).
SCHEMES: dict[str, dict[tuple[str, Held], Mode]] = {
    "chengjing": {("left", ""): "orbit", ("left", "shift"): "pan", ("middle", ""): "pan", ("right", ""): "zoom"},
    "qgis": {
        ("left", ""): "pan", ("left", "shift"): "orbit", ("left", "ctrl"): "orbit", ("middle", ""): "orbit",
        ("right", ""): "zoom",
    },
    "cesium": {("left", ""): "pan", ("left", "ctrl"): "orbit", ("middle", ""): "orbit", ("right", ""): "zoom"},
    "blender": {("middle", ""): "orbit", ("middle", "shift"): "pan", ("middle", "ctrl"): "zoom"},
}  # fmt: skip
_BUTTONS = {
    Qt.MouseButton.LeftButton: "left", Qt.MouseButton.MiddleButton: "middle", Qt.MouseButton.RightButton: "right",
}  # fmt: skip


def mode_of(scheme: str, button: Qt.MouseButton, keys: Qt.KeyboardModifier) -> Mode:
    """Return what a drag with a button does under a scheme; an unknown scheme is the program's own."""
    table = SCHEMES.get(scheme, SCHEMES["chengjing"])
    name = _BUTTONS.get(button, "")
    held: Held = (
        "shift" if keys & Qt.KeyboardModifier.ShiftModifier
        else "ctrl" if keys & Qt.KeyboardModifier.ControlModifier else ""
    )  # fmt: skip
    return table.get((name, held), table.get((name, ""), ""))

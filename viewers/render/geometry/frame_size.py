"""Size of a frame in the pixels of its reader: dense screens and doubled pictures draw several for each."""

from __future__ import annotations

from typing import Any

_PLAIN_DPI = 72


def density(renderer: Any) -> float:
    """Return how many pixels are drawn, in a row, for one that is seen: 2 on a dense screen and in a kept picture."""
    window = renderer.GetRenderWindow()
    return max(1.0, float(window.GetDPI()) / _PLAIN_DPI) if window is not None else 1.0


def set_density(window: Any, wanted: float) -> None:
    """Say how many pixels a render window draws, in a row, for one that is seen."""
    window.SetDPI(round(_PLAIN_DPI * wanted))


def seen_height(renderer: Any) -> float:
    """Return the height of the frame in pixels that are seen."""
    return float(renderer.GetSize()[1]) / density(renderer)

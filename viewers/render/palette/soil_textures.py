"""Procedural textures of excavated soil: strata of a wall, soil of a floor."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SIZE = 256


def wall() -> NDArray[np.float64]:
    """Return strata, (h, w, 3) 0…1, that repeat sideways and downwards."""
    picture = np.tile(np.array([168.0, 138.0, 104.0]), (SIZE, SIZE, 1))
    soft, fine = _grain(14, 30)
    rows = np.linspace(0, 2 * np.pi, SIZE, endpoint=False)[:, None] + 0.25 * soft
    band = 0.5 * np.sin(rows * 3) + 0.35 * np.sin(rows * 7 + 1.3) + 0.25 * np.sin(rows * 11 + 0.4)
    picture += band[..., None] * np.array([17.0, 15.0, 12.0])
    return _with_grain(picture, soft, fine)


def floor() -> NDArray[np.float64]:
    """Return bare soil, (h, w, 3) 0…1, that repeats both ways."""
    soft, fine = _grain(26, 30)
    return _with_grain(np.tile(np.array([150.0, 124.0, 96.0]), (SIZE, SIZE, 1)), soft, fine)


def _with_grain(
    picture: NDArray[np.float64], soft: NDArray[np.float64], fine: NDArray[np.float64]
) -> NDArray[np.float64]:
    picture = picture + soft[..., None] * np.array([6.0, 5.0, 4.0]) + fine[..., None] * np.array([7.0, 6.5, 6.0])
    return np.clip(picture / 255.0, 0.0, 1.0)


def _grain(across: float, along: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return coarse and fine noise of unit spread that repeats at the edges."""
    spectrum = np.fft.fft2(np.random.default_rng(4).normal(0.0, 1.0, (SIZE, SIZE)))
    fx, fy = np.meshgrid(np.fft.fftfreq(SIZE), np.fft.fftfreq(SIZE))
    soft = np.real(np.fft.ifft2(spectrum * np.exp(-((fx * across) ** 2 + (fy * along) ** 2))))
    fine = np.real(np.fft.ifft2(spectrum * np.exp(-((fx * 4) ** 2 + (fy * 4) ** 2))))
    return soft / soft.std(), fine / fine.std()

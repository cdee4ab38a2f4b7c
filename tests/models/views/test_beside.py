"""What filled a picture fills what is left of it when its right side is covered."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.views.camera import Camera, beside


def on_screen(camera: Camera, point: np.ndarray, aspect: float) -> tuple[float, float]:
    """Return where a point is seen, −1…1 across and up; plain vector arithmetic, as an independent reference."""
    eye, target = np.array(camera.position), np.array(camera.focal_point)
    ahead = (target - eye) / np.linalg.norm(target - eye)
    right = np.cross(ahead, camera.up)
    right /= np.linalg.norm(right)
    up = np.cross(right, ahead)
    way = point - eye
    half = camera.parallel_scale_m or float(way @ ahead) * math.tan(math.radians(camera.angle_deg / 2))
    return float(way @ right) / (half * aspect), float(way @ up) / half


@given(
    st.tuples(*[st.floats(-500, 500)] * 2), st.floats(50, 500), st.floats(0.05, 0.6), st.floats(1.2, 2.4),
    st.sampled_from([None, 120.0]),
)  # fmt: skip
def test_the_middle_of_the_picture_is_the_middle_of_what_is_left(
    at: tuple[float, float], high: float, covered: float, aspect: float, scale_m: float | None
) -> None:
    camera = Camera((at[0], at[1], high), (at[0] + 80.0, at[1] + 200.0, 0.0), parallel_scale_m=scale_m)
    moved = beside(camera, aspect, covered)
    across, up = on_screen(moved, np.array(camera.focal_point), aspect)
    assert across == pytest.approx(-covered, abs=1e-6)
    assert up == pytest.approx(0.0, abs=1e-6)


def test_what_stood_at_the_right_edge_stands_at_the_edge_of_the_cover() -> None:
    camera = Camera((0.0, 0.0, 100.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), parallel_scale_m=50.0)
    edge = np.array([100.0, 1.0, 0.0])
    assert on_screen(camera, edge, 2.0)[0] == pytest.approx(1.0)
    assert on_screen(beside(camera, 2.0, 0.25), edge, 2.0)[0] == pytest.approx(0.5)


def test_nothing_covered_leaves_the_camera() -> None:
    camera = Camera((0.0, 0.0, 100.0), (0.0, 1.0, 0.0))
    assert beside(camera, 1.5, 0.0) is camera

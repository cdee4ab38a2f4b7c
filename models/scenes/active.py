"""The scene that is on, and how the city was shown before it."""

from __future__ import annotations

from dataclasses import dataclass

from models.views.scene_state import SceneState
from models.views.sun import SunTime
from models.views.visibility import GroundTransparency


@dataclass(frozen=True, slots=True)
class ActiveScene:
    """A scene that is shown, and what leaving it brings back.

    Parameters
    ----------
    preset_id : str
    scene : SceneState
        As it was applied.
    before : SceneState
        What was shown before the first scene was applied.
    through_before : GroundTransparency or None
    sun_before : SunTime or None
    """

    preset_id: str
    scene: SceneState
    before: SceneState
    through_before: GroundTransparency | None = None
    sun_before: SunTime | None = None

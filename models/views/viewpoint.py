"""Viewpoints: saved views with a name, a camera and, where wanted, what of the city is shown."""

from __future__ import annotations

from dataclasses import dataclass

from models.views.camera import Camera
from models.views.scene_state import SceneState


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """A saved view: name (in the user's words) and camera.

    Parameters
    ----------
    id : str
        Stable id; also what ``--view`` takes, beside either name.
    name, name_en : str
        As shown.
    camera : Camera
    scene : SceneState or None
        Which layers, styles and theme belong to the view; None leaves them as they are.
    thumbnail : bytes
        A small JPEG of the view, empty for none.
    moment : str
        The moment that belongs to the view, ISO 8601 with its zone; empty leaves it as it is.
    """

    id: str
    name: str
    camera: Camera
    name_en: str = ""
    scene: SceneState | None = None
    thumbnail: bytes = b""
    moment: str = ""

    def title(self, lang: str) -> str:
        """Return the name in a language, falling back to the one there is."""
        return self.name_en if lang == "en" and self.name_en else self.name

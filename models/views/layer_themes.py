"""Layer themes (专题): named scene states that the city is switched to in one step."""

from __future__ import annotations

from dataclasses import dataclass

from models.views.scene_state import SceneState


@dataclass(frozen=True, slots=True)
class LayerTheme:
    """A named scene state that the city is switched to in one step.

    Parameters
    ----------
    id : str
    name, name_en : str
        As shown: ``"给排水"``.
    scene : SceneState
    """

    id: str
    name: str
    scene: SceneState
    name_en: str = ""

    def title(self, lang: str) -> str:
        """Return the name in a language, falling back to the one there is."""
        return self.name_en if lang == "en" and self.name_en else self.name

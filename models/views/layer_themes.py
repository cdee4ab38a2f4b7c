"""What is shown of the city and how, under a name: a theme (专题) of layers, or the state kept with a viewpoint."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from models.layers.layer import Layer, Style
from models.views.viewpoint import Theme

if TYPE_CHECKING:
    from models.project.project import ProjectState


@dataclass(frozen=True, slots=True)
class SceneState:
    """Which layers are shown, in which styles, and what colours the city.

    Parameters
    ----------
    shown, hidden : tuple of str
        Ids of the layers that were on and off. A layer that came into the project later is in neither and is left as
        it is, so that an old theme does not hide new data.
    theme : Theme
    styles : tuple of (layer id, Style)
    """

    shown: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    theme: Theme = field(default_factory=Theme)
    styles: tuple[tuple[str, Style], ...] = ()


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


def scene_of(state: ProjectState) -> SceneState:
    """Return how a project is shown now."""
    return SceneState(
        shown=tuple(layer.id for layer in state.layers if layer.visible),
        hidden=tuple(layer.id for layer in state.layers if not layer.visible),
        theme=state.theme,
        styles=tuple((layer.id, layer.style) for layer in state.layers),
    )


def with_scene(state: ProjectState, scene: SceneState) -> ProjectState:
    """Return a project that is shown as ``scene`` says; layers that it does not know stay as they are."""
    shown, hidden, styles = set(scene.shown), set(scene.hidden), dict(scene.styles)

    def as_wanted(layer: Layer) -> Layer:
        visible = layer.visible if layer.id not in shown | hidden else layer.id in shown
        return replace(layer, visible=visible, style=styles.get(layer.id, layer.style))

    return replace(state, layers=tuple(as_wanted(layer) for layer in state.layers), theme=scene.theme)


def is_shown(state: ProjectState, scene: SceneState) -> bool:
    """Whether a project is shown as ``scene`` says."""
    return with_scene(state, scene) == state

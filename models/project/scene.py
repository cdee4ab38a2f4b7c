"""How a project is shown, and a project shown otherwise."""

from __future__ import annotations

from dataclasses import replace

from models.layers.layer import Layer
from models.project.project import ProjectState
from models.views.scene_state import SceneState


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

"""Signs over the components: on or off, as part of the styles of their layers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from models.project.project import ProjectState

if TYPE_CHECKING:
    from app.session import Session


def are_shown(state: ProjectState) -> bool:
    """Whether signs stand over the components of any layer."""
    return any(layer.style.signs for layer in state.with_role("facilities"))


def show_signs(session: Session, shown: bool) -> None:
    """Let signs stand over all components and count them where there are many, or take them away."""

    def work(state: ProjectState) -> ProjectState:
        layers = tuple(
            replace(layer, style=replace(layer.style, signs=shown)) if layer.role == "facilities" else layer
            for layer in state.layers
        )
        return state if layers == state.layers else replace(state, layers=layers)

    session.history.do("history.signs", work)

"""How pipes are shown: coloured by what is known of them, with words, arrows and tints, as wide as they are or wider.

What is chosen is part of the styles of the layers and of the theme, so that it can be undone and is kept in the
project, in viewpoints and in pictures.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from app.usecases.health import health
from models.core.errors import UserError
from models.layers.layer import Layer, VectorData
from models.network.pipe_themes import pipe_themes
from models.project.project import ProjectState
from models.style.kinds import PipeLook
from models.views.scene_state import Theme

if TYPE_CHECKING:
    from app.session import Session

ROLES = ("pipes", "pipe_nodes")
#: How many times as wide as they are pipes may be drawn.
WIDEST = 10.0


@dataclass(frozen=True, slots=True)
class PipeView:
    """How the pipes of a project are shown.

    Parameters
    ----------
    look : PipeLook
    wider : float
        How many times as wide as they are.
    by : str
        Id of what colours them, empty for the colours of the standard.
    """

    look: PipeLook
    wider: float = 1.0
    by: str = ""


def pipe_layers(state: ProjectState) -> list[Layer]:
    """Return the layers of pipes and of their nodes."""
    return [layer for layer in state.layers if layer.role in ROLES]


def view_of(state: ProjectState) -> PipeView:
    """Return how pipes are shown; the first layer of them speaks for all."""
    style = next((layer.style for layer in pipe_layers(state)), None)
    by = state.theme.indicator if state.theme.kind == "pipes" else ""
    return PipeView(PipeLook(), 1.0, by) if style is None else PipeView(style.pipes, style.size, by)


def offered(session: Session) -> list[str]:
    """Return the ids of what the pipes can be coloured by: that of which a table says something."""
    data = session.project.data
    tables = [found.fields for layer in session.project.state.with_role("pipes")
              if isinstance(found := data.get(layer.id), VectorData)]  # fmt: skip
    return [name for name, theme in pipe_themes().items() if any(theme.is_offered(fields) for fields in tables)]


def colour_pipes(session: Session, by: str) -> None:
    """Colour the pipes by a row of ``pipe_themes.toml`` and show them; empty gives the colours of the standard.

    Raises
    ------
    UserError
        ``pipes.no_theme`` for what pipes cannot be coloured by.
    """
    if by and by not in pipe_themes():
        raise UserError("pipes.no_theme", name=by, known=", ".join(pipe_themes()))
    show_pipes(session)
    health.set_theme(session, Theme("pipes", by) if by else Theme())


def show_pipes(session: Session) -> None:
    """Switch the layers of pipes on, if none is."""
    layers = pipe_layers(session.project.state)
    if layers and not any(layer.visible for layer in layers if layer.role == "pipes"):
        _change(session, "history.show_pipes", lambda layer: replace(layer, visible=True))


def set_look(session: Session, **wanted: bool) -> None:
    """Switch words, arrows or tints of the pipes on or off (fields of :class:`models.style.kinds.PipeLook`)."""
    look = replace(view_of(session.project.state).look, **wanted)
    _change(
        session, "history.pipe_look", lambda layer: replace(layer, style=replace(layer.style, pipes=look))
    )  # fmt: skip


def set_wider(session: Session, factor: float) -> None:
    """Draw pipes so many times as wide as they are; the legend says so.

    Raises
    ------
    UserError
        ``pipes.wider`` for less than 1 or more than :data:`WIDEST`.
    """
    if not 1.0 <= factor <= WIDEST:
        raise UserError("pipes.wider", factor=f"{factor:g}", most=f"{WIDEST:g}")
    _change(
        session, "history.pipe_look", lambda layer: replace(layer, style=replace(layer.style, size=factor))
    )  # fmt: skip


def _change(session: Session, title: str, changed: Any) -> None:
    def work(state: ProjectState) -> ProjectState:
        layers = tuple(changed(layer) if layer.role in ROLES else layer for layer in state.layers)
        return state if layers == state.layers else replace(state, layers=layers)

    session.history.do(title, work, burst="pipe_look")

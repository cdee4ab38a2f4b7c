"""Cross-sections of streets: cut along a line, and the drawing or table as a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.usecases.network.drawings import write_drawing
from app.usecases.network.pipes_together import Together, all_pipes, known_ground, stamp_of, surfaces_near
from app.usecases.network.rules import rules_of
from models.core.errors import UserError
from models.network.profile.cross_section import CrossSection, cross_section

if TYPE_CHECKING:
    from app.background.jobs import Job
    from app.session import Session


@dataclass(frozen=True, slots=True, eq=False)
class Sectioned:
    """A cross-section with the objects behind its numbers; feature ids of its pipes are rows of ``pipes``."""

    line: tuple[tuple[float, float], tuple[float, float]]
    section: CrossSection
    pipes: Together
    stamp: tuple[object, ...]

    @property
    def range(self) -> str:
        """Return from where to where it is cut."""
        (x0, y0), (x1, y1) = self.line
        return f"{x0:.1f}, {y0:.1f} – {x1:.1f}, {y1:.1f}"

    @property
    def synthetic(self) -> bool:
        """Whether its data was made by a generator."""
        return self.pipes.synthetic


def section_of(session: Session, line: Any) -> Sectioned:
    """Cut along two points (E, N) of the project's CRS.

    Raises
    ------
    UserError
        ``network.no_pipe_layer``, ``network.section_line``, ``network.section_empty`` where no pipe is met.
    """
    ends = np.asarray(line, dtype=np.float64)
    pipes = all_pipes(session)
    if ends.shape != (2, 2):
        raise UserError("network.section_line", longest_m="500")
    surfaces = surfaces_near(session, ends) if np.isfinite(ends).all() else {}
    section = cross_section(pipes.table, ends, known_ground(session), surfaces, rules_of(session))
    if not section.pipes:
        raise UserError("network.section_empty")
    (x0, y0), (x1, y1) = ends.tolist()
    return Sectioned(((x0, y0), (x1, y1)), section, pipes, stamp_of(session))


def export(session: Session, made: Sectioned, out: Path, *, size: str = "A3", scale: int = 0, vertical: int = 0) -> Job:
    """Write a cross-section as a drawing (``.pdf``, ``.png``) or its table (``.xlsx``)."""
    return write_drawing(
        session, made.section, made.range, made.synthetic, out, size=size, scale=scale, vertical=vertical
    )

"""How atlases were made last, kept in the project."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from models.sheets.atlas.spec import AtlasSpec

if TYPE_CHECKING:
    from app.session import Session


def keep_atlas(session: Session, spec: AtlasSpec) -> None:
    """Keep how an atlas is made, in the place of the one by the same; one undoable step, none where it is the same."""
    review = session.project.state.review
    fresh = replace(spec, id=spec.by)
    if fresh in review.atlases:
        return
    kept = (*(one for one in review.atlases if one.by != spec.by), fresh)
    session.history.do("history.keep_atlas", lambda state: replace(state, review=replace(state.review, atlases=kept)))


def last_atlas(session: Session) -> AtlasSpec:
    """Return how an atlas was made last, else how one usually is."""
    kept = session.project.state.review.atlases
    return kept[-1] if kept else AtlasSpec(lang=session.lang)

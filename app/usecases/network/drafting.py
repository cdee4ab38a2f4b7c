"""A SWMM model drafted from the drains of a project, with a list of every assumption."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from models.core.errors import UserError
from models.crs.frame import parse_crs
from models.layers.layer import VectorData
from models.network.hydraulics.draft.catchments import Surfaces
from models.network.hydraulics.draft.draft import Draft, draft_model
from models.network.hydraulics.draft.rules import Storm
from models.store.atomic import write_text
from models.terrain.ground import ground_under
from resources.words import word
from viewers.documents.plain_sheets import PlainSheet, write_sheets

if TYPE_CHECKING:
    from app.session import Session


def draft(session: Session, storm: Storm) -> Draft:
    """Draft a model of the project's drains.

    Raises
    ------
    UserError
        ``network.no_drains`` without a layer of pipes, ``crs.degrees`` where they are in degrees, and those of
        :func:`models.network.hydraulics.draft.draft.draft_model`.
    """
    state = session.project.state
    pipes = _joined(session, "pipes")
    if pipes is None or state.frame is None:
        raise UserError("network.no_drains")
    ground = ground_under(state.layers, session.project.data, state.frame)
    roads, nodes = _joined(session, "roads"), _joined(session, "pipe_nodes")
    width = np.full(0 if roads is None else len(roads), np.nan)
    if roads is not None and "width_m" in roads:
        width = np.asarray(pd.to_numeric(roads["width_m"], errors="coerce"), dtype=np.float64)
    green = [one for role in ("green", "water") if (one := _joined(session, role)) is not None]
    surfaces = Surfaces(
        _shapes(_joined(session, "buildings")), _shapes(roads), width,
        np.concatenate([_shapes(one) for one in green]) if green else _shapes(None),
    )  # fmt: skip
    crs = parse_crs(state.frame.horizontal).name
    return draft_model(pipes, nodes, ground, storm, surfaces=surfaces, crs=crs)


def write(drafted: Draft, path: Path, lang: str) -> Path:
    """Write a draft, and the list of its assumptions as a workbook beside it; return where that is."""
    path = Path(path)
    report = path.with_name(f"{path.stem}-assumptions.xlsx")
    heads = [word(f"network.draft.head.{name}", lang) for name in ("assumption", "count", "total", "value")]
    title, about = word("network.draft.title", lang, file=path.name), word("network.draft.about", lang)
    write_sheets(
        report, [PlainSheet(word("network.draft.tab", lang), title, about, heads, assumption_rows(drafted, lang))]
    )
    write_text(path, drafted.text)
    return report


def assumption_rows(drafted: Draft, lang: str) -> list[tuple[str, int, int, str]]:
    """Return the assumptions in words: what, for how many, of how many, what was put in."""
    return [(word(f"network.draft.{one.code}", lang), one.count, one.total, one.value) for one in drafted.assumptions]


def _joined(session: Session, role: Any) -> Any:
    """Return the features of all layers of a role as one frame with an index of its own; None without any."""
    frames: list[Any] = []
    for layer in session.project.state.with_role(role):
        data = session.project.data.get(layer.id)
        if layer.kind == "vector" and isinstance(data, VectorData) and data.count:
            frames.append(data.frame)
    if not frames:
        return None
    crs: Any = frames[0].crs
    together: Any = pd.concat([frame if frame.crs == crs else frame.to_crs(crs) for frame in frames], ignore_index=True)
    return together[together.geometry.notna()]


def _shapes(frame: Any) -> Any:
    return np.empty(0, dtype=object) if frame is None else np.asarray(frame.geometry.array, dtype=object)

"""Shared by all checks of models: their input models, placed in the project, and the making of a report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from models.checks.findings import Finding, Group, Party, Report
from models.core.errors import Caution, UserError
from models.layers.layer import Layer, ModelData
from models.project.selection import ObjectKey

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.session import Session


def model_of(session: Session, layer_id: str) -> tuple[Layer, ModelData]:
    """Return a model's layer and data.

    Raises
    ------
    UserError
        ``checks.no_model``, ``project.no_layer``, ``project.no_data``.
    """
    layer, data = session.project.state.layer(layer_id), session.project.data_of(layer_id)
    if not isinstance(data, ModelData):
        raise UserError("checks.no_model", layer=layer.title(session.lang))
    return layer, data


def to_local(session: Session, layer: Layer, data: ModelData) -> NDArray[np.float64]:
    """Return the matrix from a model's coordinates to the project's local frame: where it is drawn."""
    from models.bim.model_matrix import local_matrix
    from models.terrain.ground import ground_under

    state = session.project.state
    if state.frame is None:
        raise UserError("checks.no_frame")
    return local_matrix(layer, data, state.frame, ground_under(state.layers, session.project.data, state.frame))


def parties_of(layer: Layer, data: ModelData, lang: str) -> Callable[[int], Party]:
    """Return what makes an element of a model a party of a finding; columns are read once, findings may be many."""
    guids, classes, names = (data.elements[name].tolist() for name in ("guid", "ifc_class", "name"))
    title = layer.title(lang)
    return lambda oid: Party(ObjectKey(layer.id, oid), str(guids[oid]), str(classes[oid]), str(names[oid]), title)


def report_of(
    session: Session,
    kind: str,
    layers: Sequence[Layer],
    groups: Sequence[Group],
    findings: Sequence[Finding],
    counts: Mapping[str, int],
    cautions: Sequence[Caution],
    facts: Mapping[str, Any] | None = None,
    tools: Mapping[str, str] | None = None,
) -> Report:
    """Return a report made now, by this version."""
    from models.core.program import version

    return Report(
        kind, tuple((layer.id, layer.title(session.lang)) for layer in layers),
        dt.datetime.now().astimezone().isoformat(timespec="seconds"), {"chengjing": version(), **(tools or {})},
        tuple(groups), tuple(findings), counts, tuple(cautions), facts or {},
    )  # fmt: skip


def stage_cautions(models: Sequence[tuple[Layer, ModelData]], session: Session) -> list[Caution]:
    """Say which models are still shown by their quick geometry: figures of shape may change."""
    return [
        Caution("checks.preview", layer=layer.title(session.lang))
        for layer, data in models
        if data.info.get("stage") == "preview"
    ]

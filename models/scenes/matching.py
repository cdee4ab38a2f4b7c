"""Which layers of a project a preset means, and the scene that it makes of them.

Invariants
----------
1. A layer is meant only if it has every field that the preset needs and at least one object that it asks for: a scene
   is never empty, and a lack is named.
2. A scene is colours and switches (:class:`models.views.scene_state.SceneState`): no geometry is made again for it.
3. A field that the project's table lacks counts as *missing*, never as "none".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from models.core.errors import UserError
from models.layers.layer import Layer, LayerData, Style, VectorData
from models.project.project import ProjectState
from models.query.columns import columns_of
from models.query.expression import compile_expression
from models.query.filtering import filtered, geometry_in
from models.scenes.preset import SceneLayer, ScenePreset
from models.style.kinds import Symbology, single
from models.views.scene_state import SceneState, Theme


@dataclass(frozen=True, slots=True)
class Match:
    """The layers of a project that one layer of a preset means.

    Parameters
    ----------
    wanted : SceneLayer
    layer_ids : tuple of str
    count : int
        Objects that are shown.
    lacks : str
        ``""`` nothing; ``"layer"`` no layer of the role; ``"fields"`` those there lack ``fields``; ``"objects"`` none
        of their objects is asked for; ``"unread"`` their data is not here.
    fields : tuple of str
        Fields that are lacking.
    """

    wanted: SceneLayer
    layer_ids: tuple[str, ...] = ()
    count: int = 0
    lacks: str = ""
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Readiness:
    """What of a preset a project has.

    Parameters
    ----------
    preset : ScenePreset
    matches : tuple of Match
        One for each layer of the preset, in its order.
    """

    preset: ScenePreset
    matches: tuple[Match, ...]

    @property
    def missing(self) -> tuple[Match, ...]:
        """Return what is not there."""
        return tuple(one for one in self.matches if one.lacks)

    @property
    def state(self) -> str:
        """Return ``"ready"``, ``"partly"`` (something optional is missing) or ``"missing"``."""
        lacking = self.missing
        if any(one.wanted.is_required for one in lacking) or len(lacking) == len(self.matches):
            return "missing"
        return "partly" if lacking else "ready"

    def of(self, key: str) -> Match:
        """Return the match of a layer of the preset."""
        return next(one for one in self.matches if one.wanted.key == key)


def readiness(preset: ScenePreset, state: ProjectState, data: Mapping[str, LayerData]) -> Readiness:
    """Return which layers a preset means and what it lacks; a layer is meant once, by the first that asks for it."""
    taken: set[str] = set()
    matches = []
    for wanted in preset.layers:
        match = _match(wanted, state, data, taken)
        taken |= set(match.layer_ids)
        matches.append(match)
    return Readiness(preset, tuple(matches))


def _match(
    wanted: SceneLayer, state: ProjectState, data: Mapping[str, LayerData], taken: set[str]
) -> Match:  # fmt: skip
    crs = state.frame.horizontal if state.frame is not None else ""
    layers = [layer for layer in state.layers if layer.role == wanted.role and layer.id not in taken]
    if not layers:
        return Match(wanted, lacks="layer")
    found, count, lacking, is_read = [], 0, set[str](), False
    for layer in layers:
        table = data.get(layer.id)
        if not isinstance(table, VectorData):
            continue
        is_read = True
        absent = [name for name in wanted.needs if name not in table.fields]
        if absent:
            lacking |= set(absent)
            continue
        number = count_of(wanted.where, layer, table, crs)
        if number:
            found.append(layer.id)
            count += number
    if found:
        return Match(wanted, tuple(found), count)
    fields = tuple(name for name in wanted.needs if name in lacking)
    return Match(wanted, lacks="fields" if fields else "objects" if is_read else "unread", fields=fields)


def count_of(where: str, layer: Layer, table: VectorData, crs: str) -> int:
    """Return how many objects of a layer an expression is true of; 0 where a field that it speaks of is missing."""
    left = filtered(layer, table, crs)
    if not isinstance(left, VectorData) or not where:
        return left.count if isinstance(left, VectorData) else 0
    columns = columns_of(left)
    try:
        return int(compile_expression(where).rows(columns, lambda: geometry_in(left, crs)).sum())
    except UserError:
        return 0


def scene_of(ready: Readiness, state: ProjectState, lang: str = "zh") -> SceneState:
    """Return the scene of a preset over a project.

    Raises
    ------
    UserError
        ``preset.no_data`` with ``scene`` and ``lacking``, the names in ``lang`` of what is not there.
    """
    if ready.state == "missing":
        names = [one.wanted.name.in_(lang) for one in ready.missing]
        lacking = ("、" if lang == "zh" else ", ").join(names)
        raise UserError("preset.no_data", scene=ready.preset.name.in_(lang), lacking=lacking)
    preset = ready.preset
    meant = {layer_id: match.wanted for match in ready.matches for layer_id in match.layer_ids}
    shown: list[str] = []
    hidden: list[str] = []
    styles: list[tuple[str, Style]] = []
    for layer in state.layers:
        wanted = meant.get(layer.id)
        (shown if wanted is not None or layer.role in preset.base else hidden).append(layer.id)
        if wanted is not None:
            styles.append((layer.id, _styled(layer.style, wanted)))
        elif layer.role in preset.quiet and layer.kind == "vector":
            styles.append((layer.id, replace(layer.style, symbology=_quiet(preset.quiet[layer.role]))))
    return SceneState(tuple(shown), tuple(hidden), Theme(), tuple(styles))


def _quiet(colour: str) -> Symbology:
    """Return one colour of which no legend speaks."""
    return replace(single(colour), in_legend=False)


def _styled(own: Style, wanted: SceneLayer) -> Style:
    symbology = wanted.symbology
    if symbology is None and wanted.colour:
        symbology = single(wanted.colour)
    return replace(
        own,
        symbology=symbology or own.symbology,
        labels=wanted.labels or own.labels,
        pipes=wanted.pipes or own.pipes,
        opacity=own.opacity if wanted.opacity is None else wanted.opacity,
        size=own.size if wanted.size is None else wanted.size,
    )

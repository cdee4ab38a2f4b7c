"""All patterns of a project at once: what was asked for, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from models.core.progress import Progress
from models.health.editions import Edition
from models.health.patterns.density import Density, density_of
from models.health.patterns.hot_spots import HotSpots, hot_spots_of
from models.health.patterns.places import Ground, ground_of
from models.health.patterns.priority import Priority, component_values, priority_of
from models.health.patterns.problems import Looked, Problems, looked_at, problems_of
from models.health.patterns.rules import weights_of
from models.health.patterns.together import Together, by_unit, together_of
from models.health.results import IndicatorResult
from models.layers.layer import LayerData
from models.project.project import ProjectState


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is analysed.

    Parameters
    ----------
    code : str
        An indicator; empty for all. Density and hot spots are of its problems, the rest is of all.
    measure : str
        Of hot spots, one of :data:`models.health.patterns.hot_spots.MEASURES`.
    bandwidth_m, cell_m : float
        0 for those of the rules.
    """

    code: str = ""
    measure: str = "count"
    bandwidth_m: float = 0.0
    cell_m: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """All patterns of a project.

    Parameters
    ----------
    wanted : Wanted
    ground : Ground
    problems : Problems
        All of them.
    chosen : Problems
        Those of the indicator that was asked for.
    looked : Looked
    density : Density
    hot : HotSpots
    at_objects, in_units : Together
    priority : Priority
    old : tuple of str
        Indicators whose result is out of date.
    """

    wanted: Wanted
    ground: Ground
    problems: Problems
    chosen: Problems
    looked: Looked
    density: Density
    hot: HotSpots
    at_objects: Together
    in_units: Together
    priority: Priority
    old: tuple[str, ...] = ()


def patterns_of(
    state: ProjectState, data: Mapping[str, LayerData], results: Mapping[str, IndicatorResult], book: Edition,
    wanted: Wanted, old: tuple[str, ...], progress: Progress,
) -> Patterns:  # fmt: skip
    """Return the patterns of a project's problems.

    Parameters
    ----------
    state : ProjectState
    data : mapping of str to LayerData
    results : mapping of str to IndicatorResult
        The results that count, by code.
    book : Edition
    wanted : Wanted
    old : tuple of str
        Indicators whose result is out of date.
    progress : Progress

    Raises
    ------
    UserError
        ``health.patterns.no_units``.
    """
    progress.step(0.05, "progress.health.patterns")
    ground = ground_of(state, data)
    problems = problems_of(state, data, results, book, ground)
    progress.step(0.35, "progress.health.patterns")
    looked = looked_at(state, data, results, ground)
    chosen, seen = problems, looked.xy
    if wanted.code:
        chosen = replace(problems, rows=problems.rows[problems.rows["code"] == wanted.code].reset_index(drop=True))
        mine = wanted.code in looked.codes
        seen = seen[looked.looked[:, looked.codes.index(wanted.code)].toarray().ravel() > 0] if mine else seen[:0]
    progress.step(0.6, "progress.health.patterns")
    density = density_of(chosen.xy, ground, wanted.bandwidth_m)
    hot = hot_spots_of(chosen.xy, seen, ground, wanted.measure, wanted.cell_m)
    progress.step(0.8, "progress.health.patterns")
    values = component_values(problems, ground, state, data, frozenset(looked.codes))
    return Patterns(
        wanted, ground, problems, chosen, looked, density, hot,
        together_of(looked), together_of(by_unit(looked, len(ground.units))),
        priority_of(values, weights_of(state.health.pattern_weights)), old,
    )  # fmt: skip

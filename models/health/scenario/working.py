"""What the indicators come to under a scenario: only what depends on the last change is worked out again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from models.core.progress import Progress
from models.health import methods
from models.health.book import book_of
from models.health.compute import worked_out
from models.health.editions import Edition, IndicatorDef
from models.health.results import IndicatorResult, UnitValue
from models.health.scenario.applying import data_under, definition_under, differences
from models.health.scenario.scenario import Added, ChangedRule, Closed, Deed, Moved, Scenario
from models.layers.layer import LayerData, VectorData
from models.project.project import ProjectState


@dataclass(frozen=True, slots=True)
class Outcome:
    """A scenario and what came of it.

    Parameters
    ----------
    scenario : Scenario
    results : mapping of str to IndicatorResult
        By code, of the indicators that depend on something in it; all others stand as they do in the base.
    """

    scenario: Scenario = field(default_factory=Scenario)
    results: Mapping[str, IndicatorResult] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """How one unit stands in the base and under the scenario."""

    base: UnitValue
    now: UnitValue

    @property
    def difference(self) -> float | None:
        """Return by how much the value is another; None where one of them has no data."""
        if self.base.value is None or self.now.value is None:
            return None
        return self.now.value - self.base.value

    @property
    def is_other(self) -> bool:
        """Whether value or grade is another."""
        return (self.base.value, self.base.grade) != (self.now.value, self.now.grade)


def outcome_of(
    scenario: Scenario,
    before: Outcome,
    state: ProjectState,
    data: Mapping[str, LayerData],
    progress: Progress | None = None,
) -> Outcome:
    """Return what a scenario comes to.

    Parameters
    ----------
    scenario : Scenario
    before : Outcome
        Of the scenario as it was a change ago, over the same project: what does not depend on what changed since is
        taken from it. An empty one where the project is another.
    state : ProjectState
    data : mapping of str to LayerData
    progress : Progress, optional

    Raises
    ------
    UserError
        ``health.no_frame``, ``health.no_districts``, ``health.scenario.no_rule``.
    """
    progress = progress or Progress()
    if state.frame is None or scenario.is_empty:
        return Outcome(scenario)
    book = book_of(state.health)
    changed = list(differences(scenario, before.scenario))
    under = data_under(scenario, data, state.frame.horizontal)
    all_of_it = list(differences(scenario, Scenario()))
    wanted = [code for code in book.computed if _depends_on(book.indicators[code], all_of_it, state, data)]
    results = {}
    for at, code in enumerate(wanted):
        progress.step(at / len(wanted), "progress.health.measuring")
        definition = book.indicators[code]
        if code in before.results and not _depends_on(definition, changed, state, data):
            results[code] = before.results[code]
        else:
            results[code] = _under(definition_under(scenario, definition), book, state, under)
    return Outcome(scenario, results)


def changes(base: IndicatorResult, now: IndicatorResult) -> list[Change]:
    """Return how each unit stands in both, the city first."""
    before = {(unit.unit_layer, unit.unit_oid): unit for unit in base.units}
    pairs = [Change(before[unit.unit_layer, unit.unit_oid], unit) for unit in now.units
             if (unit.unit_layer, unit.unit_oid) in before]  # fmt: skip
    return [Change(base.city, now.city), *pairs]


def _under(
    definition: IndicatorDef, book: Edition, state: ProjectState, data: Mapping[str, LayerData]
) -> IndicatorResult:
    return replace(worked_out(definition, book, state, data), origin="scenario")


def _depends_on(
    definition: IndicatorDef, changed: Sequence[Deed], state: ProjectState, data: Mapping[str, LayerData]
) -> bool:
    """Whether a change can matter to an indicator: its rules, or an object of a role that it reads.

    A facility of a kind that the indicator understands and does not count (``other_kinds``) changes no value of it.
    """
    passed_over = set(definition.parameters.get("other_kinds", ()))
    roles = set(methods.method(definition.method).fields_of(definition)) | {item.role for item in definition.inputs}
    for one in changed:
        if isinstance(one, ChangedRule):
            if one.code == definition.code:
                return True
            continue
        is_read = any(held.id == one.layer and held.role in roles for held in state.layers)
        if is_read and not (passed_over and _kind_of(one, data) in passed_over):
            return True
    return False


def _kind_of(one: Moved | Added | Closed, data: Mapping[str, LayerData]) -> str:
    """Return the kind of a facility that is planned, moved or closed; empty where nobody says."""
    if isinstance(one, Added):
        return dict(one.values).get("kind", "")
    held, oid = data.get(one.layer), one.key.oid
    if not isinstance(held, VectorData) or "kind" not in held.frame.columns or oid not in held.frame.index:
        return ""
    return str(held.frame.at[oid, "kind"] or "")

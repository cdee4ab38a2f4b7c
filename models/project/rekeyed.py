"""Lead all that names objects of a layer to the rows in which they stand now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from models.facilities.register.state_history import StateChange
from models.health.lists.rows import LedgerRow
from models.health.results import GoodObjects, IndicatorResult, Problem, UnitValue
from models.health.scenario.scenario import Scenario
from models.health.state import HealthState
from models.project.business_keys import GONE_OID, Renaming
from models.project.edits import Edit
from models.project.project import ProjectState
from models.project.selection import Keys, ObjectKey, SelectionSet
from models.review.agenda import Stop
from models.review.topics import SYSTEM, Component, Topic, TopicView, object_name, object_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Led:
    """One layer whose objects stand elsewhere.

    Parameters
    ----------
    old, new : str
        Layer id before and now, which may be the same.
    renaming : Renaming
    """

    old: str
    new: str
    renaming: Renaming

    def key(self, key: ObjectKey) -> ObjectKey | None:
        """Return the key of an object now, None if it is gone."""
        if key.layer != self.old:
            return key
        oid = self.renaming.one(key.oid)
        return None if oid == GONE_OID else ObjectKey(self.new, oid)

    def keys(self, keys: Keys) -> Keys:
        """Return the keys of objects now, without what is gone."""
        runs = []
        for layer, oids in keys.runs:
            if layer == self.old:
                now = self.renaming.of(oids)
                runs.append((self.new, now[now != GONE_OID]))
            else:
                runs.append((layer, oids))
        return Keys(runs)


def named_objects(state: ProjectState) -> dict[str, np.ndarray]:
    """Return the objects that a state names in selections, edits, lists, topics and stops: row ids by layer.

    The good sides of results are not among them: they may be all of a city, and a result whose table has changed is
    computed again.
    """
    found: dict[str, list[np.ndarray]] = {}

    def add(layer: str, oids: np.ndarray | list[int]) -> None:
        found.setdefault(layer, []).append(np.asarray(oids, dtype=np.int64))

    for one in state.sets:
        for layer, oids in Keys.of(one.keys).runs:
            add(layer, oids)
    for edit in state.edits:
        add(edit.layer, [edit.oid])
    for result in state.results:
        for layer, oids in result.problem_keys.runs:
            add(layer, oids)
        for unit in (*result.units, *result.estates):
            add(unit.unit_layer, [unit.unit_oid])
    for topic in state.topics:
        named = [one.component for one in topic.pins]
        for component in (*named, *(one for view in topic.views for one in _components(view))):
            key = object_of(component)
            if key is not None:
                add(key.layer, [key.oid])
    for layer, oids in Keys.of(row.key for row in state.health.ledger).runs:
        add(layer, oids)
    for layer, oids in Keys.of(key for stop in state.review.stops for key in stop.view.selected).runs:
        add(layer, oids)
    for scenario in state.health.scenarios:
        for layer, oids in Keys.of([*(one.key for one in scenario.moved), *(one.key for one in scenario.closed)]).runs:
            add(layer, oids)
    merged = {layer: np.unique(np.concatenate(parts)) for layer, parts in found.items()}
    return {layer: oids[oids >= 0] for layer, oids in merged.items() if (oids >= 0).any()}


def rekeyed(state: ProjectState, old: str, new: str, renaming: Renaming) -> ProjectState:
    """Return a state in which everything that names objects of a layer names the rows in which they stand now.

    Selections and edits lose what is gone. A problem list keeps it, by its code and name, and leads nowhere. Results
    keep their stamps, which speak of content: whether they are still true is asked as ever.

    Parameters
    ----------
    state : ProjectState
    old, new : str
        Layer id before and now, which may be the same.
    renaming : Renaming
    """
    led = Led(old, new, renaming)
    return replace(
        state,
        sets=tuple(_set(one, led) for one in state.sets),
        edits=tuple(edit for edit in (_edit(one, led) for one in state.edits) if edit is not None),
        state_changes=tuple(_state_change(one, led) for one in state.state_changes),
        results=tuple(_result(one, led) for one in state.results),
        topics=tuple(_topic(one, led) for one in state.topics),
        health=_health(state.health, led),
        review=replace(state.review, stops=tuple(_stop(one, led) for one in state.review.stops)),
    )


def _stop(one: Stop, led: Led) -> Stop:
    selected = tuple(key for key in (led.key(old) for old in one.view.selected) if key is not None)
    return one if selected == one.view.selected else replace(one, view=replace(one.view, selected=selected))


def _set(one: SelectionSet, led: Led) -> SelectionSet:
    keys = tuple(key for key in (led.key(old) for old in one.keys) if key is not None)
    return one if keys == one.keys else replace(one, keys=keys)


def _edit(edit: Edit, led: Led) -> Edit | None:
    key = led.key(ObjectKey(edit.layer, edit.oid))
    return None if key is None else replace(edit, layer=key.layer, oid=key.oid)


def _state_change(one: StateChange, led: Led) -> StateChange:
    """Keep what a component has been, also of one that is gone: its key still names it."""
    if one.layer != led.old:
        return one
    return replace(one, layer=led.new, oid=led.renaming.one(one.oid))


def _result(result: IndicatorResult, led: Led) -> IndicatorResult:
    def name(layer: str) -> str:
        return led.new if layer == led.old else layer

    units_here = any(unit.unit_layer == led.old for unit in result.units)

    def unit_oid(oid: int) -> int:
        return led.renaming.one(oid) if units_here and oid >= 0 else oid

    def unit(one: UnitValue) -> UnitValue:
        if one.unit_layer != led.old:
            return one
        return replace(
            one, unit_layer=led.new, unit_oid=led.renaming.one(one.unit_oid) if one.unit_oid >= 0 else one.unit_oid
        )

    def all_units(many: tuple[UnitValue, ...]) -> tuple[UnitValue, ...]:
        return tuple(unit(one) for one in many)

    def problem(one: Problem) -> Problem:
        key = led.key(one.key) or ObjectKey(led.new, GONE_OID)
        return replace(one, key=key, unit_oid=unit_oid(one.unit_oid))

    return replace(
        result,
        units=all_units(result.units),
        estates=all_units(result.estates),
        beside={reading: all_units(many) for reading, many in result.beside.items()},
        city=unit(result.city),
        problems=tuple(problem(one) for one in result.problems),
        good=tuple(GoodObjects(one.reason, led.keys(one.keys)) for one in result.good),
        inputs=tuple(replace(one, layer_id=name(one.layer_id)) for one in result.inputs),
        stamp=replace(
            result.stamp,
            layers=tuple(replace(read, layer_id=name(read.layer_id)) for read in result.stamp.layers),
        ),
        marks=(),
    )


def _health(health: HealthState, led: Led) -> HealthState:
    """Keep a row of the ledger also of what is gone: its business key still names it. Names of fields go along."""

    def row(one: LedgerRow) -> LedgerRow:
        return one if one.key.layer != led.old else replace(one, key=led.key(one.key) or ObjectKey(led.new, GONE_OID))

    named = tuple(replace(one, layer=led.new) if one.layer == led.old else one for one in health.field_names)
    if not health.ledger and not health.scenarios and named == health.field_names:
        return health
    return replace(
        health,
        ledger=tuple(row(one) for one in health.ledger),
        field_names=named,
        scenarios=tuple(_scenario(one, led) for one in health.scenarios),
    )


def _scenario(one: Scenario, led: Led) -> Scenario:
    """Lead what a scenario moves and closes; what is gone cannot be moved any more."""
    moved = tuple(replace(move, key=key) for move in one.moved if (key := led.key(move.key)) is not None)
    closed = tuple(replace(end, key=key) for end in one.closed if (key := led.key(end.key)) is not None)
    added = tuple(replace(new, layer=led.new) if new.layer == led.old else new for new in one.added)
    return replace(one, moved=moved, added=added, closed=closed)


def _components(view: TopicView) -> tuple[Component, ...]:
    return (*view.selected, *view.exceptions, *(one for _, many in view.colours for one in many))


def _topic(topic: Topic, led: Led) -> Topic:
    def component(one: Component) -> Component:
        key = object_of(one)
        if key is None or key.layer != led.old:
            return one
        now = led.key(key) or ObjectKey(led.new, GONE_OID)
        return Component(system=SYSTEM, tool_id=object_name(now, one.tool_id.partition("#")[2]))

    def many(components: tuple[Component, ...]) -> tuple[Component, ...]:
        return tuple(component(one) for one in components)

    views = tuple(
        replace(
            view, selected=many(view.selected), exceptions=many(view.exceptions),
            colours=tuple((colour, many(things)) for colour, things in view.colours),
        )
        for view in topic.views
    )  # fmt: skip
    pins = tuple(replace(one, component=component(one.component)) for one in topic.pins)
    return topic if (views, pins) == (topic.views, topic.pins) else replace(topic, views=views, pins=pins)

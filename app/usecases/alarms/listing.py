"""Alarms as rows that a window lists and a file holds: each facility with its name and sub-district, peak and limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from app.usecases.alarms import alarms
from models.alarms.alarm import Activation, Alarm
from models.alarms.editing import first_limit
from models.alarms.rule import AlarmRule, Compare
from models.alarms.severities import rank
from models.layers.layer import VectorData

if TYPE_CHECKING:
    from app.session import Session

#: What of a table names an object, the first that is there.
_NAMES = ("name", "ObjName", "code", "ObjID")
#: States of an alarm as a list shows them, those that need somebody first.
STATES = ("open", "acknowledged", "silent")


@dataclass(frozen=True, slots=True)
class Listed:
    """One alarm in a list, as it stood at the moment of the list.

    Parameters
    ----------
    alarm : Alarm
    activation : Activation
        That of the moment.
    severity : str
        At the moment.
    rule : AlarmRule or None
        None where the rule is gone.
    facility, district : str
        Empty where nobody knows.
    limit : Compare or None
        The threshold of that severity.
    state : str
        One of :data:`STATES`.
    """

    alarm: Alarm
    activation: Activation
    severity: str
    rule: AlarmRule | None
    facility: str
    district: str
    limit: Compare | None
    state: str


def listed(session: Session, moment_us: int, *, is_live: bool) -> tuple[Listed, ...]:
    """Return the alarms that are active at a moment, gravest first, then oldest first; for a job thread.

    Parameters
    ----------
    session : Session
    moment_us : int
        The moment of the clock, or now.
    is_live : bool
        Whether that is now.
    """
    found = alarms.alarms_at(session, None if is_live else moment_us)
    rules = {rule.id: rule for rule in alarms.rules_of(session)}
    names, districts = _of_objects(session, found)
    rows = []
    for alarm in found:
        activation = alarm.last if is_live else alarm.at(moment_us)
        if activation is None:
            continue
        severity = activation.severity if is_live else activation.severity_at(moment_us)
        rule = rules.get(alarm.rule)
        level = None if rule is None else next((one for one in rule.levels if one.severity == severity), None)
        rows.append(
            Listed(
                alarm, activation, severity, rule, names.get(alarm.id) or alarm.sensor, districts.get(alarm.id, ""),
                None if level is None else first_limit(level.condition), _state(alarm, activation, moment_us),
            )
        )  # fmt: skip
    rows.sort(key=lambda row: (-rank(row.severity), row.activation.start_us, row.alarm.id))
    return tuple(rows)


def _state(alarm: Alarm, activation: Activation, moment_us: int) -> str:
    if alarm.is_silent(moment_us):
        return "silent"
    seen = any(one.start_us == activation.start_us for one in alarm.acknowledgements)
    return "acknowledged" if seen else "open"


def _of_objects(session: Session, found: Sequence[Alarm]) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return name and sub-district of the facility of each alarm, layer by layer at once."""
    import shapely

    names: dict[str, str] = {}
    districts: dict[str, str] = {}
    by_layer: dict[str, list[Alarm]] = {}
    for alarm in found:
        if alarm.key is not None:
            by_layer.setdefault(alarm.key.layer, []).append(alarm)
    tree, units = _districts(session)
    for layer_id, many in by_layer.items():
        data = session.project.data.get(layer_id)
        if not isinstance(data, VectorData):
            continue
        frame: Any = data.frame
        oids = [one.key.oid for one in many if one.key is not None]
        column = next((name for name in _NAMES if name in frame.columns), None)
        if column is not None:
            texts = frame[column].reindex(oids)
            shown = texts.astype("str").where(texts.notna(), "").tolist()
            names.update(zip((one.id for one in many), shown, strict=True))
        state = session.project.state
        if units and state.frame is not None and "geometry" in frame.columns and frame.crs is not None:
            shapes = frame.geometry.reindex(oids).to_crs(state.frame.horizontal)
            centres = shapely.centroid(shapes.to_numpy())
            at, area = tree.query(centres, predicate="intersects")
            for row, place in zip(at.tolist(), area.tolist(), strict=True):
                districts.setdefault(many[row].id, units[place])
    return names, districts


def _districts(session: Session) -> tuple[Any, list[str]]:
    import shapely

    state = session.project.state
    shapes: list[Any] = []
    names: list[str] = []
    for layer in state.with_role("districts"):
        data = session.project.data.get(layer.id)
        if not isinstance(data, VectorData) or state.frame is None or data.frame.crs is None:
            continue
        frame: Any = data.frame
        english = session.lang == "en" and "name_en" in frame.columns
        column = "name_en" if english else next((one for one in ("name", "code") if one in frame.columns), None)
        if column is not None:
            shapes += list(frame.geometry.to_crs(state.frame.horizontal))
            names += [str(name) for name in frame[column]]
    return shapely.STRtree(np.asarray(shapes, dtype=object)), names

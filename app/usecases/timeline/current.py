"""Layers of sensors with what they say at the moment that is shown, for styles, cards and lists that ask for it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from app.usecases.timeline.at_hand import readings_at_hand
from models.layers.layer import LayerData, VectorData
from models.project.selection import ObjectKey
from models.readings.batch import Readings, joined
from models.readings.current_columns import PresentAlarm, asks_now, with_current

if TYPE_CHECKING:
    from app.session import Session
    from viewers.render.symbology.layer_colours import LayerColours


def data_now(session: Session, moment_us: int | None = None) -> Mapping[str, LayerData]:
    """Return the project's data, its layers of sensors with columns of what they say at a moment.

    Parameters
    ----------
    session : Session
    moment_us : int, optional
        The moment that is shown where nothing is said; now while that is what is live.
    """
    data = dict(session.project.data)
    at_hand = readings_at_hand(session)
    if at_hand is None:
        return data
    moment_us = _moment(session) if moment_us is None else moment_us
    channels, last = at_hand.access.channels(), _last(session, at_hand.access.state_at(moment_us), moment_us)
    alarms = alarms_of(session, moment_us, {one.sensor: at_hand.devices[one.id] for one in channels
                                            if one.id in at_hand.devices})  # fmt: skip
    for layer in session.project.state.with_role("sensors"):
        table = data.get(layer.id)
        if isinstance(table, VectorData):
            data[layer.id] = with_current(table, layer.id, channels, at_hand.devices, last, moment_us, alarms)
    return data


def colours_now(session: Session, moment_us: int | None = None) -> dict[str, LayerColours]:
    """Return the colours of the layers whose style speaks of present values, by layer."""
    from viewers.render.symbology.style_colours import style_colours

    state = session.project.state
    asking = [layer for layer in state.layers if asks_now(layer)]
    if not asking:
        return {}
    data = data_now(session, moment_us)
    found = {layer.id: style_colours(layer, data[layer.id], state.frame) for layer in asking if layer.id in data}
    return {layer_id: colours for layer_id, colours in found.items() if colours is not None}


def last_us(session: Session) -> int | None:
    """Return when the last reading of the project was measured, None where there is none."""
    at_hand = readings_at_hand(session)
    span = None if at_hand is None else at_hand.access.span()
    return None if span is None else span[1]


def alarms_of(
    session: Session, moment_us: int, sensors: Mapping[str, ObjectKey]
) -> dict[ObjectKey, PresentAlarm]:  # fmt: skip
    """Return the gravest alarm of each sensor at a moment."""
    from app.usecases.alarms.alarms import alarms_at, rules_of
    from models.alarms.severities import severities
    from models.timeline.zone import moment_text

    moment = None if session.clock.is_live else moment_us
    raised, rules = alarms_at(session, moment), {rule.id: rule for rule in rules_of(session)}
    grades, found = severities(), dict[ObjectKey, PresentAlarm]()
    for alarm in raised:
        activation, key = alarm.at(moment_us), sensors.get(alarm.sensor)
        if activation is None or key is None or alarm.is_silent(moment_us):
            continue
        grade = grades[activation.severity_at(moment_us)].grade
        held = found.get(key)
        if held is not None and (held.level, held.since_us) <= (grade, activation.start_us):
            continue
        rule = rules.get(alarm.rule)
        name = alarm.rule if rule is None else rule.name_en if session.lang == "en" else rule.name
        since = moment_text(activation.start_us, session.project.state.operations.zone.name)
        times = sum(one.start_us <= moment_us for one in alarm.activations)
        found[key] = PresentAlarm(grade, name or alarm.rule, activation.start_us, since, times)
    return found


def _moment(session: Session) -> int:
    held = session.clock.moment_us
    return int(time.time() * 1e6) if held is None else held


def _last(session: Session, stored: Readings, moment_us: int) -> Readings:
    """Return the last readings, those that came a moment ago and are not in the store yet before it."""
    table = session.feeds.table if session.clock.is_live else None
    if table is None:
        return stored
    live = table.state_at(moment_us)
    kept = stored.taken(~np.isin(stored.channel, live.channel))
    return joined((kept, live)).by_channel()

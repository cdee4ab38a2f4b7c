"""Colours of the city at a moment, over those of theme and style; and the legend that says which moment it is."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from models.timeline.city_state import ALARM, NO_DATA, NORMAL, OLD, CityState, LayerState
from resources.words import word
from viewers.legend import Legend, LegendEntry
from viewers.render.palette.status_colours import rgba, status
from viewers.render.symbology.layer_colours import LayerColours
from viewers.render.symbology.theme_picture import ThemePicture, over
from viewers.texts.moment_texts import moment_phrase


def alarm_colour(severity: int) -> str:
    """Return the colour of an alarm of a level, 1 being the gravest."""
    colours: list[str] = status()["moment"]["alarms"]
    return colours[min(max(severity, 1), len(colours)) - 1]


def condition_colour(condition: int) -> str:
    """Return the colour of what is known of a facility."""
    if condition > ALARM:
        return alarm_colour(condition - ALARM)
    name = {NORMAL: "normal", OLD: "old"}.get(condition, "no_data")
    return str(status()["moment"][name])


@lru_cache(maxsize=1)
def _table() -> NDArray[np.uint8]:
    """Return the colours of all conditions, by condition."""
    return np.array([rgba(condition_colour(one)) for one in range(256)], dtype=np.uint8)


def moment_colours(state: LayerState) -> LayerColours:
    """Return the colours of a layer's facilities at a moment: one look-up, however many there are."""
    return state.oids, _table()[state.condition]


def with_moment(base: LayerColours | None, state: LayerState | None) -> LayerColours | None:
    """Return a layer's colours with those of the moment over them."""
    if state is None or not len(state.oids):
        return base
    own = moment_colours(state)
    return own if base is None else over(base, own)


def condition_text(condition: int, lang: str) -> str:
    """Return what is known of a facility in words."""
    if condition > ALARM:
        return word("moment.condition.alarm", lang, level=word(f"moment.level.{min(condition - ALARM, 3)}", lang))
    name = {NORMAL: "normal", OLD: "old"}.get(condition, "no_data")
    return word(f"moment.condition.{name}", lang)


def moment_entries(state: CityState, lang: str) -> tuple[LegendEntry, ...]:
    """Return the lines that explain the colours of a moment."""
    return tuple(
        LegendEntry(
            condition_text(condition, lang), condition_colour(condition), "hatch" if condition == NO_DATA else "",
            symbol="" if condition == NO_DATA else "dot", count=count,
        )
        for condition, count in state.conditions().items()
    )  # fmt: skip


def with_moment_legend(legend: Legend | None, state: CityState, lang: str, zone: str) -> Legend:
    """Return a legend that says of which moment it is, and what its colours mean."""
    entries, said = moment_entries(state, lang), moment_phrase(state.moment_us, lang, zone)
    if legend is None or not legend.entries:
        return Legend(word("moment.legend", lang), entries, said)
    first = (LegendEntry(said, "", symbol="none"), *entries)
    rest = (LegendEntry(legend.title, "", symbol="head"), *legend.entries)
    return replace(legend, title=word("moment.legend", lang), entries=(*first, *rest))


def pictured_at(picture: ThemePicture, state: CityState, lang: str, zone: str) -> ThemePicture:
    """Return what a theme gives with the moment over it, for a picture that is kept."""
    colours = dict(picture.colours)
    for layer_id, layer in state.layers.items():
        if len(layer.oids):
            painted = with_moment(picture.colours.get(layer_id), layer)
            assert painted is not None  # noqa: S101 - the layer has objects
            colours[layer_id] = painted
    styled = picture.styled | (frozenset(state.layers) - frozenset(picture.colours))
    return replace(
        picture, colours=colours, styled=styled, legend=with_moment_legend(picture.legend, state, lang, zone)
    )

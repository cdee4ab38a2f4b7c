"""Thematic colours and legends: facilities by state, districts by indicator, layers by their styles.

Invariants
----------
1. Colours and legend come from the same table in the same call: a class in the legend is a class in the picture.
2. A district without data is hatched grey, never a pale class; its hatch is object ``oid + HATCH`` of its layer.
3. What a theme does not speak of keeps its own colours; signs that would compete with it are hidden.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.core.errors import UserError
from models.core.value_text import significant
from models.facilities.coding.editions import NO_CLASS, Edition
from models.facilities.quality.kept import Marks
from models.facilities.register import UNKNOWN, FacilityState, counts_by_class, is_cover, states, status_of
from models.health.editions import indicator
from models.health.results import IndicatorResult, UnitValue
from models.layers.layer import CloudData, LayerData
from models.project.project import ProjectState
from models.roles import role_row
from models.views.scene_state import Theme
from resources.words import word
from viewers.facility_icons import icon_of
from viewers.legend import Legend, LegendEntry
from viewers.render.geometry.feature_columns import text
from viewers.render.geometry.parts import form_id
from viewers.render.layers import point_cloud as clouds
from viewers.render.layers.facilities import MARKER
from viewers.render.palette.context import material_colours
from viewers.render.palette.status_colours import rgba, status
from viewers.render.symbology import city_legend, year_view
from viewers.render.symbology.gate_view import gate_view
from viewers.render.symbology.layer_colours import LayerColours
from viewers.render.symbology.pipe_theme import pattern_entries, pipe_entries, pipe_picture, pipe_remarks
from viewers.render.symbology.problem_view import problem_view
from viewers.render.symbology.raster_legend import entries_of
from viewers.render.symbology.style_colours import passing, style_colours
from viewers.render.symbology.style_legend import style_legend
from viewers.render.symbology.theme_picture import ThemePicture, hatched, joined, one_colour, over, table_of

#: Classes listed one by one under the states; the rest is summed.
MOST_CLASSES = 6
#: By so much a value may miss a limit of its class.
TOLERANCE = 1e-9


def themed(
    state: ProjectState,
    data: Mapping[str, LayerData],
    theme: Theme,
    results: Mapping[str, IndicatorResult] | None = None,
    lang: str = "zh",
    old: Container[str] = (),
    dark: bool = False,
    gate: Marks | None = None,
) -> ThemePicture:
    """Return colours and legend of a theme.

    Parameters
    ----------
    state : ProjectState
    data : mapping of str to LayerData
        By layer id; only what is there is coloured and counted.
    theme : Theme
        ``"plain"``, ``"facilities"``, ``"pipes"`` (by a row of ``pipe_themes.toml``) or ``"indicator"``; an indicator
        by district or by estate, or what fails it.
    results : mapping of str to IndicatorResult, optional
        By indicator code. Without a result an indicator theme hatches every district.
    lang : {"zh", "en"}
    old : container of str
        Codes of indicators whose result is out of date: it is drawn, and the legend says so.
    dark : bool
        Whether the city is drawn in its dark look: what steps back does so into the dark.
    gate : Marks, optional
        What fails the quality gate, None where nothing was judged.
    """
    if theme.kind == "facilities":
        return _facilities(state, data, lang)
    if theme.kind == "gate":
        return gate_view(state, data, gate, lang, dark)
    if theme.kind == "pipes":
        return pipe_picture(state, data, theme.indicator, lang)
    if theme.kind == "indicator":
        result = (results or {}).get(theme.indicator)
        if theme.focus == "problems" and result is not None and result.problems:
            picture = problem_view(state, data, result, result.definition.title(lang), lang, dark)
            note = _benchmark_note(result, lang)
            picture = replace(picture, legend=replace(picture.legend, note=note))
        else:
            picture = _of_years(state, data, theme, result, lang)
        return _said_old(picture, lang) if theme.indicator in old else picture
    return ThemePicture({}, _plain(state, data, lang))


def _of_years(
    state: ProjectState, data: Mapping[str, LayerData], theme: Theme, result: IndicatorResult | None, lang: str
) -> ThemePicture:
    """Return an indicator as it stands, as it stood in the year that is compared with, or what changed since."""
    if theme.focus == year_view.CHANGE:
        changed = year_view.change_picture(state, result, lang)
        if changed is not None:
            return changed
    stood = year_view.result_before(state, result) if theme.focus == year_view.BEFORE else None
    if stood is None:
        return _indicator(state, data, theme.indicator, result, lang, by_estate=theme.focus == "estates")
    base, then = stood
    picture = _indicator(state, data, theme.indicator, then, lang)
    title = word("legend.year.before", lang, title=picture.legend.title, year=base.year)
    return replace(picture, legend=replace(picture.legend, title=title))


def _said_old(picture: ThemePicture, lang: str) -> ThemePicture:
    """Return a picture whose legend says that it is out of date."""
    legend = picture.legend
    note = "\n".join(part for part in (word("legend.old_note", lang), legend.note) if part)
    return replace(picture, legend=replace(legend, title=word("legend.old", lang, title=legend.title), note=note))


# --- plain ------------------------------------------------------------------------------------------------------------


#: Roles that the plain legend tells by the name of their layer.
_BY_NAME = frozenset({"drainage_areas", "sites", "poles", "devices", "structures", "utility_tunnels"})


def _plain(state: ProjectState, data: Mapping[str, LayerData], lang: str) -> Legend:
    palette = material_colours()
    areas = status()["areas"]
    simple = {
        "buildings": ("legend.buildings", palette["wall.residential.b"], ""),
        "roads": ("legend.roads", palette["road.asphalt"], ""),
        "water": ("legend.water", palette["water"], ""),
        "green": ("legend.green", palette["green.park"], ""),
        "trees": ("legend.trees", status()["trees"]["default"]["greens"][0], "dot"),
        "parcels": ("legend.parcels", areas["parcels"]["fill"], ""),
        "amenities": ("legend.amenities", areas["amenities"]["fill"], ""),
        "districts": ("legend.districts", areas["districts"]["outline"], "line"),
        "built_up": ("legend.built_up", areas["built_up"]["outline"], "line"),
        "communities": ("legend.communities", areas["communities"]["outline"], "line"),
    }
    entries: list[LegendEntry] = []
    # What has a style of its own says itself, see viewers.render.symbology.style_legend.
    shown = [layer for layer in state.layers if layer.visible and layer.id in data and layer.style.symbology is None]
    for role, (key, colour, symbol) in simple.items():
        mine = [layer for layer in shown if layer.role == role]
        if mine:
            entries.append(LegendEntry(word(key, lang), mine[-1].style.colour or colour, symbol=symbol))
    entries += city_legend.entries_of(shown, data, lang)
    if any(layer.kind == "model" and not city_legend.is_told(layer, data) for layer in shown):
        entries.append(LegendEntry(word("legend.models", lang), palette["wall.office"]))
    entries += pipe_entries([layer for layer in shown if layer.role == "pipes"], data, lang)
    facilities = [
        (frame, state.edition_of(layer))
        for layer in shown
        if layer.role == "facilities" and (frame := table_of(layer, data)) is not None
    ]
    if facilities:
        state_counts = counts_by_class(facilities).sum()
        for known in states().values():
            if known.id in status()["markers"] and state_counts.get(known.id, 0):
                title = word("legend.facility_state", lang, state=known.title(lang))
                entries.append(LegendEntry(title, known.colour, symbol="dot", count=int(state_counts[known.id])))
    for layer in shown:
        cloud = data[layer.id]
        if isinstance(cloud, CloudData):
            entries += clouds.entries(layer, cloud, lang)
        frame = table_of(layer, data)
        if frame is None:
            continue
        if layer.role == "sensors":
            entries.append(
                LegendEntry(word("legend.sensors", lang), status()["sensors"]["colour"], symbol="dot", count=len(frame))
            )
        elif layer.role == "cases":
            closed = int((pd.Series(text(frame, ("closed_at",))).str.strip() != "").sum())
            for key, colour, count in (("open", "open", len(frame) - closed), ("closed", "closed", closed)):
                if count:
                    entries.append(
                        LegendEntry(
                            word(f"legend.cases_{key}", lang), status()["cases"][colour], symbol="dot", count=count
                        )
                    )
        elif layer.role in _BY_NAME:
            row = role_row(layer.role)
            entries.append(LegendEntry(layer.title(lang), layer.style.colour or row.colour, symbol=row.symbol))
        elif layer.role == "other":
            entries.append(LegendEntry(layer.title(lang), layer.style.colour or palette["other.polygon"]))
    entries += entries_of(shown, data, lang)
    return Legend(word("legend.plain", lang), tuple(entries))


def _with_pipes(
    legend: Legend, state: ProjectState, data: Mapping[str, LayerData], theme: Theme, lang: str
) -> Legend:  # fmt: skip
    """Return a theme's legend with the kinds of pipes that are seen under it: nobody knows their colours by heart."""
    shown = [one for one in state.with_role("pipes") if one.visible and one.style.symbology is None and one.id in data]
    rows: list[LegendEntry] = []
    if theme.kind == "pipes":
        rows = [*pattern_entries(shown, data, lang), *pipe_remarks(shown, data, lang)]
    elif theme.kind != "plain":
        rows = pipe_entries(shown, data, lang)
    return replace(legend, entries=(*legend.entries, *rows)) if rows else legend


# --- facilities -------------------------------------------------------------------------------------------------------


def _facilities(state: ProjectState, data: Mapping[str, LayerData], lang: str) -> ThemePicture:
    """Colour every component by its state; count states, and classes of what needs somebody."""
    colours: dict[str, LayerColours] = {}
    tables: list[tuple[pd.DataFrame, Edition]] = []
    for layer in state.with_role("facilities"):
        frame = table_of(layer, data)
        if frame is None:
            continue
        colours[layer.id] = _by_state(frame.index.to_numpy(), status_of(frame))
        tables.append((frame, state.edition_of(layer)))
    if not tables:
        return ThemePicture(colours, Legend(word("legend.facilities", lang)))
    table = counts_by_class(tables)
    entries = [
        LegendEntry(known.title(lang), _state_colour(known), symbol="dot", count=int(table[known.id].sum()))
        for known in states().values()
        if int(table[known.id].sum())
    ]
    faulty = table[[known.id for known in states().values() if known.severity > 0 and known.id != UNKNOWN]].sum(axis=1)
    faulty = faulty[faulty > 0].sort_values(ascending=False, kind="stable")
    for kind, count in zip(faulty.index[:MOST_CLASSES], faulty.iloc[:MOST_CLASSES], strict=True):
        name = word("facilities.unknown_class", lang) if kind == NO_CLASS else kind.title(lang)
        entries.append(replace(_class_row(name, int(count), lang), icon=icon_of(kind)))
    rest = int(faulty.iloc[MOST_CLASSES:].sum())
    if rest:
        entries.append(_class_row(word("legend.other_classes", lang), rest, lang))
    note = word(
        "legend.unknown_note", lang, total=f"{int(table['total'].sum()):,}", unknown=f"{int(table[UNKNOWN].sum()):,}"
    )
    return ThemePicture(colours, Legend(word("legend.facilities", lang), tuple(entries), note))


def _class_row(name: str, count: int, lang: str) -> LegendEntry:
    return LegendEntry(
        word("legend.class_row", lang, name=name), status()["general"]["problem"], symbol="dot", count=count
    )


def _by_state(oids: NDArray[Any], state: NDArray[np.object_]) -> LayerColours:
    names = list(states())
    table = np.array([rgba(_state_colour(states()[name])) for name in names], dtype=np.uint8)
    row = pd.Index(names).get_indexer(pd.Index(state))
    row[row < 0] = names.index(UNKNOWN)
    return np.asarray(oids, dtype=np.int64), table[row]


def _state_colour(known: FacilityState) -> str:
    """Return a state's colour in a picture: what needs nobody steps back behind what does."""
    if known.id in status()["markers"]:
        return known.colour
    share, ground = status()["general"]["calm_share"], rgba(status()["general"]["calm"])
    mixed = (round(own + (calm - own) * share) for own, calm in zip(rgba(known.colour)[:3], ground[:3], strict=True))
    return "#{:02x}{:02x}{:02x}".format(*mixed)


# --- indicators -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Grades:
    """Classes of an indicator's values.

    Parameters
    ----------
    breaks : tuple of float
        Ascending limits between classes; class ``i`` holds ``breaks[i - 1] <= value < breaks[i]``.
    colours : tuple of str
        One more than breaks.
    met : tuple of bool
        Whether a class meets the benchmark.
    """

    breaks: tuple[float, ...]
    colours: tuple[str, ...]
    met: tuple[bool, ...]

    def of(self, value: float) -> int:
        """Return the class of a value."""
        return int(np.searchsorted(np.asarray(self.breaks), value + TOLERANCE, side="right"))


def grades_of(result: IndicatorResult, units: Sequence[UnitValue] = ()) -> Grades:
    """Return five classes: around the benchmark where there is one, else over the values (of some units, if given).

    Up to four classes miss the benchmark, the others meet it; a second benchmark, or the way to the best value, parts
    the classes that meet it.
    """
    ramps, definition = status()["grades"], result.definition
    benchmarks = result.benchmarks
    if not benchmarks:
        values = [unit.value for unit in units or result.units if unit.value is not None]
        limits = tuple(ramps["plain_percent"]) if definition.unit == "%" else _even_breaks(values)
        return Grades(limits, tuple(ramps["plain"]), (False,) * 5)
    aim = benchmarks[0].value
    percent = definition.unit == "%"
    rising = benchmarks[0].op == ">="
    others = sorted({b.value for b in benchmarks[1:] if (b.value > aim if rising else b.value < aim)})
    if not rising and aim == 0:
        return _none_wanted([unit.value for unit in units or result.units if unit.value])
    if percent and rising and aim >= 100.0:
        breaks, misses = (60.0, 75.0, 90.0, 100.0), 4
    elif rising:
        above = others[0] if others else min((aim + 100.0) / 2, 100.0) if percent else aim * 1.25
        breaks, misses = (_handy(aim * 0.7), _handy(aim * 0.85), aim, above), 3
    else:
        below = others[-1] if others else aim / 2
        # what is just as much as is allowed meets it
        breaks, misses = (below, aim + 2 * TOLERANCE, _handy(aim * 1.5), _handy(aim * 2.0)), 3
    below_ramp = {4: ramps["below"], 3: [ramps["below"][0], ramps["below"][1], ramps["below"][2]]}[misses]
    met_ramp = ramps["met"][-(5 - misses) :]
    colours, met = [*below_ramp, *met_ramp], [False] * misses + [True] * (5 - misses)
    if not rising:
        colours, met = colours[::-1], met[::-1]
    return Grades(tuple(breaks), tuple(colours), tuple(met))


def _none_wanted(values: list[float]) -> Grades:
    """Return the classes where there should be none: zero meets it, what is above in four classes up to the most."""
    ramps = status()["grades"]
    is_counted = all(float(value).is_integer() for value in values)
    most = max(values, default=4.0)
    least = 1.0 if is_counted else min(values)
    breaks = [least]
    for share in (0.25, 0.5, 0.75):
        limit = least + share * (most - least)
        breaks.append(max(np.ceil(limit), breaks[-1] + 1.0) if is_counted else max(limit, breaks[-1] * 1.001))
    colours = (ramps["met"][-1], *ramps["below"][::-1])
    return Grades(tuple(float(f"{one:.4g}") for one in breaks), colours, (True, False, False, False, False))


def _even_breaks(values: list[float]) -> tuple[float, ...]:
    """Return four round limits that part the values' range in five."""
    if not values:
        return (1.0, 2.0, 3.0, 4.0)
    low, high = min(values), max(values)
    step = max((high - low) / 5, abs(high) * 0.05, 1e-6)
    start = low if high - low > 1e-9 else low - 2.5 * step
    return tuple(float(f"{start + step * k:.3g}") for k in range(1, 5))


def _handy(value: float) -> float:
    """Round a limit that is ours, not a standard's, to halves of its power of ten: 72.25 to 70, 6.8 to 7."""
    step = 10.0 ** np.floor(np.log10(value)) / 2
    return float(round(value / step) * step)


def _indicator(
    state: ProjectState, data: Mapping[str, LayerData], code: str, result: IndicatorResult | None, lang: str,
    *, by_estate: bool = False,
) -> ThemePicture:  # fmt: skip
    colours: dict[str, LayerColours] = {}
    grey = status()["general"]["no_data"]
    if result is None:
        for layer in state.with_role("districts"):
            frame = table_of(layer, data)
            if frame is not None:
                colours[layer.id] = joined([hatched(frame.index.to_numpy())])
        entry = LegendEntry(word("legend.no_data", lang), grey, "hatch")
        return ThemePicture(colours, Legend(_name_of(code, lang), (entry,), word("legend.not_computed", lang)))
    by_estate = by_estate and bool(result.estates)
    units = result.estates if by_estate else result.units
    grades = grades_of(result, units)
    colours.update(_units_colours(units, grades))
    entries = _grade_entries(result, units, grades, lang)
    blank = sum(unit.value is None for unit in units)
    if blank:
        entries.append(LegendEntry(word("legend.no_data", lang), grey, "hatch", count=blank))
    more, objects = _objects(state, data, result, lang, by_estate=by_estate)
    colours.update(more)
    definition = result.definition
    unit_text = definition.unit_text(lang)
    key = "legend.indicator" if unit_text else "legend.indicator.no_unit"
    title = word(key, lang, name=definition.title(lang), unit=unit_text)
    if by_estate:
        title = word("legend.by_estate", lang, title=title)
    return ThemePicture(colours, Legend(title, (*entries, *objects), _benchmark_note(result, lang)))


def _benchmark_note(result: IndicatorResult, lang: str) -> str:
    if result.city.grade in ("no_profile", "not_applicable"):
        return word(f"health.grade.{result.city.grade}", lang)
    signs = {">=": "≥", "<=": "≤"}
    percent = " %" if result.definition.unit == "%" else ""  # other units stand in the title
    return "\n".join(
        word("legend.benchmark", lang, op=signs.get(b.op, b.op), value=f"{significant(b.value)}{percent}",
             name=b.title(lang))
        for b in result.benchmarks
    )  # fmt: skip


def _name_of(code: str, lang: str) -> str:
    """Return what an indicator is called, its code where no edition knows it."""
    try:
        return indicator(code).title(lang)
    except UserError:
        return code


def _units_colours(units: Sequence[UnitValue], grades: Grades) -> dict[str, LayerColours]:
    """Return the colours of units by their class, of those without data wash and hatch, by layer."""
    fill = status()["general"]["fill"]
    table = np.array([rgba(colour, fill) for colour in grades.colours], dtype=np.uint8)
    found: dict[str, LayerColours] = {}
    layers = np.array([unit.unit_layer for unit in units], dtype=object)
    oids = np.array([unit.unit_oid for unit in units], dtype=np.int64)
    values = np.array([unit.value for unit in units], dtype=np.float64)
    for layer_id in dict.fromkeys(layers.tolist()):
        mine = layers == layer_id
        known = mine & ~np.isnan(values)
        classes = np.searchsorted(np.asarray(grades.breaks), values[known] + TOLERANCE, side="right")
        blank = oids[mine & np.isnan(values)]
        parts: list[LayerColours] = [(oids[known], table[classes])]
        found[layer_id] = joined([*parts, hatched(blank)]) if len(blank) else parts[0]
    return found


def _grade_entries(
    result: IndicatorResult, units: Sequence[UnitValue], grades: Grades, lang: str
) -> list[LegendEntry]:  # fmt: skip
    """Return the classes, best first: none without any value, nor an empty one too narrow to be written."""
    values = [unit.value for unit in units if unit.value is not None]
    if not values:
        return []
    found = [grades.of(value) for value in values]
    limits = [significant(value) for value in grades.breaks]
    is_counted = result.definition.form == "count" and all(float(one).is_integer() for one in (*values, *grades.breaks))
    rows = []
    for k, colour in enumerate(grades.colours):
        if 0 < k < len(limits) and limits[k - 1] == limits[k] and k not in found:
            continue
        if k == 0 and result.benchmarks and result.benchmarks[0].value == 0 and grades.met[0]:
            name = "0"
        elif k == 0:
            name = word("legend.class.under", lang, high=limits[0])
        elif k == len(limits):
            name = word("legend.class.from", lang, low=limits[-1])
            if result.definition.unit == "%" and grades.breaks[-1] >= 100.0:
                name = limits[-1]
        else:
            high = significant(grades.breaks[k] - 1) if is_counted else limits[k]  # 1 – 6, then 7 – 12: nothing twice
            is_one = high == limits[k - 1]
            name = high if is_one else word("legend.class.between", lang, low=limits[k - 1], high=high)
        if grades.met[k]:
            name = word("legend.class.met", lang, range=name)
        rows.append(LegendEntry(name, colour, count=found.count(k)))
    return rows if result.definition.direction == "down" else rows[::-1]


def _objects(
    state: ProjectState, data: Mapping[str, LayerData], result: IndicatorResult, lang: str, *, by_estate: bool
) -> tuple[dict[str, LayerColours], list[LegendEntry]]:
    """Colour the objects behind a result: what is bad, what counts, and let the rest recede."""
    general = status()["general"]
    painted: dict[str, LayerColours] = {}
    entries: list[LegendEntry] = []
    roles = {layer.id: layer.role for layer in state.layers}

    def paint(layer_id: str, table: LayerColours) -> None:
        if len(table[0]):
            painted[layer_id] = over(painted[layer_id], table) if layer_id in painted else table

    used_roles = {item.role for item in result.inputs}
    for layer in state.with_role("facilities"):
        frame = table_of(layer, data)
        if frame is not None and (layer.visible or "facilities" in used_roles):
            paint(layer.id, _facility_paint(frame, state.edition_of(layer), "facilities" in used_roles))
    if by_estate:  # parcels and sites would cover the estates
        return painted, entries
    if "parcels" in used_roles:
        blank = list(_districts_without_data(result))
        in_reach = 0
        for layer in state.with_role("parcels"):
            frame = table_of(layer, data)
            if frame is None:
                continue
            uncovered = [
                p.key.oid for p in result.problems if p.reason == "parcel_uncovered" and p.key.layer == layer.id
            ]
            homes = pd.Series(text(frame, ("district_code",))).astype(str)
            oids = frame.index.to_numpy(np.int64)
            calm = oids[~np.isin(oids, uncovered) & ~homes.isin(blank).to_numpy()]
            paint(layer.id, one_colour(calm, rgba(general["covered"], general["parcel_fill"])))
            in_reach += len(calm)
        if in_reach:
            entries.append(LegendEntry(word("legend.covered", lang), general["covered"], count=in_reach))
    sites: dict[str, list[int]] = {}
    for layer_id, oids in (run for good in result.good if good.reason == "site" for run in good.keys.runs):
        role = roles.get(layer_id, "")
        sites.setdefault(role, []).extend(oids.tolist())
        colour = rgba(general["site_green"]) if role == "green" else rgba(general["site"], 0.8)
        paint(layer_id, one_colour(oids, colour))
    for role, found in sites.items():
        key, tint = ("legend.sites.green", "site_green") if role == "green" else ("legend.sites", "site")
        entries.append(LegendEntry(word(key, lang), general[tint], count=len(set(found))))
    failing: dict[tuple[str, str], list[int]] = {}
    for problem in result.problems:
        if problem.reason != "below_benchmark":  # the district itself; its class says so already
            failing.setdefault((problem.key.layer, problem.reason), []).append(problem.key.oid)
    reasons: dict[str, int] = {}
    for (layer_id, reason), bad in failing.items():
        reasons[reason] = reasons.get(reason, 0) + len(bad)
        paint(layer_id, one_colour(np.array(bad), _problem_colour(reason, general)))
    for reason, count in reasons.items():
        shade = "#{:02x}{:02x}{:02x}".format(*_problem_colour(reason, general)[:3])
        name = word("legend.problems", lang, reason=word(f"problem.{reason}", lang))
        entries.append(LegendEntry(name, shade, symbol="dot" if reason.startswith("cover_") else "", count=count))
    return painted, entries


def _problem_colour(reason: str, general: Mapping[str, Any]) -> tuple[int, int, int, int]:
    """Return a state's own colour for a cover, else the problem colour as a wash."""
    known = states().get(reason.removeprefix("cover_"))
    if reason.startswith("cover_") and known is not None:
        return rgba(known.colour)
    return rgba(general["problem"], general["parcel_fill"] + 0.14)


def _facility_paint(frame: pd.DataFrame, edition: Edition, covers_matter: bool) -> LayerColours:
    """Hide the markers of components a theme does not speak of; paint intact covers in calm green if it does."""
    state = status_of(frame)
    cover = is_cover(frame, edition)
    marked = np.isin(state.astype(str), list(status()["markers"]))
    oids = frame.index.to_numpy(np.int64)
    paint = one_colour(oids[marked & ~cover if covers_matter else marked] + MARKER, (0, 0, 0, 0))
    if covers_matter:
        calm = one_colour(oids[cover & (state == "intact")], rgba(_state_colour(states()["intact"])))
        paint = joined([paint, calm])
    return paint


def _districts_without_data(result: IndicatorResult) -> set[str]:
    return {unit.unit_code for unit in result.units if unit.value is None}


def pictured(
    state: ProjectState,
    data: Mapping[str, LayerData],
    theme: Theme,
    results: Any = None,
    lang: str = "zh",
    old: Container[str] = (),
    dark: bool = False,
    gate: Marks | None = None,
) -> ThemePicture:
    """Return what theme and styles give together: colours by what is drawn, one legend.

    Parameters are those of :func:`viewers.render.symbology.theming.themed`.
    """
    state, data = _all_passing(state, data)
    picture = themed(state, data, theme, results, lang, old, dark, gate)
    colours: dict[str, LayerColours] = dict(picture.colours)
    styled: set[str] = set(picture.styled)
    for layer in state.layers:
        if layer.style.symbology is None or layer.id not in data:
            continue
        own = style_colours(layer, data[layer.id], state.frame)
        if own is None:
            continue
        theirs = picture.colours.get(layer.id)
        both = own if theirs is None else over(own, theirs)
        colours[layer.id] = both
        colours[form_id(layer.id)] = both
        if theirs is None:
            styled.add(layer.id)
        styled.add(form_id(layer.id))
    legend = style_legend(state, data, _with_pipes(picture.legend, state, data, theme, lang), theme, lang)
    signs = frozenset(
        layer.id for layer in state.with_role("facilities") if layer.style.signs or theme.kind == "facilities"
    )  # fmt: skip
    return ThemePicture(colours, legend, frozenset(styled), picture.numbers, signs)


def _all_passing(state: ProjectState, data: Mapping[str, LayerData]) -> tuple[ProjectState, Mapping[str, LayerData]]:
    """Return all layers as their filters leave them; a filter with an error is reported where the layer is drawn."""
    if not any(layer.filter.strip() for layer in state.layers):
        return state, data
    layers, left = list(state.layers), dict(data)
    for at, layer in enumerate(state.layers):
        if layer.id in left:
            try:
                layers[at], left[layer.id] = passing(layer, left[layer.id], state.frame)
            except UserError:  # not drawn either
                del left[layer.id]
    return replace(state, layers=tuple(layers)), left

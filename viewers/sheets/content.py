"""What is written on a sheet, in the reader's language, before anything is drawn. No Qt."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from models.project.project import ProjectState
from models.timeline.zone import us_of_iso
from models.views.camera import Camera, Vector
from models.views.snapshot_spec import FURNITURE, Callout, SnapshotSpec
from resources.words import word
from viewers.texts.crs_texts import footer_texts
from viewers.texts.moment_texts import moment_phrase
from viewers.texts.values import indicator_value

if TYPE_CHECKING:
    from models.health.results import IndicatorResult
    from viewers.legend import Legend


@dataclass(frozen=True, slots=True)
class ScaleBar:
    """A scale bar: its length on the ground and on the sheet, and where it holds."""

    length_m: float
    length_px: float
    text: str
    note: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """All words and figures of one sheet.

    Parameters
    ----------
    title, subtitle, formula : str
    badge : str
        The synthetic label, empty for real data.
    values : tuple of (str, str)
        Place and value of the indicator, one row a place; empty without an indicator.
    legend : Legend or None
    footer : tuple of str
        Data source, coordinate system, coverage …, one a phrase.
    signature : str
        Program and date.
    north_deg : float
        Where north points on the sheet, clockwise from up.
    scale_bar : ScaleBar or None
    dark : bool
    north : bool
        Whether there is a north arrow.
    callout : Callout or None
    callout_at : (float, float) or None
        Where it points on the sheet, pixels from the upper left.
    """

    title: str
    subtitle: str
    formula: str
    badge: str
    values: tuple[tuple[str, str], ...]
    legend: Legend | None
    footer: tuple[str, ...]
    signature: str
    north_deg: float
    scale_bar: ScaleBar | None
    dark: bool = False
    north: bool = True
    callout: Callout | None = None
    callout_at: tuple[float, float] | None = None


def heading_of(spec: SnapshotSpec, state: ProjectState, result: IndicatorResult | None = None) -> str:
    """Return the title of a sheet that nobody named: the indicator and the object, else the project and the object."""
    name = (state.name_en if spec.lang == "en" else "") or state.name or word("app.name", spec.lang)
    return heading(name if result is None else result.definition.title(spec.lang), spec.callout)


def heading(subject: str, callout: Callout | None) -> str:
    """Return a subject with the object that is pointed at: ``"公园绿地服务半径覆盖率 · 滨江街道"``."""
    return " · ".join(part for part in (subject, callout.title if callout else "") if part)


def sheet_of(
    spec: SnapshotSpec, state: ProjectState, legend: Legend | None, result: IndicatorResult | None = None
) -> Sheet:
    """Return what is written on a picture.

    Parameters
    ----------
    spec : SnapshotSpec
    state : ProjectState
        With the visibility that was drawn: only layers that are shown are named as sources.
    legend : Legend or None
    result : IndicatorResult, optional
        With an indicator: its formula, coverage and value for each place.
    """
    lang = spec.lang
    shown = [layer for layer in state.layers if layer.visible]
    name = (state.name_en if lang == "en" else "") or state.name or word("app.name", lang)
    subtitle, formula, coverage = "", "", ""
    values: tuple[tuple[str, str], ...] = ()
    if spec.theme.kind == "facilities":
        subtitle = word("sheet.facilities", lang)
    if result is not None:
        named = not spec.title or spec.title.startswith(result.definition.title(lang))
        subtitle = f"{name if named else result.definition.title(lang)}  {result.code}"
        formula = result.definition.formula_text(lang)
        known = result.city.coverage
        share = word("health.status.unstated", lang) if known is None else f"{known * 100:.0f}%"
        coverage = word("sheet.coverage", lang, share=share)
        values = _values(result, lang)
    zone = state.operations.zone.name
    footer = [
        moment_phrase(us_of_iso(spec.moment, zone), lang, zone) if spec.moment else "",
        word("sheet.source", lang, source=sources_text([layer.data_source for layer in shown], lang)),
        word("sheet.crs", lang, crs=crs_text(state, lang)),
        *footer_texts(state, lang),
        coverage,
    ]
    synthetic = any(layer.synthetic for layer in shown)
    callout_at = None if spec.callout is None else on_sheet(spec, spec.callout.point)
    return Sheet(
        title=spec.title or heading_of(spec, state, result),
        subtitle=subtitle,
        formula=formula,
        badge=word("sheet.synthetic", lang) if synthetic else "",
        values=values,
        legend=legend if legend is not None and legend.entries else None,
        footer=tuple(phrase for phrase in footer if phrase),
        signature=f"{word('app.name', lang)}  ·  {spec.date}" if spec.date else word("app.name", lang),
        north_deg=north_on_sheet_deg(spec.camera),
        scale_bar=scale_bar(spec, lang),
        dark=spec.dark,
        callout=None if callout_at is None else spec.callout,
        callout_at=callout_at,
    )


def on_sheet(spec: SnapshotSpec, point: Vector) -> tuple[float, float] | None:
    """Return where a place of the world lies on a sheet, pixels from the upper left; None for one that is not on it."""
    camera = spec.camera
    ahead = _unit(tuple(camera.focal_point[i] - camera.position[i] for i in range(3)))
    right = _unit(_cross(ahead, camera.up))
    if ahead is None or right is None:
        return None
    up = _cross(right, ahead)
    to = tuple(point[i] - camera.position[i] for i in range(3))
    depth_m, across_m, above_m = _dot(to, ahead), _dot(to, right), _dot(to, up)
    if camera.parallel_scale_m is not None:
        half_m = camera.parallel_scale_m
    elif depth_m > 0:
        half_m = depth_m * math.tan(math.radians(camera.angle_deg) / 2)
    else:
        return None
    px_a_m = spec.height_px / 2 / half_m if half_m > 0 else math.inf
    x, y = spec.width_px / 2 + across_m * px_a_m, spec.height_px / 2 - above_m * px_a_m
    return (x, y) if 0 <= x <= spec.width_px and 0 <= y <= spec.height_px else None


def _dot(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))


def _cross(a: tuple[float, ...] | None, b: tuple[float, ...]) -> tuple[float, ...]:
    if a is None:
        return (0.0, 0.0, 0.0)
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


def _unit(vector: tuple[float, ...]) -> tuple[float, ...] | None:
    length = math.hypot(*vector)
    return tuple(value / length for value in vector) if length > 0 else None


def north_on_sheet_deg(camera: Camera) -> float:
    """Return where north points on the picture, degrees clockwise from up.

    Looking down, the picture's up is the camera's up; otherwise the direction of view lies up.
    """
    ahead = [camera.focal_point[i] - camera.position[i] for i in range(3)]
    if math.hypot(ahead[0], ahead[1]) < 1e-3 * abs(ahead[2]) or math.hypot(ahead[0], ahead[1]) == 0:
        ahead = list(camera.up)
    return -math.degrees(math.atan2(ahead[0], ahead[1])) % 360


def metres_per_pixel(spec: SnapshotSpec) -> float:
    """Return how many metres one pixel is across the picture: everywhere for parallel views, else at the centre."""
    camera = spec.camera
    if camera.parallel_scale_m is not None:
        return 2 * camera.parallel_scale_m / spec.height_px
    distance = math.dist(camera.position, camera.focal_point)
    return 2 * distance * math.tan(math.radians(camera.angle_deg) / 2) / spec.height_px


def scale_bar(spec: SnapshotSpec, lang: str, share: float = 0.12) -> ScaleBar | None:
    """Return a bar of a round length, about ``share`` of the picture's width at the most."""
    resolution = metres_per_pixel(spec)
    longest = resolution * spec.width_px * share
    if not math.isfinite(longest) or longest <= 0:
        return None
    power = 10 ** math.floor(math.log10(longest))
    length = max(step * power for step in (1, 2, 5) if step * power <= longest)
    text = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    note = word("sheet.scale_parallel" if spec.camera.parallel_scale_m is not None else "sheet.scale_centre", lang)
    return ScaleBar(length, length / resolution, text, note)


def without_furniture(sheet: Sheet, without: Iterable[str] = FURNITURE) -> Sheet:
    """Return a sheet without some of its furniture; even a bare picture says that its data is synthetic."""
    parts = set(without)
    if "title" in parts:
        sheet = replace(sheet, title="", subtitle="", formula="")
    if "legend" in parts:
        sheet = replace(sheet, values=(), legend=None)
    if "scale" in parts:
        sheet = replace(sheet, scale_bar=None)
    if "north" in parts:
        sheet = replace(sheet, north=False)
    if "source" in parts:
        sheet = replace(sheet, footer=(), signature="")
    return sheet


def _values(result: IndicatorResult, lang: str) -> tuple[tuple[str, str], ...]:
    unit_text, rows = result.definition.unit_text(lang), []
    for unit in (*result.units, result.city):
        text = indicator_value(unit.value, unit_text, word("value.none", lang))
        rows.append((unit.title(lang) or word("sheet.whole_city", lang), text))
    return tuple(rows)


def crs_text(state: ProjectState, lang: str) -> str:
    """Return the project's CRS as it is written under pictures and in the status line."""
    label = state.frame.label if state.frame else "—"
    return word("sheet.crs_local", lang) if label == "unknown" else label


def sources_text(sources: Iterable[str], lang: str) -> str:
    """Return who made some data (``"中文 / English"``), each once, or that nobody said."""
    named = dict.fromkeys(_source_in(source, lang) for source in sources if source)
    return word("sheet.comma", lang).join(named) or word("sheet.source_unknown", lang)


def _source_in(text: str, lang: str) -> str:
    """Return one half of ``"中文 / English"``."""
    halves = [half.strip() for half in text.split(" / ")]
    return halves[-1 if lang == "en" else 0]

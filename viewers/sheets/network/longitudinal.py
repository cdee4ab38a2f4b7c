"""Draw a longitudinal profile (纵断面图): ground, manholes, pipes and what crosses them, and the table below."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainterPath, QPolygonF

from models.network.profile.longitudinal import Crossing, LongProfile, Span, Well
from resources.words import word
from viewers.sheets.network import texts
from viewers.sheets.network.axes import Axes, Extent, draw_heights
from viewers.sheets.network.band import BandRow, Stretch, draw_band_below, height_of
from viewers.sheets.network.pen import SMALL, Pen, faded

#: Width of the titles of the table, units; English is longer.
HEAD_UNITS = {"zh": 104.0, "en": 138.0}
#: Room above the ground for the labels of crossings: lines of this height.
LABEL_UNITS, LABEL_LINES = 15.0, 3
_PAD = 14.0


@dataclass(frozen=True, slots=True)
class Marked:
    """What stands out: feature ids of pipes and nodes."""

    pipes: frozenset[int] = frozenset()
    nodes: frozenset[int] = frozenset()


NOTHING = Marked()


def whole(profile: LongProfile, from_m: float = 0.0, to_m: float = math.inf) -> Extent:
    """Return an extent that holds all of a profile, or a stretch of it, with some air."""

    def within(station: float) -> bool:
        return from_m <= station <= to_m

    inside = (profile.ground_station_m >= from_m) & (profile.ground_station_m <= to_m)
    wells = [well for well in profile.wells if within(well.station_m)]
    levels = [profile.ground_m[inside], np.array([[well.rim_m, well.bottom_m] for well in wells]).ravel()]
    for span in profile.spans:
        if span.end_m >= from_m and span.start_m <= to_m:
            levels += [span.bottom_m - np.nan_to_num(span.wall_m), span.bottom_m + np.nan_to_num(span.inside_m)]
    levels += [
        np.array([one.axis_m - one.half_height_m, one.axis_m + one.half_height_m])
        for one in profile.crossings if within(one.station_m)
    ]  # fmt: skip
    known = np.concatenate(levels)
    known = known[np.isfinite(known)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    air = max(0.08 * (high - low), 0.3)
    return Extent(from_m, min(max(profile.length_m, 0.1), to_m), low - air, high + air)


def rows_of(profile: LongProfile, lang: str) -> list[BandRow]:
    """Return the rows of the table as they stand under the drawing, one place a well."""

    def say(key: str) -> str:
        return word(f"profile.row.{key}", lang)

    wells = profile.wells
    inverts, tones = [], {}
    for n, well in enumerate(wells):
        sides = [side for side in (well.left_m, well.right_m) if math.isfinite(side)]
        apart = len(sides) == 2 and abs(sides[0] - sides[1]) > 0.0005
        shown = sides if apart else [sides[0] if sides else well.invert_m]
        inverts.append(" / ".join(texts.level(level) for level in shown))
        missing = (n > 0 and math.isnan(well.left_m)) or (n + 1 < len(wells) and math.isnan(well.right_m))
        if missing or well.drop_m < -0.005:
            tones[n] = "bad"
    sizes, lengths = [], []
    for n, span in enumerate(profile.spans):
        size = texts.size(span.diameter_mm, span.width_mm, span.section_height_mm, span.is_box, lang)
        bare = texts.slope(span.slope)
        slope = f"{bare} {word('profile.adverse', lang)}" if span.is_adverse else bare
        tone = "bad" if span.is_adverse or span.has_gap else "text"
        full = f"{size} {span.material}".strip()
        sizes.append(Stretch(n, n + 1, (f"{full}\n{slope}", f"{size}\n{slope}", f"{size}\n{bare}"), tone))
        lengths.append(Stretch(n, n + 1, tuple(f"{span.length_m:.{digits}f}" for digits in (2, 1, 0))))
    return [
        BandRow(say("ground"), tuple(texts.level(well.rim_m) for well in wells)),
        BandRow(say("invert"), tuple(inverts), (), tones),
        BandRow(say("depth"), tuple(texts.length(well.depth_m) for well in wells)),
        BandRow(say("size"), (), tuple(sizes), is_tall=True),
        BandRow(say("length"), (), tuple(lengths)),
        BandRow(say("well"), tuple(well.code or texts.UNKNOWN for well in wells)),
        BandRow(say("station"), tuple(texts.station(well.station_m) for well in wells)),
    ]


def draw(
    pen: Pen, box: QRectF, profile: LongProfile, extent: Extent, lang: str, *, upright: bool = False,
    marked: Marked = NOTHING,
) -> tuple[Axes, int]:  # fmt: skip
    """Draw a profile with its table into a box.

    Parameters
    ----------
    pen : Pen
    box : QRectF
    profile : LongProfile
    extent : Extent
        What of it is shown.
    lang : str
    upright : bool
        As on paper: figures of the table are turned.
    marked : Marked
        What stands out.

    Returns
    -------
    axes : Axes
        Where everything is.
    left_out : int
        Wells without room for their figures.
    """
    plot_box = plot_of(pen, box, profile, lang, upright=upright)
    axes = Axes(plot_box, extent)
    pen.box(box, "surface")
    draw_heights(pen, axes, box.left(), word("profile.heights", lang))
    pen.painter.save()
    pen.painter.setClipRect(plot_box.adjusted(0, -1, 0, 1))
    _draw_ground(pen, axes, profile)
    for well in profile.wells:
        pen.line(axes.x(well.station_m), plot_box.top(), axes.x(well.station_m), plot_box.bottom(), "line", 0.6)
    for span in profile.spans:
        _draw_span(pen, axes, span, lang, span.fid in marked.pipes)
    pen.painter.setClipRect(QRectF(plot_box.left() - _PAD, box.top(), plot_box.width() + 2 * _PAD,
                                   plot_box.bottom() - box.top()))  # fmt: skip
    for well in profile.wells:
        _draw_well(pen, axes, well, well.fid in marked.nodes and well.fid >= 0)
    _draw_crossings(pen, axes, profile, lang, marked)
    pen.painter.restore()
    places = [axes.x(well.station_m) for well in profile.wells]
    left_out = draw_band_below(
        pen, box, plot_box, _PAD, places, rows_of(profile, lang), lang, upright=upright, least=30.0
    )
    return axes, left_out


def plot_of(pen: Pen, box: QRectF, profile: LongProfile, lang: str, *, upright: bool) -> QRectF:
    """Return where the drawing above the table lies in a box."""
    band = height_of(pen, rows_of(profile, lang), upright=upright)
    head = HEAD_UNITS[lang]
    labels = LABEL_LINES * LABEL_UNITS if any(math.isfinite(one.axis_m) for one in profile.crossings) else 10.0
    return QRectF(
        box.left() + head + _PAD, box.top() + 8 + labels, max(box.width() - head - 3 * _PAD, 10.0),
        max(box.height() - band - labels - 10, 20.0),
    )  # fmt: skip


def _draw_ground(pen: Pen, axes: Axes, profile: LongProfile) -> None:
    soil = faded(QColor("#a5895f"), 46 if not pen.look.dark else 60)
    line = QColor("#7a5d34") if not pen.look.dark else QColor("#c9a877")
    for run in _runs(profile.ground_station_m, profile.ground_m):
        points = [QPointF(axes.x(s), axes.y(h)) for s, h in zip(*run, strict=True)]
        area = QPolygonF(
            [*points, QPointF(points[-1].x(), axes.box.bottom()), QPointF(points[0].x(), axes.box.bottom())]
        )
        pen.painter.setPen(Qt.PenStyle.NoPen)
        pen.painter.setBrush(soil)
        pen.painter.drawPolygon(area)
        pen.painter.setPen(pen.stroke(line, 1.8, dashed=profile.ground_source == "nodes"))
        pen.painter.drawPolyline(QPolygonF(points))


def _runs(station: np.ndarray, height: np.ndarray) -> list[tuple[list[float], list[float]]]:
    """Return the stretches of a line between its gaps, of two points and more."""
    known = np.isfinite(height)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], known.astype(int), [0]])))
    return [
        (station[a:b].tolist(), height[a:b].tolist()) for a, b in edges.reshape(-1, 2).tolist() if b - a > 1
    ]  # fmt: skip


def _draw_span(pen: Pen, axes: Axes, span: Span, lang: str, is_marked: bool) -> None:
    colour = pen.look.colour("bad") if span.is_adverse else pen.look.kind_line(span.kind)
    if span.has_gap:
        _draw_gap(pen, axes, span, lang)
        return
    x = [axes.x(s) for s in span.station_m]
    inside = 0.0 if math.isnan(span.inside_m) else span.inside_m
    bottom = [axes.y(level) for level in span.bottom_m]
    top = [axes.y(level + inside) for level in span.bottom_m]
    body = QPolygonF([QPointF(a, b) for a, b in zip(x, bottom, strict=True)]
                     + [QPointF(a, b) for a, b in zip(x[::-1], top[::-1], strict=True)])  # fmt: skip
    painter = pen.painter
    if is_marked:
        painter.setPen(pen.stroke(faded(pen.look.colour("accent"), 110), 9.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolygon(body)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(pen.look.colour("surface"))
    painter.drawPolygon(body)
    painter.setBrush(faded(pen.look.kind(span.kind), 90))
    painter.drawPolygon(body)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if span.wall_m > 0:  # the outside, where the wall is known
        painter.setPen(pen.stroke(faded(colour, 150), 0.8))
        for way, level in ((1, bottom), (-1, top)):
            shift = way * span.wall_m * axes.units_up
            painter.drawPolyline(QPolygonF([QPointF(a, b + shift) for a, b in zip(x, level, strict=True)]))
    painter.setPen(pen.stroke(colour, 1.6))
    painter.drawPolyline(QPolygonF([QPointF(a, b) for a, b in zip(x, bottom, strict=True)]))
    painter.drawPolyline(QPolygonF([QPointF(a, b) for a, b in zip(x, top, strict=True)]))
    _draw_flow(pen, axes, span, colour)


def _draw_flow(pen: Pen, axes: Axes, span: Span, colour: QColor) -> None:
    """Draw a small arrow into the direction of the pipe above its middle."""
    middle = (span.start_m + span.end_m) / 2
    x = axes.x(middle)
    if math.isnan(span.slope) or axes.x(span.end_m) - axes.x(span.start_m) < 34:
        return
    inside = 0.0 if math.isnan(span.inside_m) else span.inside_m
    y = axes.y(float(np.interp(middle, span.station_m, span.bottom_m)) + inside) - 7
    way = 1.0 if span.forward else -1.0
    pen.line(x - 8 * way, y, x + 8 * way, y, colour, 1.2)
    head = QPolygonF([QPointF(x + 9 * way, y), QPointF(x + 3 * way, y - 3), QPointF(x + 3 * way, y + 3)])
    pen.painter.setPen(Qt.PenStyle.NoPen)
    pen.painter.setBrush(colour)
    pen.painter.drawPolygon(head)


def _draw_gap(pen: Pen, axes: Axes, span: Span, lang: str) -> None:
    """Say that levels are missing; what is known at one end is a mark there."""
    left, right = axes.x(span.start_m), axes.x(span.end_m)
    box = QRectF(left, axes.box.bottom() - 22, right - left, 16)
    pen.box(QRectF(left, axes.box.top(), right - left, axes.box.height()), faded(pen.look.colour("bad"), 14))
    text = word("profile.gap", lang)
    if pen.width(text, SMALL) < box.width() - 4:
        pen.text(box, text, "bad", size=SMALL)
    elif box.width() > 10:
        pen.text(box, "?", "bad", size=SMALL)
    for level, x in ((span.left_m, left), (span.right_m, right)):
        if math.isfinite(level):
            y = axes.y(level)
            pen.line(x - 4, y, x + 4, y, "bad", 2.0)


def _draw_well(pen: Pen, axes: Axes, well: Well, is_marked: bool) -> None:
    x = axes.x(well.station_m)
    if not axes.box.left() - 1 <= x <= axes.box.right() + 1:
        return
    if not math.isfinite(well.bottom_m) and not math.isfinite(well.rim_m):
        return
    bottom = axes.y(well.bottom_m) if math.isfinite(well.bottom_m) else None
    top = axes.y(well.rim_m) if math.isfinite(well.rim_m) else None
    half = min(max(0.45 * axes.units_a_metre, 2.5), 9.0)
    if is_marked and bottom is not None and top is not None:
        pen.box(QRectF(x - half - 4, top - 4, 2 * half + 8, bottom - top + 8), faded(pen.look.colour("accent"), 110))
    if bottom is None or top is None:
        y = bottom if bottom is not None else top
        assert y is not None  # noqa: S101 - one of the two is known
        pen.line(x - 6, y, x + 6, y, "bad", 2.0)
        return
    pen.box(QRectF(x - half, top, 2 * half, bottom - top), faded(pen.look.colour("surface"), 120))
    for side in (x - half, x + half):
        pen.line(side, top, side, bottom, "text_soft", 1.2)
    pen.line(x - half, bottom, x + half, bottom, "text_soft", 1.6)
    pen.line(x - half - 2.5, top, x + half + 2.5, top, "text", 2.2)


def _draw_crossings(pen: Pen, axes: Axes, profile: LongProfile, lang: str, marked: Marked) -> None:
    """Draw what crosses as ellipses at their levels, each with a label where there is room."""
    taken: list[list[tuple[float, float]]] = [[] for _ in range(LABEL_LINES)]
    for crossing in profile.crossings:
        if math.isnan(crossing.axis_m):
            continue
        x, y = axes.x(crossing.station_m), axes.y(crossing.axis_m)
        if not axes.box.left() - 1 <= x <= axes.box.right() + 1:
            continue
        # round on the paper would tell a false height: its height is to scale, its width no less than can be seen
        tall = max(crossing.half_height_m * axes.units_up, 2.5)
        wide = max(crossing.half_width_m * axes.units_a_metre, 3.0)
        if crossing.fid in marked.pipes:
            pen.painter.setPen(Qt.PenStyle.NoPen)
            pen.painter.setBrush(faded(pen.look.colour("accent"), 130))
            pen.painter.drawEllipse(QPointF(x, y), wide + 5, tall + 5)
        pen.painter.setPen(pen.stroke("bad" if crossing.is_short else pen.look.kind_line(crossing.kind), 1.4))
        pen.painter.setBrush(faded(pen.look.kind(crossing.kind), 150))
        pen.painter.drawEllipse(QPointF(x, y), wide, tall)
        _label_crossing(pen, axes, crossing, (x, y - tall), lang, taken)


def _label_crossing(
    pen: Pen, axes: Axes, crossing: Crossing, tip: tuple[float, float], lang: str,
    taken: list[list[tuple[float, float]]],
) -> None:  # fmt: skip
    text = crossing_text(crossing, lang)
    wide = pen.width(text, SMALL) + 10
    left = min(max(tip[0] - wide / 2, axes.box.left() + 2), axes.box.right() - wide - 2)
    for number, line in enumerate(taken):
        if all(left >= other[1] or left + wide <= other[0] for other in line):
            top = axes.box.top() - (LABEL_LINES - number) * LABEL_UNITS
            line.append((left, left + wide))
            pen.line(tip[0], top + LABEL_UNITS - 1, tip[0], tip[1], "line_strong", 0.8)
            pen.box(QRectF(left, top, wide, LABEL_UNITS - 1), faded(pen.look.colour("surface"), 225))
            pen.text(QRectF(left, top, wide, LABEL_UNITS - 1), text, "bad" if crossing.is_short else "text_soft",
                     size=SMALL)  # fmt: skip
            return


def crossing_text(crossing: Crossing, lang: str) -> str:
    """Return what a crossing is called on the drawing: kind, size, clear distance."""
    size = texts.size(crossing.diameter_mm, math.nan, math.nan, False, lang) if crossing.diameter_mm > 0 else ""
    clear = word("profile.clear", lang, clear=texts.length(crossing.clear_m)) if math.isfinite(crossing.clear_m) else ""
    return "  ".join(part for part in (f"{texts.kind(crossing.kind, lang)} {size}".strip(), clear) if part)


def draw_sign(pen: Pen, at: QPointF, name: str) -> None:
    """Draw one sign of the legend, its left middle at a point."""
    x, y, painter = at.x(), at.y(), pen.painter
    if name == "ground":
        pen.line(x, y, x + 26, y, QColor("#7a5d34"), 1.8)
    elif name == "pipe":
        pen.box(QRectF(x, y - 4, 26, 8), faded(QColor("#4c3926"), 70))
        pen.line(x, y - 4, x + 26, y - 4, QColor("#4c3926"), 1.6)
        pen.line(x, y + 4, x + 26, y + 4, QColor("#4c3926"), 1.6)
    elif name == "wall":
        pen.line(x, y, x + 26, y, QColor("#4c392699"), 0.8)
    elif name == "well":
        pen.box(QRectF(x + 8, y - 6, 10, 12), None, "text_soft", 1.2)
        pen.line(x + 5, y - 6, x + 21, y - 6, "text", 2.2)
    elif name == "crossing":
        painter.setPen(pen.stroke("text_soft", 1.4))
        painter.setBrush(faded(QColor("#00c8c8"), 150))
        painter.drawEllipse(QPointF(x + 13, y), 4, 7)
    elif name == "short":
        painter.setPen(pen.stroke("bad", 1.4))
        painter.setBrush(faded(QColor("#00c8c8"), 150))
        painter.drawEllipse(QPointF(x + 13, y), 4, 7)
    elif name == "adverse":
        pen.line(x, y, x + 26, y, "bad", 1.6)
    elif name == "gap":
        pen.box(QRectF(x, y - 6, 26, 12), faded(pen.look.colour("bad"), 30))
        pen.text(QRectF(x, y - 7, 26, 14), "?", "bad", size=SMALL)
    elif name == "flow":
        path = QPainterPath()
        path.addPolygon(QPolygonF([QPointF(x + 24, y), QPointF(x + 17, y - 3), QPointF(x + 17, y + 3)]))
        pen.line(x + 2, y, x + 20, y, "text_soft", 1.2)
        painter.fillPath(path, pen.look.colour("text_soft"))


def legend_of(profile: LongProfile) -> list[str]:
    """Return the signs that a profile needs explained."""
    found = []
    if profile.ground_source:
        found.append("ground")
    found += ["pipe", "well", "flow"]
    if any(span.wall_m > 0 for span in profile.spans):
        found.insert(2, "wall")
    if any(math.isfinite(one.axis_m) for one in profile.crossings):
        found.append("crossing")
    if any(one.is_short for one in profile.crossings):
        found.append("short")
    if any(span.is_adverse for span in profile.spans):
        found.append("adverse")
    if any(span.has_gap for span in profile.spans):
        found.append("gap")
    return found


def notes_of(profile: LongProfile, lang: str) -> list[str]:
    """Return what a reader must know: where the ground is from, walls unknown, limits that are not sure."""
    notes = [word(f"profile.ground.{profile.ground_source or 'none'}", lang)]
    unknown = sum(math.isnan(span.wall_m) for span in profile.spans)
    if unknown:
        notes.append(word("profile.note.no_wall", lang, count=unknown, total=len(profile.spans)))
    if any(span.wall_certainty == "low" for span in profile.spans):
        notes.append(word("profile.note.wall_uncertain", lang))
    hidden = sum(math.isnan(one.axis_m) for one in profile.crossings)
    if hidden:
        notes.append(word("profile.note.crossings_no_level", lang, count=hidden))
    used = {one.rule for one in profile.crossings if math.isfinite(one.required_m)}
    if any(profile.rules.rows[rule].certainty in ("low", "medium") for rule in used):
        notes.append(word("profile.note.limits_uncertain", lang, standard=profile.rules.standard))
    if profile.rules.own_file:
        notes.append(word("profile.note.own_rules", lang, file=profile.rules.own_file))
    return notes

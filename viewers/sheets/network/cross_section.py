"""Draw the cross-section of a street (横断面图): what lies on the ground, pipes at their places, the table below."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPolygonF

from models.network.profile.cross_section import CrossSection, CutPipe, Gap, Strip
from resources.words import word
from viewers.sheets.network import texts
from viewers.sheets.network.axes import Axes, Extent, draw_heights
from viewers.sheets.network.band import BandRow, Stretch, draw_band_below, height_of
from viewers.sheets.network.longitudinal import HEAD_UNITS, NOTHING, Marked
from viewers.sheets.network.pen import SMALL, Pen, faded

_PAD = 14.0
#: Colours of what lies on the ground, by role: on light and on dark paper.
_STRIPS = {
    "roads": ("#8f959a", "#7d858b"), "footways": ("#cdb994", "#a8946d"), "green": ("#9cc07f", "#739a58"),
    "water": ("#8fb9d2", "#6693ad"), "buildings": ("#c9c4bb", "#8f8a80"),
}  # fmt: skip
_STRIP_UNITS, _HOUSE_UNITS, _LABEL_UNITS = 6.0, 46.0, 16.0


def whole(section: CrossSection) -> Extent:
    """Return an extent that holds all of a section with some air."""
    levels = [section.ground_m]
    for pipe in section.pipes:
        levels.append(np.array([pipe.axis_m - pipe.half_height_m, pipe.axis_m + pipe.half_height_m, pipe.ground_m]))
    known = np.concatenate(levels)
    known = known[np.isfinite(known)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (-1.0, 1.0)
    air = max(0.1 * (high - low), 0.4)
    return Extent(0.0, section.length_m, low - air, high + air)


def rows_of(section: CrossSection, lang: str) -> list[BandRow]:
    """Return the rows of the table as they stand under the drawing, one place a pipe."""

    def row(key: str, values: list[str]) -> BandRow:
        return BandRow(word(f"profile.row.{key}", lang), tuple(values))

    pipes = section.pipes
    clear, required = [], []
    for gap in section.gaps:
        if gap.left < 0 or gap.right < 0:
            continue
        tone = "bad" if gap.is_short else "text"
        mark = "↕ " if gap.table == "vertical" else ""
        length = texts.length(gap.clear_m)
        clear.append(Stretch(gap.left, gap.right, (mark + length, length), tone))
        limit = texts.limit(gap.required_m, gap.rule, section.rules, lang)
        is_open = math.isnan(gap.required_m)
        required.append(Stretch(gap.left, gap.right, (limit, texts.UNKNOWN if is_open else f"{gap.required_m:.2f}"),
                                "text_faint" if is_open else tone))  # fmt: skip
    sizes = [texts.size(p.diameter_mm, p.width_mm, p.section_height_mm, p.is_box, lang) for p in pipes]
    found = [
        row("kind", [texts.kind(pipe.kind, lang) for pipe in pipes]),
        row("section_size", sizes),
        row("offset", [texts.length(pipe.offset_m) for pipe in pipes]),
        row("ground", [texts.level(pipe.ground_m) for pipe in pipes]),
        row("bottom", [texts.level(pipe.bottom_m) for pipe in pipes]),
        row("cover", [texts.length(pipe.cover_m) for pipe in pipes]),
        row("code", [pipe.code or texts.UNKNOWN for pipe in pipes]),
    ]
    if clear:
        found[6:6] = [
            BandRow(word("profile.row.clear", lang), (), tuple(clear)),
            BandRow(word("profile.row.required", lang), (), tuple(required)),
        ]
    return found


def plot_of(pen: Pen, box: QRectF, section: CrossSection, lang: str, *, upright: bool) -> QRectF:
    """Return where the drawing above the table lies in a box."""
    band = height_of(pen, rows_of(section, lang), upright=upright)
    head = HEAD_UNITS[lang]
    above = _LABEL_UNITS + _STRIP_UNITS + (_HOUSE_UNITS if any(s.role == "buildings" for s in section.strips) else 0.0)
    return QRectF(
        box.left() + head + _PAD, box.top() + 8 + above, max(box.width() - head - 3 * _PAD, 10.0),
        max(box.height() - band - above - 10, 20.0),
    )  # fmt: skip


def draw(
    pen: Pen, box: QRectF, section: CrossSection, extent: Extent, lang: str, *, upright: bool = False,
    marked: Marked = NOTHING,
) -> tuple[Axes, int]:  # fmt: skip
    """Draw a section with its table into a box; parameters and result as of the longitudinal profile's."""
    plot_box = plot_of(pen, box, section, lang, upright=upright)
    axes = Axes(plot_box, extent)
    pen.box(box, "surface")
    draw_heights(pen, axes, box.left(), word("profile.heights", lang))
    pen.painter.save()
    pen.painter.setClipRect(QRectF(plot_box.left() - 1, box.top(), plot_box.width() + 2, plot_box.bottom() - box.top()))
    _draw_ground(pen, axes, section)
    for strip in sorted(section.strips, key=lambda one: list(_STRIPS).index(one.role) if one.role in _STRIPS else 0):
        _draw_strip(pen, axes, section, strip, lang)
    for pipe in section.pipes:
        _draw_pipe(pen, axes, pipe, lang, pipe.fid in marked.pipes)
    for gap in section.gaps:
        if gap.left < 0 or gap.right < 0:
            _draw_to_building(pen, axes, section, gap, lang)
    pen.painter.restore()
    places = [axes.x(pipe.offset_m) for pipe in section.pipes]
    left_out = draw_band_below(
        pen, box, plot_box, _PAD, places, rows_of(section, lang), lang, upright=upright, least=44.0
    )
    return axes, left_out


def _draw_ground(pen: Pen, axes: Axes, section: CrossSection) -> None:
    known = np.isfinite(section.ground_m)
    if not known.any():
        return
    points = [
        QPointF(axes.x(o), axes.y(h))
        for o, h in zip(section.ground_offset_m[known].tolist(), section.ground_m[known].tolist(), strict=True)
    ]
    area = QPolygonF([*points, QPointF(points[-1].x(), axes.box.bottom()), QPointF(points[0].x(), axes.box.bottom())])
    pen.painter.setPen(Qt.PenStyle.NoPen)
    pen.painter.setBrush(faded(QColor("#a5895f"), 60 if pen.look.dark else 46))
    pen.painter.drawPolygon(area)
    pen.painter.setPen(pen.stroke(QColor("#c9a877" if pen.look.dark else "#7a5d34"), 1.8))
    pen.painter.drawPolyline(QPolygonF(points))


def _draw_strip(pen: Pen, axes: Axes, section: CrossSection, strip: Strip, lang: str) -> None:
    colour = QColor(_STRIPS.get(strip.role, ("#aaaaaa", "#888888"))[1 if pen.look.dark else 0])
    known = np.isfinite(section.ground_m)
    if not known.any():
        return
    offset = np.linspace(strip.from_m, strip.to_m, max(int((strip.to_m - strip.from_m) * 2), 1) + 1)
    level = np.interp(offset, section.ground_offset_m[known], section.ground_m[known])
    foot = [QPointF(axes.x(float(o)), axes.y(float(h))) for o, h in zip(offset, level, strict=True)]
    up = _HOUSE_UNITS if strip.role == "buildings" else _STRIP_UNITS
    roof = min(point.y() for point in foot) - up
    head = [QPointF(p.x(), roof if strip.role == "buildings" else p.y() - up) for p in foot[::-1]]
    pen.painter.setPen(pen.stroke(colour.darker(125), 0.8))
    pen.painter.setBrush(faded(colour, 130) if strip.role == "buildings" else colour)
    pen.painter.drawPolygon(QPolygonF([*foot, *head]))
    low, high = max(foot[0].x(), axes.box.left()), min(foot[-1].x(), axes.box.right())
    name = word(f"profile.strip.{strip.role}", lang)
    wide = pen.width(name, SMALL)
    if high - low > wide + 4:
        top = roof + 4 if strip.role == "buildings" else min(p.y() for p in foot) - up - _LABEL_UNITS
        pen.text(QRectF(low, top, high - low, _LABEL_UNITS), name, "text_soft", size=SMALL)


def _draw_to_building(pen: Pen, axes: Axes, section: CrossSection, gap: Gap, lang: str) -> None:
    """Draw the clear distance of a pipe to a building as a measured line near the bottom, with what is required."""
    low, high, y = axes.x(gap.from_m), axes.x(gap.to_m), axes.box.bottom() - 9
    tone = "bad" if gap.is_short else "text_soft"
    pen.line(low, y, high, y, tone, 1.0)
    for x in (low, high):
        pen.line(x, y - 4, x, y + 4, tone, 1.0)
    limit = texts.limit(gap.required_m, gap.rule, section.rules, lang)
    words = (f"{texts.length(gap.clear_m)} ({limit})", texts.length(gap.clear_m))
    text = next((one for one in words if pen.width(one, SMALL) + 6 < high - low), "")
    pen.text(QRectF(low, y - 16, high - low, 14), text, tone, size=SMALL)


def _draw_pipe(pen: Pen, axes: Axes, pipe: CutPipe, lang: str, is_marked: bool) -> None:
    x = axes.x(pipe.offset_m)
    colour, edge = pen.look.kind(pipe.kind), pen.look.kind_line(pipe.kind)
    if math.isnan(pipe.axis_m):
        pen.line(x, axes.box.top(), x, axes.box.bottom(), edge, 1.2, dashed=True)
        return
    y = axes.y(pipe.axis_m)
    wide = max(pipe.half_width_m * axes.units_a_metre, 2.0)
    tall = max(pipe.half_height_m * axes.units_up, 2.0)
    painter = pen.painter
    pen.line(x, y + tall, x, axes.box.bottom(), "line_strong", 0.6, dashed=True)

    def body(grow_x: float, grow_y: float) -> None:
        if pipe.is_box:
            painter.drawRect(QRectF(x - wide - grow_x, y - tall - grow_y, 2 * (wide + grow_x), 2 * (tall + grow_y)))
        else:
            painter.drawEllipse(QPointF(x, y), wide + grow_x, tall + grow_y)

    if is_marked:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faded(pen.look.colour("accent"), 130))
        body(5, 5)
    painter.setPen(pen.stroke(edge, 1.4))
    painter.setBrush(pen.look.colour("surface"))
    body(0, 0)
    painter.setBrush(faded(colour, 110))
    body(0, 0)
    wall_x, wall_y = (np.nan_to_num(pipe.wall_m) * scale for scale in (axes.units_a_metre, axes.units_up))
    if wall_x > 1.0:
        painter.setPen(pen.stroke(edge, 0.8))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        body(-wall_x, -wall_y)


def notes_of(section: CrossSection, lang: str) -> list[str]:
    """Return what a reader must know of a section."""
    notes = []
    if not np.isfinite(section.ground_m).any():
        notes.append(word("profile.ground.none", lang))
    hidden = sum(math.isnan(pipe.axis_m) for pipe in section.pipes)
    if hidden:
        notes.append(word("profile.note.no_level", lang, count=hidden))
    unknown = sum(math.isnan(pipe.wall_m) for pipe in section.pipes)
    if unknown:
        notes.append(word("profile.note.no_wall", lang, count=unknown, total=len(section.pipes)))
    if any(strip.is_assumed for strip in section.strips):
        notes.append(word("profile.note.assumed", lang))
    used = {gap.rule for gap in section.gaps if math.isfinite(gap.required_m)}
    if any(section.rules.rows[rule].certainty in ("low", "medium") for rule in used):
        notes.append(word("profile.note.limits_uncertain", lang, standard=section.rules.standard))
    if section.rules.own_file:
        notes.append(word("profile.note.own_rules", lang, file=section.rules.own_file))
    return notes

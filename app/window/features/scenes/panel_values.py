"""What the panel of scenes shows, made from presets and figures: words, numbers and shares. No Qt."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from app.session import Session
from app.usecases.scenes import scenes
from models.core.value_text import percent
from models.query.ranking import Ranking
from models.roles import role_row
from models.scenes.cards import CardValue
from models.scenes.matching import Match, Readiness
from models.scenes.preset import Card, ListColumn, Remark, ScenePreset
from viewers.texts.values import category
from viewers.widgets.common.ranked_list import RankedColumn
from viewers.widgets.scenes.views import BarView, FigureView, MissingView, RowView, SceneEntry, ScenePage

_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
#: Marks of one layer in a small picture.
MOST_MARKS = 4


def entry_of(session: Session, match: Readiness) -> SceneEntry:
    """Return a scene as the gallery shows it."""
    preset, lang = match.preset, session.lang
    active = scenes.active_scene(session)
    missing = [one.wanted.name.in_(lang) for one in match.missing]
    comma = "；" if lang == "zh" else "; "
    text = session.word(f"scenes.state.{match.state}")
    if missing:
        detail = session.word("scenes.lacking", names=comma.join(missing))
    else:
        count = sum(one.count for one in match.matches)
        detail = session.word("scenes.count_of_data", count=f"{count:,}")
    if preset.file:
        text = f"{text} · {session.word('scenes.own', file=preset.file)}"
    on = active is not None and active.preset_id == preset.id
    return SceneEntry(
        preset.id, preset.name.in_(lang), preset.purpose.in_(lang), match.state, text, detail, marks_of(preset),
        preset.view.ground < 1.0, on,
    )  # fmt: skip


def marks_of(preset: ScenePreset) -> tuple[tuple[str, str], ...]:
    """Return forms and colours from which the small picture of a preset is drawn."""
    marks: list[tuple[str, str]] = []
    for layer in preset.layers:
        row = role_row(layer.role)
        form = "line" if row.geometry == "LineString" else "area" if row.geometry == "Polygon" else "dot"
        classes = () if layer.symbology is None else layer.symbology.classes
        colours = list(dict.fromkeys(one.colour for one in classes if one.visible)) or [layer.colour or row.colour]
        if layer.symbology is not None and layer.symbology.reach is not None:
            marks += [("disc", colour) for colour in colours[1:3]]
        marks += [(form, colour) for colour in colours[:MOST_MARKS]]
    return tuple(marks)


def page_of(session: Session, match: Readiness, values: list[CardValue], *, is_on: bool) -> ScenePage:
    """Return the page of a scene."""
    preset, lang, state = match.preset, session.lang, session.project.state
    meant = {layer_id for one in match.matches for layer_id in one.layer_ids}
    remarks = [*preset.remarks, *(remark for layer in preset.layers for remark in layer.remarks)]
    return ScenePage(
        preset.id, preset.name.in_(lang), preset.purpose.in_(lang), is_on,
        any(layer.synthetic for layer in state.layers if layer.id in meant),
        tuple(figure_of(session, one) for one in values), tuple(missing_of(session, one) for one in match.missing),
        tuple((remark.text.in_(lang), source_text(session, remark)) for remark in remarks),
    )  # fmt: skip


def missing_of(session: Session, match: Match) -> MissingView:
    """Return what a scene lacks in words."""
    wanted, lang = match.wanted, session.lang
    need = session.word("scenes.missing.required" if wanted.is_required else "scenes.missing.optional")
    fields = ("、" if lang == "zh" else ", ").join(match.fields)
    why = session.word(f"scenes.lacks.{match.lacks}", **({"fields": fields} if match.lacks == "fields" else {}))
    return MissingView(wanted.name.in_(lang), need, why, wanted.how_to.in_(lang))


def source_text(session: Session, remark: Remark) -> str:
    """Return where a remark comes from and how sure it is, empty where nothing is said."""
    parts = [session.word("scenes.source", source=remark.source.in_(session.lang))] if remark.source else []
    if remark.certainty:
        parts.append(session.word("scenes.certainty", certainty=session.word(f"scenes.certainty.{remark.certainty}")))
    return " · ".join(parts)


def figure_of(session: Session, value: CardValue) -> FigureView:
    """Return what a card tells in words."""
    card, lang = value.card, session.lang
    tip = "" if card.remark is None else "\n".join(
        text for text in (card.remark.text.in_(lang), source_text(session, card.remark)) if text
    )  # fmt: skip
    kind = card.kind if card.kind in ("share", "bars", "list") else "number"
    title = card.name.in_(lang)
    if value.value is None:
        key = f"scenes.no_figure.{value.lacks or 'field'}"
        known = {"field": value.why or "—"} if value.lacks != "layer" else {}
        return FigureView(kind="number", title=title, note=session.word(key, **known), tip=tip)
    covered = ""
    if value.known < value.of and card.kind != "list":
        covered = session.word("scenes.coverage", known=f"{value.known:,}", of=f"{value.of:,}")
    if kind == "share":
        parts = session.word("scenes.share_of", count=f"{round(value.value * value.known):,}", of=f"{value.known:,}")
        note = " · ".join(text for text in (parts, covered) if text)
        return FigureView(
            kind=kind, title=title, number=percent(value.value), unit="%", note=note, share=value.value,
            is_alarm=card.is_alarm, tip=tip,
        )  # fmt: skip
    if kind == "bars":
        return FigureView(kind=kind, title=_with_unit(title, card.unit), note=covered, bars=_bars(value, lang), tip=tip)
    if kind == "list":
        return _listed(session, value, title, tip)
    return FigureView(
        kind=kind, title=title, number=_number(value.value, card.digits), unit=card.unit, note=covered,
        is_alarm=card.is_alarm, tip=tip,
    )  # fmt: skip


def _bars(value: CardValue, lang: str) -> tuple[BarView, ...]:
    longest = max(value.counts, default=0.0) or 1.0
    return tuple(
        BarView(bar.text.in_(lang), _number(count, value.card.digits), count / longest, bar.colour)
        for bar, count in zip(value.card.bars, value.counts, strict=True) if count > 0
    )  # fmt: skip


def _listed(session: Session, value: CardValue, title: str, tip: str) -> FigureView:
    ranking, card, lang = value.ranking, value.card, session.lang
    assert ranking is not None  # noqa: S101 - a list that has a value has its rows
    heads = tuple(_with_unit(column.head.in_(lang), column.unit) for column in card.columns)
    columns = list_columns(session, card, ranking)
    rows = tuple(
        RowView(tuple(_cell(ranking, at, column) for column in columns), ranking.key(at)) for at in range(len(ranking))
    )
    if not rows:
        note = session.word("scenes.list_empty")
    elif value.listed > len(rows):
        note = session.word("scenes.list_more", shown=f"{len(rows):,}", count=f"{value.listed:,}")
    else:
        note = ""
    return FigureView(
        kind="list", title=title, note=note, heads=heads, is_number=tuple(one.is_number for one in columns), rows=rows,
        tip=tip,
    )  # fmt: skip


def _cell(ranking: Ranking, at: int, column: RankedColumn) -> str:
    value = ranking.columns[column.field][at]
    return "–" if value == "" or value != value else column.text_of(value)


def list_columns(session: Session, card: Card, ranking: Ranking) -> list[RankedColumn]:
    """Return how the columns of a list are written."""
    columns = []
    for at, one in enumerate(card.columns):
        name = f"c{at}"
        is_number = ranking.columns[name].dtype.kind == "f"
        head = _with_unit(one.head.in_(session.lang), one.unit)
        write = _number_writer(one) if is_number else _word_writer(one, session.lang)
        columns.append(RankedColumn(name, head, write, 150 if at == 0 else 96, is_number=is_number, stretches=at == 0))
    return columns


def _number_writer(column: ListColumn) -> Callable[[Any], str]:
    if column.value.strip() == "year":
        return lambda value: f"{value:.0f}"
    return lambda value: _number(float(value), column.digits)


def _word_writer(column: ListColumn, lang: str) -> Callable[[Any], str]:
    bare = _FIELD.fullmatch(column.value.strip())
    if bare is None:
        return str
    return lambda value: category(bare[0], str(value), lang)


def _number(value: float, digits: int) -> str:
    return f"{value:,.{digits}f}"


def _with_unit(title: str, unit: str) -> str:
    return (
        f"{title}（{unit}）"
        if unit and any(ord(sign) > 0x2E80 for sign in title)
        else f"{title} ({unit})"
        if unit
        else title
    )

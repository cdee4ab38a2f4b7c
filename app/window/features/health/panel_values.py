"""What the panel of indicators shows, made from results: words, colours and numbers. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from typing import Any

from app.session import Session
from app.usecases.health import health
from models.core.value_text import number, percent, quantity
from models.health.editions import METRIC, Benchmark
from models.health.problem_ranking import knows_reach
from models.health.results import IndicatorResult
from models.project.selection import ObjectKey
from models.query.ranking import Ranking, Rows, total
from resources.words import has
from viewers.texts import health_texts
from viewers.texts.values import indicator_value, without_common_ending
from viewers.widgets.common.ranked_list import RankedColumn
from viewers.widgets.health.health_panel import IndicatorView, UnitView


def indicator_views(
    session: Session, codes: Iterable[str], colours: dict[str, str], under_way: Container[str] = ()
) -> list[IndicatorView]:
    """Return the indicators with what was computed last of each.

    Parameters
    ----------
    session : Session
    codes : iterable of str
    colours : dict
        Those of the theme file.
    under_way : container of str
        Indicators that are being computed again.
    """
    from models.health.editions import edition

    definitions = edition("2025").indicators
    return [
        _indicator_view(session, code, definitions[code], colours, code in under_way)
        for code in codes
        if code in definitions
    ]


def _indicator_view(
    session: Session, code: str, definition: Any, colours: dict[str, str], is_under_way: bool
) -> IndicatorView:
    lang = session.lang
    name = definition.name_en if lang == "en" and definition.name_en else definition.name
    unit = health.unit_text(definition, lang)
    formula = _in_lang(definition, "formula", lang)
    profile = session.project.state.profile
    result = health.kept(session, code)
    held = definition.benchmarks_for(profile) if result is None else result.benchmarks
    benchmark = held[0].value if held else None
    undecided = health_texts.undecided_text(definition, profile, lang)
    goal = undecided if undecided and not held else _benchmark_text(session, held, unit)
    if result is None:
        return IndicatorView(code, name, benchmark=benchmark, benchmark_text=goal, formula=formula)
    values = [row.value for row in (*result.units, result.city) if row.value is not None]
    most = max([*values, benchmark or 0.0, 1e-9])
    scale = 100.0 if unit == "%" else most * 1.15
    city = result.city
    units = tuple(
        UnitView(
            ObjectKey(_districts_layer(session), int(row.unit_oid)) if row.unit_oid >= 0 else None,
            row.unit_name_en if lang == "en" and row.unit_name_en else row.unit_name,
            row.value,
            indicator_value(row.value, unit, session.word("health.no_data")),
            _detail(session, row),
            colours[_COLOURS.get(row.grade, "accent")],
        )
        for row in result.units
    )
    layers = {layer.id: layer for layer in session.project.state.layers}
    inputs = tuple(
        (layers[used.layer_id].title(lang) if used.layer_id in layers else used.layer_id, f"{used.count:,}")
        for used in result.inputs
    )
    no_data = sum(row.value is None for row in result.units)
    is_old = health.is_old(session, result)
    notes = [session.word("health.old")] if is_old else []
    if city.value is None:
        notes.append(health_texts.reason_text(city.reason, lang))
    elif city.coverage is None or city.coverage < 0.9995:
        notes.append(health_texts.coverage_text(city, lang))
    if no_data and city.value is not None:
        notes.append(session.word("health.no_data_in", count=no_data))
    return IndicatorView(
        code, name, city.value, indicator_value(city.value, unit, session.word("health.no_data")), benchmark, goal,
        _MEETS.get(city.grade), formula, scale, units, inputs, len(result.problems), " ".join(notes),
        asks_profile=bool(undecided), is_old=is_old, is_under_way=is_under_way,
    )  # fmt: skip


def _in_lang(definition: Any, field: str, lang: str) -> str:
    english = getattr(definition, f"{field}_en", "")
    return str(english if lang == "en" and english else getattr(definition, field, "") or "")


def _benchmark_text(session: Session, held: Sequence[Benchmark], unit: str) -> str:
    if not held:
        return session.word("health.no_benchmark")
    key = "health.benchmark_low" if held[0].op == "<=" else "health.benchmark"
    return session.word(key, value=indicator_value(held[0].value, unit, ""))


#: What a verdict of :func:`models.health.grading.verdict` comes to: None where there is nothing to meet.
_MEETS = {"met": True, "not_met": False}
_COLOURS = {"met": "good", "not_met": "warn", "no_data": "none"}


def _detail(session: Session, row: Any) -> str:
    if row.value is None:
        return health_texts.reason_text(row.reason, session.lang)
    fields = {name: indicator_value(getattr(row, name), "", "—") for name in ("numerator", "denominator")}
    return session.word("health.unit.detail", **fields, coverage=health_texts.coverage_text(row, session.lang))


def _districts_layer(session: Session) -> str:
    layers = session.project.state.with_role("districts")
    return layers[0].id if layers else ""


# --- the list of what fails an indicator ------------------------------------------------------------------------------


def problem_columns(session: Session, result: IndicatorResult) -> list[RankedColumn]:
    """Return how the problem objects of a result are written: what each explains in a unit that fits them all."""
    word, losses = session.word, [problem.loss for problem in result.problems if problem.loss is not None]
    factor, unit = loss_unit(result, session.lang)
    columns = [
        RankedColumn("", word("ranked.rank"), width_px=40, is_number=True, number_format="0"),
        RankedColumn("name", word("ranked.name"), width_px=110, stretches=True),
    ]
    alike = all(loss == 1.0 for loss in losses)  # each explains the same: the line below the list says how much
    if alike or len({problem.reason for problem in result.problems}) > 1:
        columns.append(RankedColumn("reason", word("ranked.reason"), width_px=112))
    if not alike:
        head = word(f"ranked.loss.{result.definition.method}", unit=unit)
        columns.append(
            RankedColumn("loss", head, lambda loss: number(loss * factor, 2), 72, is_number=True,
                         tip=word(f"ranked.loss.{result.definition.method}.tip"),
                         written=lambda loss: loss * factor, number_format="#,##0.00")
        )  # fmt: skip
        columns.append(
            RankedColumn("share", word("ranked.share"), share_text, 66, is_number=True, tip=word("ranked.share.tip"),
                         number_format="0.0%")
        )  # fmt: skip
    short = without_common_ending([unit.title(session.lang) for unit in result.units])
    columns.append(RankedColumn("district", word("ranked.district"), lambda name: short.get(name, name), width_px=82))
    key = "ranked.beyond" if knows_reach(result) else "ranked.away"
    columns.append(
        RankedColumn("distance_m", word(key), lambda metres: number(metres, 0), 76, is_number=True,
                     tip=word(f"{key}.tip"), number_format="#,##0")
    )  # fmt: skip
    return columns


def problem_total(session: Session, result: IndicatorResult) -> Callable[[Ranking, Rows], str]:
    """Return what stands below the list: how many of how many, what they explain, and which share of the loss."""
    factor, unit = loss_unit(result, session.lang)

    def text(ranking: Ranking, rows: Rows) -> str:
        parts = [session.word("ranked.total", count=f"{len(rows):,}", total=f"{len(ranking):,}")]
        loss, share = total(ranking, rows, "loss"), total(ranking, rows, "share")
        if loss is not None and result.definition.quantity_unit in METRIC:
            parts.append(quantity(loss * factor, unit, 2))
        if share is not None:
            parts.append(session.word("ranked.total.share", share=percent(share, 1)))
        return " · ".join(parts)

    return text


def loss_unit(result: IndicatorResult, lang: str) -> tuple[float, str]:
    """Return by what losses are multiplied to be written, and their unit: hectares for land."""
    definition = result.definition
    return (1e-4, "ha") if definition.quantity_unit == "m²" else (1.0, definition.quantity_text(lang))


def share_text(share: float) -> str:
    """Return a share of the loss: one decimal, and never zero for what is not."""
    return f"{percent(share, 1)} %" if share >= 0.0005 or share == 0 else "< 0.1 %"


def reason_text(session: Session) -> Callable[[str], str]:
    """Return what gives the words of a reason."""
    return lambda reason: session.word(f"problem.{reason}") if has(f"problem.{reason}") else reason

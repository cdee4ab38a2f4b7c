"""What the panel of indicators shows, made from results: words, colours and numbers. No Qt."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from typing import Any

from app.session import Session
from app.usecases.health import health
from models.health.editions import Benchmark
from models.project.selection import ObjectKey
from resources.words import has
from viewers.texts import health_texts
from viewers.texts.values import indicator_value
from viewers.widgets.health.health_panel import IndicatorView, ProblemView, UnitView

#: How many objects a list shows: more than anyone reads, few enough to be quick.
LISTED = 2000


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
    problems = tuple(
        ProblemView(problem.key, problem.title(lang), _reason(session, problem, unit))
        for problem in result.problems[:LISTED]
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
        _MEETS.get(city.grade), formula, scale, units, inputs, problems, len(result.problems), " ".join(notes),
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


def _reason(session: Session, problem: Any, unit: str) -> str:
    key = f"problem.{problem.reason}"
    return (
        session.word(key, value=indicator_value(getattr(problem, "value", None), "", ""))
        if has(key)
        else str(problem.reason)
    )


def _districts_layer(session: Session) -> str:
    layers = session.project.state.with_role("districts")
    return layers[0].id if layers else ""

"""What the panel shows of one indicator, made from its result: words, colours and numbers. No Qt."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace

from app.session import Session
from app.usecases.health.sampled import estimate_for
from app.window.features.health import board_values
from models.health.editions import IndicatorDef
from models.health.mending import factor_of
from models.health.overview import Standing
from models.health.profile import class_title
from models.health.results import IndicatorResult, InputUsed, UnitValue
from resources.words import has
from viewers.texts import health_texts
from viewers.texts.values import indicator_value
from viewers.widgets.health.indicator_page import IndicatorView, ReadingView
from viewers.widgets.health.unit_list import UnitView

_COLOURS = {"met": "good", "not_met": "warn", "no_data": "none"}


def indicator_view(
    session: Session,
    one: Standing,
    under_way: Container[str],
    by_reading: Mapping[str, str],
    colours: Mapping[str, str],
    offers: frozenset[str],
) -> IndicatorView:
    """Return an indicator as it is shown when it is open.

    Parameters
    ----------
    session : Session
    one : Standing
    under_way : container of str
        Indicators that are being computed again.
    by_reading : mapping of str to str
        The city's value by each reading, as far as they are known.
    colours : mapping of str to str
        Of the theme, by their names.
    offers : frozenset of str
        What can be done: ``"definition"``, ``"enter"``, ``"list"``.
    """
    lang, result, definition = session.lang, one.result, one.definition
    unit = definition.unit_text(lang)
    profile = session.project.state.profile
    held = definition.benchmarks_for(profile) if result is None else result.benchmarks
    undecided = health_texts.undecided_text(definition, profile, lang)
    target = board_values.target_text(session, one)
    goal = undecided if undecided and not held else target or session.word("health.no_benchmark")
    readings = tuple(
        ReadingView(each.id, each.title(lang), by_reading.get(each.id, ""), each.id == definition.reading)
        for each in definition.readings
    )
    about = IndicatorView(
        definition.code, f"{definition.number:02}", definition.title(lang),
        benchmark_text=goal, readings=readings, verdict=board_values.verdict_text(session, one),
        tint=board_values.TINTS[one.state], asks_profile=bool(undecided), is_old=one.is_old,
        is_under_way=definition.code in under_way,
        is_rising=definition.direction != "down", basis=basis_rows(session, definition, result), offers=offers,
    )  # fmt: skip
    if result is None:
        return about
    benchmark = held[0].value if held else None
    factor = factor_of(result)

    def view_of(row: UnitValue) -> UnitView:
        known = session.fitness.get(row.key)
        alone = known is None or known.alone(definition.code) is not False
        return UnitView(
            row.key if row.unit_oid >= 0 and row.unit_layer else None, row.title(lang), row.value,
            indicator_value(row.value, unit, session.word("health.no_data")), _detail(session, result, row),
            colours[_COLOURS.get(row.grade, "accent")], health_texts.equation_text(definition, row, factor, lang),
            row.coverage, "" if alone else session.word("health.units.not_alone"),
        )  # fmt: skip

    city = result.city
    equation = health_texts.equation_text(definition, city, factor, lang)
    return replace(
        about, value=city.value, value_text=indicator_value(city.value, unit, session.word("health.no_data")),
        benchmark=benchmark, equation=equation, standing=_standing(session, one),
        scale_max=100.0 if unit == "%" else 0.0, units=tuple(view_of(row) for row in result.units),
        estates=tuple(view_of(row) for row in result.estates), problem_count=len(result.problems),
        note=_note(session, one, result),
    )  # fmt: skip


def _standing(session: Session, one: Standing) -> str:
    """Return the line below a figure: against last year, how complete, where it comes from."""
    result = one.result
    assert result is not None  # noqa: S101 - asked of what has a result
    told = [edition] if (edition := board_values.edition_text(one.definition, session)) else []
    if one.state == "not_applicable":
        told.append(_meant_for(session, one.definition))
    if one.change is not None:
        told.append(session.word("health.page.change", change=board_values.change_text(one, session.lang)))
    if result.city.value is not None:
        told.append(board_values.coverage_text(session, result.city.coverage))
    told.append(session.word(f"health.origin.{result.origin}"))
    if result.made_at:
        told.append(result.made_at[:10])
    if size := board_values.size_text(session, one):
        told.append(size)
    return " · ".join(told)


def _note(session: Session, one: Standing, result: IndicatorResult) -> str:
    notes = [session.word("health.old")] if one.is_old else []
    if result.city.value is None:
        notes.append(health_texts.reason_text(result.city.reason, session.lang))
    elif no_data := sum(row.value is None for row in result.units):
        notes.append(session.word("health.no_data_in", count=no_data))
    return " ".join(notes)


def _meant_for(session: Session, definition: IndicatorDef) -> str:
    """Return for which cities an indicator is meant, and where that stands."""
    comma = session.word("sheet.comma")
    kinds = [
        comma.join(class_title(name, one, session.lang) for one in known) for name, known in definition.applies.items()
    ]
    told = session.word("health.page.meant_for", cities=comma.join(kinds))
    return f"{told} {definition.applies_source}".strip()


def _detail(session: Session, result: IndicatorResult, row: UnitValue) -> str:
    """Return how complete a unit's value is; of a sampled one, of how many it is an estimate and within what."""
    if row.value is None:
        return health_texts.reason_text(row.reason, session.lang)
    guess = estimate_for(session, result, row)
    if guess is None:
        return health_texts.coverage_text(row, session.lang)
    facts = {name: f"{getattr(guess, name):,.0f}" for name in ("count", "count_low", "count_high", "drawn", "total")}
    return session.word("health.estimate", **facts)


# --- what a figure rests on -------------------------------------------------------------------------------------------


def basis_rows(
    session: Session, definition: IndicatorDef, result: IndicatorResult | None
) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Return what an indicator rests on: headings, each with rows of a name and a value."""
    word, lang = session.word, session.lang
    found: list[tuple[str, tuple[tuple[str, str], ...]]] = []

    def add(key: str, rows: Sequence[tuple[str, str]]) -> None:
        if rows := [row for row in rows if row[0]]:
            found.append((word(key), tuple(rows)))

    add("health.formula", [(definition.formula_text(lang), "")])
    add("health.page.thresholds", _threshold_rows(session, definition, result))
    add("health.page.figures", _figure_rows(session, definition))
    if result is not None:
        add("health.inputs", [_input_row(session, used) for used in result.inputs])
    else:
        add("health.page.needs", [(item.title(lang), "") for item in definition.inputs])
    add("health.page.items", [(f"{item.id}  {item.title(lang)}", "") for item in definition.check_items])
    add("health.page.evidence", [(text, "") for text in _in_lang(definition.evidence, definition.evidence_en, lang)])
    department = definition.department_en if lang == "en" else definition.department
    told = {"department": department, "source": definition.source, "program": result.program if result else ""}
    add("health.page.about", [(word(f"health.page.{key}", name=name), "") for key, name in told.items() if name])
    return tuple(found)


def _in_lang(zh: tuple[str, ...], en: tuple[str, ...], lang: str) -> tuple[str, ...]:
    return en if lang == "en" and en else zh


def _threshold_rows(
    session: Session, definition: IndicatorDef, result: IndicatorResult | None
) -> list[tuple[str, str]]:  # fmt: skip
    """Return each rule with the document that it comes from, and the class of the city by which it was chosen."""
    lang, profile = session.lang, session.project.state.profile
    held = definition.benchmarks_for(profile)
    rows = []
    for one in held:
        classes = [class_title(name, profile.of(name), lang) for name in one.applies if profile.of(name)]
        told = " · ".join(part for part in (one.source, *classes) if part)
        uncertain = session.word("health.page.uncertain") if one.uncertain else ""
        rows.append((f"{health_texts.benchmark_sentence(one, definition, lang)}\n{told}", uncertain))
    for rule in result.thresholds if result is not None else ():
        if rule.code != "benchmark" and has(f"health.threshold.{rule.code}"):
            sentence = health_texts.threshold_text(rule, lang)
            rows.append((f"{sentence}\n{rule.source}".strip(), ""))
    return rows


def _figure_rows(session: Session, definition: IndicatorDef) -> list[tuple[str, str]]:
    """Return what people entered beside the value: last year, targets, comparable cities, satisfaction."""
    unit, rows = definition.unit_text(session.lang), []
    for one in session.project.state.health.figures:
        if one.code == definition.code:
            told = " · ".join(
                part for part in (session.word(f"health.figure.{one.kind}"), one.name, one.source) if part
            )
            rows.append((told, indicator_value(one.value, "" if one.kind == "satisfaction" else unit, "")))
    return rows


def _input_row(session: Session, used: InputUsed) -> tuple[str, str]:
    layers = {layer.id: layer for layer in session.project.state.layers}
    layer = layers.get(used.layer_id)
    if layer is None:
        return used.layer_id, f"{used.count:,}"
    dated = " · ".join(part for part in (layer.title(session.lang), layer.data_source) if part)
    return dated, f"{used.count:,}"


def standing_of(session: Session, code: str) -> Standing | None:
    """Return how one indicator stands; None for a code that no edition of the project has."""
    return next((one for one in board_values.standings_of(session) if one.definition.code == code), None)

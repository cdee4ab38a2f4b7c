"""What the panel of inputs and its questions show, made of answers, values and returns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from app.usecases.health import answering, matching
from models.health.answers import STATES, Answer
from models.health.book import book_of
from models.health.collection.kinds import kind_of, object_kinds
from models.health.entered.results import value_of
from models.roles import role_row
from viewers.texts.health_faults import fault_sentence
from viewers.texts.health_texts import reason_text, threshold_text
from viewers.texts.values import indicator_value
from viewers.widgets.health.inputs_dialogs import DifferenceRow
from viewers.widgets.health.inputs_panel import InputRow, InputsView, ProgressRow

if TYPE_CHECKING:
    from app.session import Session
    from models.health.collection.joining import Joined
    from models.health.collection.progress import UnitProgress
    from models.health.editions import IndicatorDef
    from models.health.entered.changes import Changes
    from models.health.entered.faults import Fault
    from models.health.entered.values import EnteredValue

#: Fields that are named of what an indicator could read beside what it needs.
FEW_FIELDS = 6
#: Assumed rules that are named.
FEW_RULES = 3


def inputs_view(session: Session, progress: Sequence[UnitProgress]) -> InputsView:
    """Return all that the panel shows."""
    answers = answering.answers(session)
    book, lang = book_of(session.project.state.health), session.lang
    counts = Counter(one.state for one in answers)
    total = max(len(answers), 1)
    rows = tuple(_row(session, one) for one in answers)
    sent, complete = sum(one.sent for one in progress), sum(min(one.complete, one.sent) for one in progress)
    told = session.word("sheet.comma").join(
        f"{session.word(f'health.answer.{name}')} {counts[name]}" for name in STATES if counts[name]
    )
    collected = ""
    if sent:
        units = [one for one in progress if one.sent]
        collected = session.word(
            "health.inputs.collected", units=len(units), back=sum(bool(one.returns) for one in units),
            complete=complete, sent=sent,
        )  # fmt: skip
    return InputsView(
        rows,
        tuple((name, pair[1 if lang == "en" else 0]) for name, pair in book.dimensions.items()),
        tuple(_progress_row(session, one) for one in progress),
        collected,
        complete / sent if sent else 0.0,
        tuple((counts[name] / total, name) for name in STATES),
        session.word("health.inputs.told", answered=total - counts["missing"] - counts["not_applicable"], total=total,
                     states=told),
    )  # fmt: skip


def _row(session: Session, one: Answer) -> InputRow:
    lang, definition = session.lang, one.definition
    unit, none = definition.unit_text(lang), session.word("value.none")
    value = one.counting.city.value if one.counting is not None else None
    shown = "" if value is None else indicator_value(value, unit, none)
    both: list[tuple[str, str]] = []
    if one.has_both and one.computed is not None and one.entered is not None and one.difference is not None:
        difference = indicator_value(abs(one.difference), unit, none)
        sign = "+" if one.difference >= 0 else "−"
        both = [
            (session.word("health.answer.computed"), indicator_value(one.computed.city.value, unit, none)),
            (session.word(f"health.answer.{one.entered.origin}"),
             session.word("health.inputs.with_difference",
                          value=indicator_value(one.entered.city.value, unit, none), difference=sign + difference)),
        ]  # fmt: skip
    counts = "" if one.counting is None else "computed" if one.counting.origin == "computed" else "entered"
    return InputRow(
        definition.code, definition.dimension, f"{definition.number:02}", definition.title(lang), one.state,
        session.word(f"health.answer.{one.state}"), shown, reason_text(one.reason, lang), _needs(session, one), both,
        counts, one.is_decided, one.availability.standing in ("computed", "missing_layer", "missing_field"),
    )  # fmt: skip


def _needs(session: Session, one: Answer) -> list[tuple[str, str]]:
    """Return what an indicator needs and whether it is there."""
    found, lang = [], session.lang
    state, missing = session.project.state, set(one.availability.layers)
    for item in one.definition.inputs:
        layers = session.word("sheet.comma").join(layer.title(lang) for layer in state.with_role(item.role))
        said = session.word("health.inputs.no_layer") if item.role in missing else layers
        found.append((item.title(lang), said))
    untold = [_field(session, name) for name in one.availability.fields]
    if untold:
        found.append((session.word("health.inputs.lacking"), session.word("sheet.comma").join(untold)))
    further = [_field(session, name) for name in one.availability.further[:FEW_FIELDS]]
    if further:
        found.append((session.word("health.inputs.without"), session.word("sheet.comma").join(further)))
    rules = [threshold_text(rule, lang) for rule in matching.assumed(one.definition)[:FEW_RULES]]
    if rules:
        found.append((session.word("health.inputs.assumed"), session.word("sheet.comma").join(rules)))
    return found


def _field(session: Session, name: str) -> str:
    role, _, field = name.partition(".")
    return f"{session.word(role_row(role).word)} {field}"


def _progress_row(session: Session, one: UnitProgress) -> ProgressRow:
    text = session.word(
        f"health.progress.{one.state}"
    ) if not one.sent else session.word(
        "health.inputs.unit_progress", state=session.word(f"health.progress.{one.state}"), sent=one.sent,
        returns=one.returns, checked=one.checked, complete=one.complete,
    )  # fmt: skip
    return ProgressRow(one.code, one.title(session.lang), one.state, text, one.share)


def change_rows(session: Session, changes: Changes, names: Mapping[tuple[str, str], str]) -> list[tuple[str, ...]]:
    """Return what a workbook changes: indicator, unit, before, after."""
    book = book_of(session.project.state.health)
    rows = [(None, one) for one in changes.new] + [*changes.changed]
    return [
        (
            f"{after.indicator} {book.indicators[after.indicator].title(session.lang)}",
            names.get((after.level, after.unit), after.unit),
            "" if before is None else value_text(session, book.indicators[after.indicator], before),
            value_text(session, book.indicators[after.indicator], after),
        )
        for before, after in rows
    ]


def value_text(session: Session, definition: IndicatorDef, one: EnteredValue) -> str:
    """Return an entered value, with the parts of a ratio where they were given."""
    text = indicator_value(value_of(definition, one), definition.unit_text(session.lang), session.word("value.none"))
    if definition.form != "count" and one.numerator is not None and one.denominator is not None:
        return f"{text} = {one.numerator:g} / {one.denominator:g}"
    return text


def unit_names(session: Session) -> dict[tuple[str, str], str]:
    """Return the names of units by level and code."""
    from app.usecases.health.entering import units_of_level

    names = {("city", ""): session.word("health.level.city")}
    for level in ("district", "community"):
        names |= {(level, one.code): one.title(session.lang) for one in units_of_level(session, level)}
    return names


def fault_rows(session: Session, faults: Sequence[Fault]) -> list[tuple[str, str]]:
    """Return where something is wrong, and what."""
    return [
        (" ".join(part for part in (one.sheet, one.place) if part), fault_sentence(one, session.lang)) for one in faults
    ]


def difference_rows(session: Session, joined: Joined) -> list[DifferenceRow]:
    """Return differences with the answers in words."""
    book, lang = book_of(session.project.state.health), session.lang
    items = {(code, item.id): item.title(lang) for code, row in book.indicators.items() for item in row.check_items}
    kinds = {kind.id: kind.title(lang) for kind in object_kinds()}
    rows = []
    for one in joined.differences:
        answers = []
        for said in one.answers:
            who = said.by or session.word("health.returns.nobody")
            where = said.source or session.word("health.returns.in_project")
            answer = session.word(f"health.collect.{said.found}") if said.found in ("yes", "no") else said.found
            answers.append(session.word("health.returns.said", answer=answer, who=who, on=said.on, where=where))
        what = f"{kinds.get(one.object_kind, one.object_kind)} {one.object_code}"
        item = f"{one.item} {items.get((one.indicator, one.item), '')}".strip()
        rows.append(DifferenceRow(what, item, tuple(answers)))
    return rows


def send_groups(session: Session) -> list[tuple[str, list[tuple[str, str]], bool]]:
    """Return what can go into the field: indicators by the objects at which they are looked at, then values."""
    book, lang = book_of(session.project.state.health), session.lang

    def named(code: str) -> tuple[str, str]:
        return code, f"{book.indicators[code].number:02}  {book.indicators[code].title(lang)}"

    groups = [
        (kind.title(lang), [named(code) for code in kind.indicators if code in book.indicators], kind.id == "building")
        for kind in object_kinds()
        if session.project.state.with_role(kind.role)
    ]
    values = [named(one.code) for one in book.indicators.values()
              if kind_of(one.code) is None and one.dimension in ("housing", "community")]  # fmt: skip
    return [*(group for group in groups if group[1]), (session.word("health.send.values"), values, False)]

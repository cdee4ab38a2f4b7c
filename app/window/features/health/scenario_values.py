"""What the panel of scenarios shows: rules, what is tried, and what becomes of the indicators, as texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.usecases.health import scenario
from models.core.value_text import rounded
from models.health.book import book_of
from models.health.scenario.applying import Rule, definition_under, rules_of
from models.health.scenario.scenario import Scenario
from models.layers.layer import VectorData
from resources.words import has, word
from viewers.texts.values import field_label, indicator_value, yes_no
from viewers.widgets.health.scenario_panel import DeedRow, EffectRow, RuleView

if TYPE_CHECKING:
    from app.session import Session
    from models.health.scenario.working import Change, Outcome
    from models.project.selection import ObjectKey

_OPS = {">=": "≥", "<=": "≤"}
#: A smaller difference is none.
LEAST = 5e-4
#: Grades from bad to good, for saying whether one becomes better.
_ORDER = {"not_met": 0, "met": 1}
_ICONS = {"moved": "arrows-out-cardinal", "added": "plus-circle", "closed": "x-circle", "rules": "sliders-horizontal"}


def choices(session: Session, wanted: Scenario) -> tuple[list[tuple[str, Any]], list[RuleView], dict[str, str]]:
    """Return the kinds that can be planned, the rules as they stand in a scenario, and names of the indicators."""
    kinds = [(kind_text(session, kind), (kind, layer)) for kind, layer in scenario.plannable(session)]
    book = book_of(session.project.state.health)
    rules, names = [], {}
    for code in book.computed:
        definition = definition_under(wanted, book.indicators[code])
        found = [
            RuleView(code, rule.path, rule_text(session, rule), rule.value, rule.unit) for rule in rules_of(definition)
        ]
        if found:
            names[code] = f"{definition.number} {definition.title(session.lang)}"
            rules += found
    return kinds, rules, names


def base_value(session: Session, code: str, path: str) -> float | None:
    """Return the value of a rule in the base, None where there is no such rule."""
    definition = book_of(session.project.state.health).indicators[code]
    return next((rule.value for rule in rules_of(definition) if rule.path == path), None)


def kind_text(session: Session, kind: str) -> str:
    """Return a kind of facility in the language of the session."""
    key = f"health.kind.{kind}"
    return session.word(key) if has(key) else kind


def rule_text(session: Session, rule: Rule) -> str:
    """Return what a rule is in words."""
    if rule.path.startswith("benchmark."):
        name = rule.about["en" if session.lang == "en" else "zh"]
        return session.word("scenario.rule.benchmark", name=f"{name} {_OPS[rule.about['op']]}")
    key = rule.path.rsplit(".", 1)[-1]
    known = f"scenario.rule.{key}"
    return session.word(known if has(known) else "scenario.rule.other", about=_about(rule), name=key).strip()


def _about(rule: Rule) -> str:
    """Return of which size or class of facility a rule speaks."""
    about = rule.about
    if "classes" in about:
        return "、".join(map(str, about["classes"]))
    ends = [f"{about[name]:g}" if name in about else "" for name in ("min_ha", "max_ha")]
    return f"{ends[0]}–{ends[1]} ha" if any(ends) else ""


def _said(value: str, lang: str) -> str:
    return yes_no(True, lang) if value == "yes" else value


def deed_rows(session: Session, wanted: Scenario) -> list[DeedRow]:
    """Return what is tried."""
    say = session.word
    rows = [
        DeedRow(_ICONS["moved"], say("scenario.deed_text.move", name=name_of(session, one.key)),
                say("scenario.deed_text.moved_by", distance=f"{(one.east_m**2 + one.north_m**2) ** 0.5:.0f}"), one)
        for one in wanted.moved
    ]  # fmt: skip
    for new in wanted.added:
        values = dict(new.values)
        kind = kind_text(session, values.pop("kind", ""))
        assumed = ", ".join(
            f"{field_label(name, session.lang)} {_said(value, session.lang)}" for name, value in values.items()
        )
        detail = say("scenario.deed_text.assumed", assumed=assumed)
        rows.append(DeedRow(_ICONS["added"], say("scenario.deed_text.add", kind=kind), detail, new))
    rows += [
        DeedRow(_ICONS["closed"], say("scenario.deed_text.close", name=name_of(session, one.key)), "", one)
        for one in wanted.closed
    ]
    for rule in wanted.rules:
        definition = book_of(session.project.state.health).indicators.get(rule.code)
        base = next((own for own in rules_of(definition) if own.path == rule.path), None) if definition else None
        text = rule_text(session, base) if base else rule.path
        before = f"{base.value:g}" if base else "—"
        unit = f" {base.unit}" if base and base.unit else ""
        rows.append(
            DeedRow(_ICONS["rules"], say("scenario.deed_text.rule", code=rule.code, rule=text),
                    say("scenario.deed_text.value", before=before, value=f"{rule.value:g}{unit}"), rule)
        )  # fmt: skip
    return rows


def name_of(session: Session, key: ObjectKey) -> str:
    """Return the name of a facility, else its code, else its layer and number."""
    held = session.project.data.get(key.layer)
    if isinstance(held, VectorData) and key.oid in held.frame.index:
        names = ("name_en", "name", "code") if session.lang == "en" else ("name", "code")
        for name in names:
            if name in held.frame.columns and str(held.frame.at[key.oid, name] or "").strip() not in (
                "",
                "nan",
                "None",
            ):
                return str(held.frame.at[key.oid, name])
    layer = next((layer for layer in session.project.state.layers if layer.id == key.layer), None)
    return f"{layer.title(session.lang) if layer is not None else key.layer} {key.oid}"


def effect_rows(session: Session, outcome: Outcome) -> list[EffectRow]:
    """Return what becomes of every indicator that depends on a scenario, those that change first."""
    rows = []
    for result, changes in scenario.compared(session, outcome):
        definition = book_of(session.project.state.health).indicators[result.code]
        city, *units = (_effect(session, result.code, definition, change) for change in changes)
        head = f"{definition.number} {definition.title(session.lang)}"
        is_other = any(change.is_other for change in changes)
        rows.append(
            (
                not is_other,
                EffectRow(city.code, head, city.base, city.now, city.difference, city.grade, city.tint, tuple(units)),
            )
        )
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])]


def _effect(session: Session, code: str, definition: Any, change: Change) -> EffectRow:
    lang, none = session.lang, session.word("value.none")
    unit = definition.unit_text(lang)
    difference = change.difference
    grades = [word(f"health.grade.{grade}", lang) for grade in (change.base.grade, change.now.grade)]
    return EffectRow(
        code,
        change.now.title(lang) or session.word("sheet.whole_city"),
        indicator_value(change.base.value, unit, none),
        indicator_value(change.now.value, unit, none),
        _difference_text(difference, none),
        grades[0] if grades[0] == grades[1] else " → ".join(grades),
        _tint(definition.direction, change),
    )  # fmt: skip


def _difference_text(difference: float | None, none: str) -> str:
    if difference is None:
        return none
    if abs(difference) < LEAST:
        return "="
    return f"{'+' if difference > 0 else '−'}{rounded(abs(difference), 2)}"


def _tint(direction: str, change: Change) -> str:
    """Return whether a change is for the better: by grade where that changes, else by value and direction."""
    before, now = (_ORDER.get(grade) for grade in (change.base.grade, change.now.grade))
    step = (now - before) if before is not None and now is not None else 0
    difference = change.difference
    if not step and difference is not None and abs(difference) >= LEAST:
        step = {"up": 1, "down": -1}.get(direction, 0) * (1 if difference > 0 else -1)
    return "good" if step > 0 else "warn" if step < 0 else "none"

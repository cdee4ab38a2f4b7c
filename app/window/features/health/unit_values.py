"""What the panel of check units shows, made from the project: words and numbers. No Qt."""

from __future__ import annotations

from app.session import Session
from app.usecases.health import units
from models.core.value_text import number
from models.health.units.fitness import Fitness
from models.health.units.rules import unit_rules
from models.health.units.tables import fits
from models.health.units.unit_sets import CheckUnit, UnitSet
from models.project.selection import ObjectKey
from viewers.texts.unit_texts import (
    change_text,
    faults_text,
    population_from_text,
    population_text,
    reason_text,
    why_text,
)
from viewers.widgets.health.units_panel import UnitRow, UnitsView

#: So many members are named in a tip.
NAMED = 12


def units_view(session: Session, level: str) -> UnitsView:
    """Return the draft of a level, else what holds now."""
    state = session.project.state
    draft, held = units.set_of(state, level), units.in_effect(state, level)
    versions = units.versions_of(state, level)
    shown = draft or held
    if shown is None:
        rows = tuple(_administrative_row(session, key, one)
                     for key, one in units.administrative(session).items() if one.level == level)  # fmt: skip
        status = session.word("units.status.administrative") if rows else ""
    else:
        rows = tuple(_row(session, shown, at, unit) for at, unit in enumerate(shown.units))
        status = session.word(
            "units.status.version" if shown.version else "units.status.draft", version=shown.version,
            date=shown.made_on[:10], by=shown.made_by,
        )  # fmt: skip
    return UnitsView(
        level, status, _total(session, level, rows), rows, draft is not None,
        max((one.version for one in versions), default=0) + 1, bool(versions), held is not None,
    )  # fmt: skip


def version_lines(session: Session, level: str) -> list[tuple[int, str]]:
    """Return the versions of a level, the newest first, the draft before them."""
    state, held = session.project.state, units.in_effect(session.project.state, level)
    found = [*units.versions_of(state, level)]
    draft = units.set_of(state, level)
    lines = []
    for one in [*([draft] if draft is not None else []), *reversed(found)]:
        name = f"v{one.version}" if one.version else session.word("units.draft")
        facts = {"count": len(one.units), "date": one.made_on[:10], "by": one.made_by}
        text = session.word("units.version.line", name=name, **facts)
        lines.append((one.version, f"{text} · {session.word('units.version.held')}" if one is held else text))
    return lines


def change_lines(session: Session, level: str, before: int, after: int) -> list[tuple[str, str]]:
    """Return what two versions do not have alike, a title and words each."""
    lang = session.lang
    lines = []
    for one in units.changes_between(session, level, before, after):
        people = [population_text(unit.population, lang) for unit in (one.before, one.after) if unit is not None]
        lines.append((one.title(lang), f"{change_text(one, lang)} · {' → '.join(people)}"))
    return lines


def _row(session: Session, shown: UnitSet, at: int, unit: CheckUnit) -> UnitRow:
    lang = session.lang
    members = ", ".join(unit.members[:NAMED]) + (" …" if len(unit.members) > NAMED else "")
    tip = session.word("units.tip", code=unit.code, people=population_from_text(unit, lang), members=members)
    is_seen = any(layer.id == shown.layer for layer in session.project.state.layers)
    return UnitRow(
        unit.code, unit.title(lang), _people(session, unit.population), _area(unit.area_m2), fits(unit, shown.level),
        reason_text(unit, lang), why_text(unit, shown.level, lang), tip,
        ObjectKey(shown.layer, at + 1) if is_seen else None,
    )  # fmt: skip


def _administrative_row(session: Session, key: ObjectKey, one: Fitness) -> UnitRow:
    lang, rules = session.lang, unit_rules()
    codes = [code.removeprefix("HC25-") for code in rules.dependent(one.level) if one.alone(code) is not True]
    told = session.word("units.not_alone", codes=", ".join(codes)) if codes else session.word("units.alone")
    kind = {True: "yes", False: "no", None: "unknown"}[one.fits]
    return UnitRow(
        f"{key.layer}/{key.oid}", one.title(lang), _people(session, one.population), _area(one.area_m2), kind, told,
        faults_text(one.faults, one.level, lang), one.code, key,
    )  # fmt: skip


def _people(session: Session, population: float | None) -> str:
    return "–" if population is None else session.word("units.people", count=number(population, 0))


def _area(area_m2: float | None) -> str:
    return "–" if area_m2 is None else f"{number(area_m2 / 1e6, 2 if area_m2 >= 1e4 else 4)} km²"


def _total(session: Session, level: str, rows: tuple[UnitRow, ...]) -> str:
    if not rows:
        return ""
    fit = sum(one.fits == "yes" for one in rows)
    if level == "estate":
        return session.word("units.total.plain", count=len(rows))
    return session.word("units.total", count=len(rows), fits=fit)

"""``health units check|propose|accept|export|sample``: check units, their size, versions and samples."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.command_line.options import add_project, add_trust_and_json

if TYPE_CHECKING:
    from app.session import Session
    from models.health.units.unit_sets import CheckUnit, UnitSet

ACTIONS = ("check", "propose", "accept", "export", "sample")


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    parser.add_argument("action", choices=ACTIONS, metavar="check", help=w("cli.units.action"))
    add_project(parser, w)
    parser.add_argument("--level", default="community", metavar="community", help=w("cli.units.level"))
    parser.add_argument("--cross", action="store_true", help=w("cli.units.cross"))
    parser.add_argument("--version", type=int, metavar="1", help=w("cli.units.version"))
    parser.add_argument("--unit", default="", metavar=w("cli.meta.code"), help=w("cli.units.unit"))
    parser.add_argument("--drawn", type=int, default=0, metavar="60", help=w("cli.units.drawn"))
    parser.add_argument("--total", type=int, default=0, metavar="240", help=w("cli.units.of_how_many"))
    parser.add_argument("--indicator", default="", metavar=w("cli.meta.code"), help=w("cli.units.indicator"))
    parser.add_argument("--by", default="", metavar=w("cli.meta.text"), help=w("cli.units.by"))
    parser.add_argument("--out", metavar=w("cli.meta.out"), type=Path, help=w("cli.units.out"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Look at the units of a project, or make some."""
    from app.command_line.terminal import print_json, say_synthetic, session_of, tell
    from app.usecases.health import units
    from app.usecases.project import opening
    from models.core.errors import UserError
    from models.health.units.proposing import ProposeOptions

    level = units.level_named(arguments.level).id
    if arguments.out is None and arguments.action in ("accept", "export", "sample"):
        raise UserError("units.no_out", action=arguments.action)
    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    if arguments.action == "sample":
        from app.usecases.health.sampled import state_sample

        state_sample(
            session, level, arguments.unit, arguments.drawn, arguments.total, arguments.indicator, arguments.by
        )
        opening.save_project(session, arguments.out)
        sampled = [asdict(one) for one in session.project.state.health.sampled]
        print_json({"sampled": sampled}) if arguments.json else tell(lang, "cli.written", file=arguments.out)
        return session.close()
    if arguments.action == "export":
        shown = units.shown_set(session.project.state, level)
        version = arguments.version if arguments.version is not None else shown.version if shown is not None else 0
        units.export(session, level, version, arguments.out)
        found = units.version_named(session.project.state, level, version)
        report = {"level": level, "version": version, "file": str(arguments.out), "units": len(found.units)}
        print_json(report) if arguments.json else tell(lang, "cli.written", file=arguments.out)
        return session.close()
    if arguments.action == "check":
        report = _checked(session)
        if arguments.json:
            print_json(report)
        else:
            say_synthetic(session)
            _print_checked(session, report)
        return session.close()
    if arguments.action == "propose" or units.set_of(session.project.state, level) is None:
        units.propose_units(session, level, ProposeOptions(may_cross=arguments.cross))
    made = units.version_named(session.project.state, level, 0)
    if arguments.action == "accept":
        made = units.accept(session, level)
    if arguments.out is not None:
        opening.save_project(session, arguments.out)
    if arguments.json:
        print_json(_of_set(made) | {"synthetic": session.project.state.synthetic})
    else:
        say_synthetic(session)
        _print_set(session, made)
        if made.version:
            tell(lang, "cli.units.accepted", version=made.version, file=arguments.out)
        elif arguments.out is not None:
            tell(lang, "cli.written", file=arguments.out)
    return session.close()


def _checked(session: Session) -> dict[str, Any]:
    from app.usecases.health import units
    from models.health.units.rules import unit_rules

    rows = [
        {
            "level": one.level, "layer": key.layer, "oid": key.oid, "code": one.code, "name": one.name,
            "name_en": one.name_en, "population": one.population, "area_m2": one.area_m2, "fits": one.fits,
            "faults": list(one.faults),
            "not_alone": [code for code in unit_rules().dependent(one.level) if one.alone(code) is not True],
        }
        for key, one in units.administrative(session).items()
    ]  # fmt: skip
    state = session.project.state
    versions = [
        {"level": one.level, "version": one.version, "made_on": one.made_on, "made_by": one.made_by,
         "units": len(one.units), "in_effect": units.in_effect(state, one.level) is one}
        for one in state.health.unit_sets
    ]  # fmt: skip
    return {"synthetic": state.synthetic, "units": rows, "versions": versions}


def _print_checked(session: Session, report: dict[str, Any]) -> None:
    from app.command_line.terminal import print_rows
    from app.usecases.health import units
    from viewers.texts.unit_texts import faults_text, population_text

    lang = session.lang
    for level_id in units.LEVELS:
        rows = [one for one in report["units"] if one["level"] == level_id]
        if not rows:
            continue
        table = [_heads(session)]
        for one in rows:
            why = faults_text(one["faults"], level_id, lang)
            codes = ", ".join(code.removeprefix("HC25-") for code in one["not_alone"])
            told = session.word("units.not_alone", codes=codes) if codes else ""
            fits = {True: "yes", False: "no", None: "unknown"}[one["fits"]]
            name = (one["name_en"] if lang == "en" and one["name_en"] else one["name"]) or one["code"]
            table.append([one["code"], name, population_text(one["population"], lang), _km2(one["area_m2"]),
                          session.word(f"units.fits.{fits}"), " · ".join(filter(None, (why, told)))])  # fmt: skip
        print_rows(table, lang)
        fit = sum(one["fits"] is True for one in rows)
        _print_total(session, level_id, len(rows), fit)


def _of_set(made: UnitSet) -> dict[str, Any]:
    from models.health.units.proposing import faults_of

    def row(unit: CheckUnit) -> dict[str, Any]:
        return {
            "code": unit.code, "name": unit.name, "name_en": unit.name_en, "members": list(unit.members),
            "reason": unit.reason, "advice": unit.advice, "population": unit.population,
            "population_from": unit.population_from, "area_m2": unit.area_m2, "districts": list(unit.districts),
            "faults": list(faults_of(unit, made.level)),
        }  # fmt: skip

    return {"level": made.level, "version": made.version, "made_on": made.made_on, "made_by": made.made_by,
            "units": [row(unit) for unit in made.units]}  # fmt: skip


def _print_set(session: Session, made: UnitSet) -> None:
    from app.command_line.terminal import print_rows
    from models.health.units.tables import fits
    from viewers.texts.unit_texts import population_text, reason_text, why_text

    lang, table = session.lang, [_heads(session)]
    for unit in made.units:
        why = " · ".join(filter(None, (reason_text(unit, lang), why_text(unit, made.level, lang))))
        table.append([unit.code, unit.title(lang), population_text(unit.population, lang), _km2(unit.area_m2),
                      session.word(f"units.fits.{fits(unit, made.level)}"), why])  # fmt: skip
    print_rows(table, lang)
    _print_total(session, made.level, len(made.units), sum(fits(one, made.level) == "yes" for one in made.units))


def _print_total(session: Session, level_id: str, count: int, fit: int) -> None:
    from app.command_line.terminal import tell
    from app.usecases.health import units

    level = units.level_named(level_id).title(session.lang)
    tell(session.lang, "cli.units.total", level=level, count=count, fits=fit)


def _heads(session: Session) -> list[str]:
    return [session.word(f"cli.units.head.{name}") for name in ("code", "name", "population", "area", "fits", "why")]


def _km2(area_m2: float | None) -> str:
    from models.core.value_text import number

    return "–" if area_m2 is None else number(area_m2 / 1e6, 3)

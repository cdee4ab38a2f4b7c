"""Judging in words: grades, why one is proposed or none is, counts in all. Every function takes ``lang``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from models.core.value_text import number, percent
from models.health.book import book_of
from models.health.judging.decisions import ALL
from models.health.judging.proposal import Proposal
from models.health.judging.rollup import RollUp
from models.health.judging.rules import GRADES, OVERALL
from models.health.judging.yardsticks import Yardstick
from models.health.state import HealthState
from resources.words import LANGUAGES, word


def grade_text(grade: str, lang: str) -> str:
    """Return the name of a grade of an indicator, empty for none."""
    return word(f"judging.grade.{grade}", lang) if grade else ""


def grade_of(text: str) -> str:
    """Return the grade that somebody wrote in either language or by its id; empty for none that is known."""
    return _written(text, {grade: f"judging.grade.{grade}" for grade in GRADES})


def overall_of(text: str) -> str:
    """Return the grade in all that somebody wrote; empty for none that is known."""
    return _written(text, {grade: f"judging.overall.{grade}" for grade in OVERALL})


def _written(text: str, known: Mapping[str, str]) -> str:
    wanted = text.strip().casefold()
    for name, key in known.items():
        if wanted in (name, *(word(key, lang).casefold() for lang in LANGUAGES)):
            return name
    return ""


def yardstick_text(one: Yardstick, unit: str, lang: str) -> str:
    """Return what a yardstick says, with what it is held against."""
    if one.says == "absent":
        return word(f"judging.yardstick.{one.kind}.absent", lang)
    held = "" if one.held_against is None else number(one.held_against, 2)
    unit = "" if one.kind == "satisfaction" else unit
    says = word(f"judging.says.{one.says}", lang)
    name = f" ({one.name})" if one.name and one.kind != "standard" else ""
    return word(f"judging.yardstick.{one.kind}", lang, held=f"{held}{' ' if unit else ''}{unit}{name}", says=says,
                count=one.count)  # fmt: skip


def why_text(proposal: Proposal, unit: str, lang: str) -> str:
    """Return all that stands behind a proposal, a line a yardstick."""
    lines = [yardstick_text(one, unit, lang) for one in proposal.yardsticks]
    lines += [word(f"judging.move.{move}", lang) for move in proposal.moves]
    if proposal.refusal:
        lines.insert(0, refusal_text(proposal.refusal, proposal.coverage, lang))
    if proposal.is_unstated and proposal.grade:
        lines.append(word("judging.unstated", lang))
    return "\n".join(lines)


def refusal_text(refusal: str, coverage: float | None, lang: str) -> str:
    """Return why nothing is proposed."""
    return word(f"judging.refusal.{refusal}", lang, coverage="–" if coverage is None else percent(coverage))


def short_reason(row: Mapping[str, Any], lang: str) -> str:
    """Return in a few words why a grade is proposed or none is, of a row of the use case."""
    if row["refusal"]:
        return refusal_text(row["refusal"], row["coverage"], lang)
    spoken: Sequence[Mapping[str, Any]] = [one for one in row["yardsticks"] if one["says"] != "absent"]
    parts = [
        word("judging.short", lang, kind=word(f"judging.kind.{one['kind']}", lang),
             says=word(f"judging.says.{one['says']}", lang))
        for one in spoken
    ]  # fmt: skip
    parts += [word(f"judging.move.{move}", lang) for move in row["moves"]]
    return word("judging.separator", lang).join(parts)


def overall_text(one: RollUp, lang: str) -> str:
    """Return a grade in all, the hole of the table, or why there is none."""
    return word(f"judging.overall.{one.grade}", lang) if one.grade else word(f"judging.overall.{one.refusal}", lang)


def counts_text(one: RollUp, lang: str) -> str:
    """Return the counts behind a grade in all, with what has no grade and what is only proposed."""
    parts = [
        word("judging.count", lang, grade=grade_text(grade, lang), count=count)
        for grade, count in zip(GRADES, one.counts, strict=True)
    ]
    if one.without:
        parts.append(word("judging.without", lang, count=len(one.without)))
    if one.proposed:
        parts.append(word("judging.only_proposed", lang, count=one.proposed))
    if one.vetoed:
        parts.append(word("judging.vetoed", lang, count=len(one.vetoed)))
    return word("judging.separator", lang).join(parts)


def scope_text(scope: str, health: HealthState, lang: str) -> str:
    """Return the name of a dimension, or of all of them."""
    if scope == ALL:
        return word("judging.all", lang)
    names = book_of(health).dimensions.get(scope, (scope, scope))
    return names[1 if lang == "en" else 0]

"""What is said of the residents' questionnaire: what came of a table, quotas, satisfaction."""

from __future__ import annotations

from models.core.value_text import number, percent
from models.health.questionnaire.questions import questionnaire
from models.health.questionnaire.quotas import QuotaRow
from models.health.questionnaire.reading import SurveyRead
from models.health.questionnaire.satisfaction import Satisfaction
from resources.words import word


def quota_name(row: QuotaRow, lang: str) -> str:
    """Return what is asked of the sample."""
    kind, _, which = row.id.partition(":")
    book = questionnaire()
    group = next((one for one in (*book.ages, *book.incomes) if one.id == which), None)
    return group.title(lang) if group is not None else word(f"survey.quota.{kind}", lang)


def quota_found(row: QuotaRow, lang: str) -> str:
    """Return what the sample has."""
    if row.value is None:
        return word("survey.unknown", lang)
    if row.id == "community":
        return f"{number(row.value, 0)} / {number(row.least or 0.0, 0)}"
    return _value(row, row.value)


def quota_wanted(row: QuotaRow, lang: str) -> str:
    """Return what it should have."""
    if row.id == "community":
        return word("survey.wanted.community", lang, least=questionnaire().quota.per_community)
    if row.least is not None and row.most is not None:
        return f"{percent(row.least)}–{percent(row.most)} %"
    if row.most is not None:
        return f"≤ {percent(row.most)} %"
    return f"≥ {number(row.least, 0)}" if row.least is not None else "–"


def quota_missing(row: QuotaRow, lang: str) -> str:
    """Return what is missing to meet it; empty where nothing is."""
    if row.state != "not_met":
        return ""
    kind = row.id.partition(":")[0]
    too_many = row.most is not None and row.value is not None and row.value > row.most
    if row.id == "community":
        return word("survey.missing.community", lang, count=len(row.places), answers=row.missing)
    return word("survey.missing.others" if too_many else "survey.missing.more", lang, count=row.missing, kind=kind)


def quota_cells(row: QuotaRow, lang: str) -> tuple[str, str, str, str, str]:
    """Return a demand as cells of a table: name, found, wanted, state, what is missing."""
    state = word(f"survey.state.{row.state}", lang)
    return quota_name(row, lang), quota_found(row, lang), quota_wanted(row, lang), state, quota_missing(row, lang)


def satisfaction_text(one: Satisfaction, lang: str) -> str:
    """Return a mean satisfaction, or why there is none."""
    if one.value is None:
        return word(f"survey.status.{one.status}", lang, least=questionnaire().thin)
    return number(one.value, 1)


def interval_text(one: Satisfaction) -> str:
    """Return the interval of a mean; a dash where there is none."""
    return "–" if one.low is None or one.high is None else f"{number(one.low, 1)}–{number(one.high, 1)}"


def satisfaction_cells(one: Satisfaction, lang: str) -> tuple[str, str, str]:
    """Return a mean as cells of a table: value, interval, answers."""
    return satisfaction_text(one, lang), interval_text(one), number(one.answers, 0)


def read_lines(found: SurveyRead, lang: str) -> list[str]:
    """Return what came of a table of answers, a sentence each."""
    lines = [
        word("survey.read.kept", lang, rows=number(found.rows, 0), kept=number(len(found.table), 0)),
        word("survey.read.not_counted", lang, young=found.too_young, short=found.too_short),
    ]
    if found.duplicates:
        lines.append(word("survey.read.duplicates", lang, count=found.duplicates))
    if found.scale:
        lines.append(word("survey.read.scale", lang, scale=found.scale))
    if found.unread:
        many = sum(found.unread.values())
        lines.append(word("survey.read.unread", lang, count=many, fields=_listed(list(found.unread), lang)))
    if found.unknown_places:
        places = _listed(list(found.unknown_places), lang)
        lines.append(word("survey.read.places", lang, count=len(found.unknown_places), places=places))
    if found.personal:
        lines.append(word("survey.read.personal", lang, columns=_listed(list(found.personal), lang)))
    if found.unused:
        lines.append(word("survey.read.unused", lang, columns=_listed(list(found.unused), lang)))
    return lines


def _listed(names: list[str], lang: str, most: int = 6) -> str:
    gap = ", " if lang == "en" else "、"
    return gap.join(names[:most]) + (f" … +{len(names) - most}" if len(names) > most else "")


def _value(row: QuotaRow, value: float) -> str:
    shares = row.id.startswith("age:") or row.id in ("women", "public_servants")
    return f"{percent(value, 1)} %" if shares else number(value, 0)

"""What is said of a mapping of a foreign table: why a field was guessed, and what happened to its values."""

from __future__ import annotations

from models.facilities.register.mapping import FieldMap, FieldReport
from resources.words import word


def reason_text(one: FieldMap, lang: str) -> str:
    """Return why a field comes from its columns, empty where a person said it."""
    return word(f"register.reason.{one.reason}", lang) if one.reason else word("register.reason.said", lang)


def unit_reason_text(one: FieldMap, lang: str) -> str:
    """Return how the unit is known, empty where there is nothing to say."""
    return word(f"register.unit_reason.{one.unit_reason}", lang) if one.unit_reason else ""


def field_line(report: FieldReport, lang: str) -> str:
    """Return what happened to the values of a field as one line, empty where they came as they were."""
    parts = []
    if report.factor != 1.0 and report.converted:
        parts.append(
            word("register.note.converted", lang, count=f"{report.converted:,}", factor=f"{report.factor:.6g}")
        )
    if report.dropped:
        values = _listed(report.dropped, lang)
        parts.append(word("register.note.dropped", lang, count=f"{report.dropped_count:,}", values=values))
    if report.unknown:
        count = sum(number for _, number in report.unknown)
        parts.append(word("register.note.unknown", lang, count=f"{count:,}", values=_listed(report.unknown, lang)))
    if report.unread:
        parts.append(word("register.note.unread", lang, count=f"{report.unread:,}"))
    if report.outside:
        parts.append(word("register.note.outside", lang, count=f"{report.outside:,}"))
    if report.doubtful:
        count = sum(number for _, number in report.doubtful)
        parts.append(word("register.note.doubtful", lang, count=f"{count:,}", values=_listed(report.doubtful, lang)))
    return word("register.note.between", lang).join(parts)


def _listed(values: tuple[tuple[str, int], ...], lang: str, most: int = 3) -> str:
    texts = [value if len(value) <= 16 else value[:15] + "…" for value, _ in values[:most]]
    more = "…" if len(values) > most else ""
    return word("sheet.comma", lang).join(texts) + more

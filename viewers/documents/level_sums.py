"""What parties come to at a level, as sheets: objects by state, cases with their denominators, indicators."""

from __future__ import annotations

from models.exchange.rollup import RollUp
from resources.words import word
from viewers.documents.plain_sheets import PlainSheet


def sums_as_sheets(found: RollUp, lang: str) -> list[PlainSheet]:
    """Return a sheet for objects, one for cases, one for indicators."""

    def heads(*names: str) -> list[str]:
        return [word(f"exchange.column.{name}", lang) for name in names]

    about = word(
        "exchange.sum.about", lang, level=word(f"exchange.level.{found.level}", lang), count=len(found.parties)
    )
    objects = [
        [one.division, word(f"exchange.class.{one.kind}", lang), one.class_code, one.state, one.count]
        for one in found.objects
    ]
    cases = [
        [one.division, one.filed, one.due, one.closed, _percent(one.closing_rate), one.closed_in_time,
         _percent(one.in_time_rate), one.without_deadline]
        for one in found.cases
    ]  # fmt: skip
    results = [
        [one.division, one.indicator, one.edition, one.numerator, one.denominator, one.value, one.parties, one.without,
         one.own, word(f"exchange.reason.{one.reason}", lang) if one.reason else ""]
        for one in found.results
    ]  # fmt: skip
    titles = {name: word(f"exchange.sum.{name}", lang) for name in ("objects", "cases", "results")}
    rates = ("closing_rate", "in_time", "in_time_rate", "no_deadline")
    return [
        PlainSheet(titles["objects"], titles["objects"], about,
                   heads("division", "class", "class_code", "state", "count"), objects),
        PlainSheet(titles["cases"], titles["cases"], about,
                   heads("division", "filed", "due", "closed", *rates), cases),
        PlainSheet(titles["results"], titles["results"], about,
                   heads("division", "indicator", "edition", "numerator", "denominator", "value", "parties", "without",
                         "own", "note"), results),
    ]  # fmt: skip


def _percent(rate: float | None) -> str | None:
    return None if rate is None else f"{100 * rate:.1f} %"

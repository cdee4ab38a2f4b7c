"""What has changed since a picture was made, in words."""

from __future__ import annotations

from collections.abc import Sequence

from models.views.seen import Change
from resources.words import word
from viewers.texts.values import indicator_value


def change_texts(changes: Sequence[Change], unit: str, lang: str) -> list[str]:
    """Return one line a change; ``unit`` is that of the figures, as it is written."""
    return [_text(change, unit, lang) for change in changes]


def _text(change: Change, unit: str, lang: str) -> str:
    if change.kind == "value":
        none = word("value.none", lang)
        then, now = (indicator_value(value, unit, none) for value in (change.then, change.now))
        place = change.name or word("sheet.whole_city", lang)
        return word("seen.value", lang, place=place, then=then, now=now)
    if change.kind == "data" and change.then is not None and change.now is not None:
        return word("seen.data.rows", lang, name=change.name, then=f"{change.then:,.0f}", now=f"{change.now:,.0f}")
    return word(f"seen.{change.kind}", lang, name=change.name)

"""What a fact of a building rests on, in words: for the panel, lists and the terminal alike."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from resources.words import has, word
from viewers.texts.values import fact_value

if TYPE_CHECKING:
    from models.bim.fact import Fact


def source_text(name: str, lang: str) -> str:
    """Return where a fact comes from: a way of working it out in words, a set or class as the model writes it."""
    return word(f"bim.source.{name}", lang) if has(f"bim.source.{name}") else name


def basis_text(fact: Fact, lang: str) -> str:
    """Return on what a fact rests, empty for what is not stated."""
    return f"{word(f'bim.basis.{fact.basis}', lang)} · {source_text(fact.source, lang)}" if fact.basis else ""


def refused_text(fact: Fact, lang: str) -> str:
    """Return what was stated and cannot be, empty for most facts."""
    if fact.refused is None:
        return ""
    said = fact_value(replace(fact, value=fact.refused.value), lang, trimmed=False)
    key = "bim.refused.elements" if fact.refused.count else "bim.refused"
    return word(key, lang, value=said, name=fact.refused.source, count=fact.refused.count)


def whole_basis_text(fact: Fact, lang: str) -> str:
    """Return both in one line."""
    return word("bim.refused.join", lang).join(
        part for part in (basis_text(fact, lang), refused_text(fact, lang)) if part
    )


def certainty_text(fact: Fact, lang: str) -> str:
    """Return how sure a fact is, empty where there is none."""
    return word(f"bim.certainty.{fact.certainty}", lang) if fact.certainty else ""

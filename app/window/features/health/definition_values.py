"""What the dialog of definitions shows, out of the project."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.notices import notice_of
from models.core.errors import UserError
from models.core.value_text import significant
from models.health.book import freeze_of, whole_book_of
from models.health.definitions.freeze import fingerprint_of
from models.health.editions import edition_tables
from resources.words import word
from viewers.texts import definition_texts as texts
from viewers.texts.health_texts import sign
from viewers.widgets.health.definitions_dialog import DefinitionView, LimitView, TreeRow

if TYPE_CHECKING:
    from app.session import Session

#: Columns of the log.
HEADS = ("when", "who", "what", "before", "after", "document")


def edition_text(session: Session) -> str:
    """Return which edition is in force, with how many indicators are asked."""
    book = whole_book_of(session.project.state.health)
    asked = sum(not row.hidden for row in book.indicators.values())
    return word("health.definitions.edition", session.lang, name=book.title(session.lang), count=asked)


def state_text(session: Session) -> str:
    """Return whether the definitions are frozen, by whom, and whether they still are what was signed."""
    health, lang = session.project.state.health, session.lang
    held = freeze_of(health)
    book = whole_book_of(health)
    if held is None:
        note = book.note_en if lang == "en" else book.note
        return note or word("health.definitions.open", lang, count=len(health.changes))
    key = "frozen" if fingerprint_of(book) == held.fingerprint else "frozen_differs"
    return word(f"health.definitions.{key}", lang, who=held.who, when=held.when[:10], print=held.fingerprint)


def error_text(error: UserError, lang: str) -> str:
    """Return what is wrong and what to do about it."""
    notice = notice_of(error)
    return " ".join(part for part in (notice.text(lang), notice.cure(lang)) if part)


def tree_rows(session: Session) -> list[TreeRow]:
    """Return all indicators with the levels above them."""
    health, lang = session.project.state.health, session.lang
    book = whole_book_of(health)
    changed = {line.code for line in health.changes}
    order = list(book.dimensions)
    rows = sorted(
        book.indicators.values(),
        key=lambda row: order.index(row.dimension) if row.dimension in order else len(order),
    )
    found = []
    for row in rows:
        dimension = book.dimensions.get(row.dimension, (row.dimension, row.dimension))[lang == "en"]
        aspect = row.aspect_en if lang == "en" else row.aspect
        section = row.section_en if lang == "en" and row.section_en else row.section
        levels = tuple(one for one in (dimension, aspect, section) if one)
        number = f"{row.number:02d} " if row.edition == book.id and row.origin == "national" else ""
        found.append(TreeRow(levels, row.code, f"{number}{row.title(lang)}", row.hidden, row.code in changed))
    return found


def definition_view(session: Session, code: str) -> DefinitionView:
    """Return one definition as it is shown."""
    state, lang = session.project.state, session.lang
    book = whole_book_of(state.health)
    row = book.indicators[code]
    fits = row.applicable(state.profile)
    held = row.benchmarks_for(state.profile) if fits else ()
    verdict = texts.verdict_text(row, state.profile, lang)
    notes = [word("health.definitions.uncertain", lang)] if row.uncertain else []
    if row.hidden:
        notes.append(word("health.definitions.hidden", lang))
    return DefinitionView(
        code=code,
        name=row.title(lang),
        unit=row.unit_text(lang),
        formula=row.formula_text(lang),
        expression=str(row.parameters.get("expression", "")) if row.method == "formula" else "",
        readings=tuple((one.id, one.title(lang), one.source) for one in row.readings),
        reading=row.reading,
        verdict=word("health.definitions.holds", lang, text=verdict) if fits else verdict,
        limits=tuple(
            LimitView(
                sign(one.op), significant(one.value), row.unit_text(lang), one.title(lang),
                texts.chosen_by_text(one, row, lang), one.source, one.uncertain, bool(held) and one is held[0],
            )
            for one in row.benchmarks
        ),
        facts=tuple(texts.plain_rows(row, book, lang)),
        items=tuple(
            (one.id, f"{one.title(lang)}{_weights(one.severity, one.prevalence, one.urgency, lang)}")
            for one in row.check_items
        ),
        inputs=tuple(f"{word(f'role.{one.role}', lang)} · {one.title(lang)}" for one in row.inputs),
        hidden=row.hidden,
        is_own=code not in edition_tables(state.health.edition).rows,
        notes=tuple(notes),
    )  # fmt: skip


def log_of(session: Session) -> tuple[list[str], Sequence[Sequence[str]]]:
    """Return the heads and rows of the log."""
    lang = session.lang
    return [word(f"health.definitions.log.{name}", lang) for name in HEADS], texts.change_rows(
        session.project.state.health, lang
    )


def _weights(severity: int, prevalence: int, urgency: int, lang: str) -> str:
    said = [
        f"{word(f'health.definition.field.items.{name}', lang)} {value}"
        for name, value in (("severity", severity), ("prevalence", prevalence), ("urgency", urgency))
        if value
    ]
    return f"  ({' · '.join(said)})" if said else ""

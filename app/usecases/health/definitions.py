"""Definitions of indicators in a project: change, add, hide, choose readings and editions, freeze and sign off.

Every change is a line of the project's log with its author, time and document; frozen definitions refuse all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.usecases.health.judging import now
from app.usecases.review.topics import author
from models.core.errors import UserError
from models.health.book import freeze_of, tables_of, whole_book_of
from models.health.definitions.changes import (
    EDITION_PATH,
    HIDDEN,
    READING_PATH,
    Change,
    as_text,
    changed_tables,
    refuse_unknown,
    value_at,
)
from models.health.definitions.checking import checked_row
from models.health.definitions.freeze import Freeze, fingerprint_of, refuse_frozen
from models.health.editions import edition_tables
from models.health.state import ChosenReading, HealthState

if TYPE_CHECKING:
    from app.session import Session

Edit = tuple[str, str, Any]


def change(session: Session, code: str, path: str, value: Any, document: str = "") -> None:
    """Change one value of a definition.

    Parameters
    ----------
    session : Session
    code, path : str
        See :class:`~models.health.definitions.changes.Change`.
    value : Any
        What stands there from now on; None takes it away.
    document : str
        By which document.

    Raises
    ------
    UserError
        ``health.frozen``, ``health.no_indicator``, ``health.definition_damaged``.
    """
    change_all(session, [(code, path, value)], document, "history.health.definition")


def change_limit(session: Session, code: str, place: int, value: Any, document: str = "") -> None:
    """Change the value of a threshold; the document by which it is done becomes its source.

    Raises
    ------
    UserError
        As :func:`change`.
    """
    edits: list[Edit] = [(code, f"benchmark/{place}/value", value)]
    if document.strip():
        edits += [(code, f"benchmark/{place}/source", document.strip()), (code, f"benchmark/{place}/uncertain", False)]
    change_all(session, edits, document, "history.health.definition")


def change_all(session: Session, edits: Sequence[Edit], document: str, label: str) -> int:
    """Change several values in one step; all of them or none.

    Returns
    -------
    int
        How many of them were changes.
    """
    health = session.project.state.health
    refuse_frozen(health.freezes)
    who, when = author(session), now()
    tables, made = tables_of(health), []
    for code, path, value in edits:
        if code and path:
            refuse_unknown(tables, code)
        if not code and isinstance(value, str) and not value.strip():
            raise UserError("health.definition_damaged", indicator="—", field=path, value="")
        line = Change(code, path, as_text(value_at(tables, code, path)), as_text(value), who, when, document.strip())
        if line.before != line.after:
            made.append(line)
            tables = changed_tables(tables, [line])
    for code in dict.fromkeys(line.code for line in made if line.code in tables.rows):
        checked_row(tables.rows[code], tables)
    if made:
        _set(session, label, lambda before: replace(before, changes=(*before.changes, *made)))
    return len(made)


def add_indicator(session: Session, row: Mapping[str, Any], document: str = "") -> str:
    """Add a provincial or local indicator; returns its code.

    Raises
    ------
    UserError
        ``health.code_taken``, ``health.frozen``, ``health.definition_damaged``; what is wrong with its formula.
    """
    tables = tables_of(session.project.state.health)
    made = checked_row({"origin": "city", **row}, tables)
    if made["code"] in tables.rows:
        raise UserError("health.code_taken", indicator=made["code"])
    made["number"] = made["number"] or 1 + max(int(one["number"]) for one in tables.rows.values())
    change_all(session, [(made["code"], "", made)], document, "history.health.add_indicator")
    return str(made["code"])


def remove_indicator(session: Session, code: str, document: str = "") -> None:
    """Take a local indicator out again, with its result; one of the edition is only left out.

    Raises
    ------
    UserError
        ``health.frozen``, ``health.no_indicator``.
    """
    health = session.project.state.health
    if code in edition_tables(health.edition).rows:
        change(session, code, HIDDEN, True, document)
        return
    refuse_unknown(tables_of(health), code)
    refuse_frozen(health.freezes)
    before = as_text(value_at(tables_of(health), code, ""))
    line = Change(code, "", before, "", author(session), now(), document.strip())

    session.history.do(
        "history.health.remove_indicator",
        lambda state: replace(
            state,
            health=replace(state.health, changes=(*state.health.changes, line)),
            results=tuple(result for result in state.results if result.code != code),
        ),
    )
    session.results_changed.emit()


def show_again(session: Session, code: str, document: str = "") -> None:
    """Ask an indicator again that was left out."""
    change(session, code, HIDDEN, None, document)


def rename_dimension(session: Session, dimension: str, name: str, name_en: str, document: str = "") -> None:
    """Give a dimension other names."""
    edits: list[Edit] = [("", f"dimension/{dimension}/zh", name), ("", f"dimension/{dimension}/en", name_en)]
    change_all(session, edits, document, "history.health.dimension")


def rename_aspect(session: Session, dimension: str, aspect: str, name: str, name_en: str, document: str = "") -> None:
    """Give an aspect, the second level of a dimension, other names: in every indicator that has it."""
    rows = whole_book_of(session.project.state.health).indicators.values()
    mine = [row.code for row in rows if (row.dimension, row.aspect) == (dimension, aspect)]
    pairs = (("aspect", name), ("aspect_en", name_en))
    edits: list[Edit] = [(code, key, value) for code in mine for key, value in pairs]
    change_all(session, edits, document, "history.health.dimension")


def add_dimension(session: Session, dimension: str, name: str, name_en: str, document: str = "") -> None:
    """Add a dimension."""
    row = {"id": dimension, "zh": name, "en": name_en}
    change_all(session, [("", f"dimension/{dimension}", row)], document, "history.health.dimension")


def choose_reading(session: Session, code: str, reading: str, document: str = "") -> None:
    """Choose by which of its readings an indicator is worked out.

    Raises
    ------
    UserError
        ``health.frozen``, ``health.no_indicator``, ``health.no_reading``.
    """
    health = session.project.state.health
    refuse_frozen(health.freezes)
    refuse_unknown(tables_of(health), code)
    definition = whole_book_of(health).indicators[code]
    if reading not in [one.id for one in definition.readings]:
        known = ", ".join(one.id for one in definition.readings) or "—"
        raise UserError("health.no_reading", indicator=code, reading=reading, known=known)
    if reading == definition.reading:
        return
    line = Change(
        code, READING_PATH, as_text(definition.reading), as_text(reading), author(session), now(), document.strip()
    )

    def chosen(before: HealthState) -> HealthState:
        others = tuple(one for one in before.readings if one.code != code)
        own = () if reading == definition.readings[0].id else (ChosenReading(code, reading),)
        return replace(before, readings=(*others, *own), changes=(*before.changes, line))

    _set(session, "history.health.reading", chosen)


def choose_readings(session: Session, named: Sequence[str]) -> None:
    """Say by which reading indicators are worked out from now on.

    Parameters
    ----------
    session : Session
    named : sequence of str
        ``"HC25-52=year_plan"`` each.

    Raises
    ------
    UserError
        As :func:`choose_reading`.
    """
    for text in named:
        code, _, reading = text.partition("=")
        choose_reading(session, code, reading)


def set_edition(session: Session, edition: str) -> None:
    """Put another edition in force; what was changed in the one before stays in the log and holds where it fits.

    Raises
    ------
    UserError
        ``health.frozen``, ``health.no_edition``.
    """
    health = session.project.state.health
    refuse_frozen(health.freezes)
    edition_tables(edition)
    if edition == health.edition:
        return
    line = Change("", EDITION_PATH, as_text(health.edition), as_text(edition), author(session), now())
    _set(
        session,
        "history.health.edition",
        lambda before: replace(before, edition=edition, changes=(*before.changes, line)),
    )


def freeze(session: Session, document: str = "") -> str:
    """Sign the definitions off (口径冻结): later changes are refused; returns the fingerprint.

    Raises
    ------
    UserError
        ``health.frozen`` where they already are.
    """
    health = session.project.state.health
    refuse_frozen(health.freezes)
    one = Freeze(fingerprint_of(whole_book_of(health)), author(session), now(), document.strip())
    _set(session, "history.health.freeze", lambda before: replace(before, freezes=(*before.freezes, one)))
    return one.fingerprint


def unfreeze(session: Session, reason: str) -> None:
    """Lift the signing-off; who did and why is kept.

    Raises
    ------
    UserError
        ``health.not_frozen``, ``health.no_reason``.
    """
    held = freeze_of(session.project.state.health)
    if held is None:
        raise UserError("health.not_frozen")
    if not reason.strip():
        raise UserError("health.no_reason")
    lifted = replace(held, lifted_by=author(session), lifted_when=now(), reason=reason.strip())
    _set(session, "history.health.unfreeze", lambda before: replace(before, freezes=(*before.freezes[:-1], lifted)))


def _set(session: Session, label: str, made: Any) -> None:
    session.history.do(label, lambda state: replace(state, health=made(state.health)))

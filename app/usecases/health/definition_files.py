"""Files of definitions: templates and workbooks that go out, and come back as changes of the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.usecases.health import definitions
from app.usecases.health.definitions import Edit
from models.core.errors import UserError
from models.health.book import tables_of
from models.health.definitions.changes import row_from_changes, value_at
from models.health.definitions.checking import FORMULA, checked_row
from models.health.definitions.freeze import refuse_frozen
from models.health.definitions.stars import StarSet
from models.health.definitions.template import Template, as_toml, read_toml
from models.health.editions import EditionTables
from models.store.atomic import write_text

if TYPE_CHECKING:
    from app.session import Session


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What a file brought.

    Parameters
    ----------
    changed, added : int
        Values of definitions that are other now, and indicators that are new.
    stars : str
        Name of the set of star items, where the file was one.
    """

    changed: int = 0
    added: int = 0
    stars: str = ""


def export_definitions(tables: EditionTables, out: Path, lang: str, codes: Sequence[str] = ()) -> None:
    """Write definitions: ``.toml`` with all of it, ``.xlsx`` with what a table can hold.

    Raises
    ------
    UserError
        ``table.bad_suffix``; what writing raises.
    """
    out = Path(out).resolve()
    if out.suffix.lower() == ".toml":
        write_text(out, as_toml(tables, codes))
    elif out.suffix.lower() == ".xlsx":
        from viewers.documents.definition_book import write_definition_book

        write_definition_book(out, tables, lang, codes)
    else:
        raise UserError("table.bad_suffix", file=out.name)


def read_template(path: Path) -> Template:
    """Return what a file of definitions or star items says.

    Raises
    ------
    UserError
        ``health.template_damaged``, ``health.stars_damaged``, ``table.bad_suffix``.
    """
    path = Path(path)
    if path.suffix.lower() == ".toml":
        return read_toml(path)
    if path.suffix.lower() == ".xlsx":
        from viewers.documents.definition_book import read_definition_book

        return read_definition_book(path)
    raise UserError("table.bad_suffix", file=path.name)


def import_definitions(session: Session, path: Path, document: str = "") -> TakenIn:
    """Take a file of definitions into the project: one step, all of it or nothing.

    Raises
    ------
    UserError
        ``health.frozen``, ``health.definition_damaged``, those of :func:`read_template`.
    """
    health = session.project.state.health
    refuse_frozen(health.freezes)
    found, document = read_template(path), document or Path(path).name
    if found.stars is not None:
        return TakenIn(stars=_with_stars(session, found.stars))
    tables = tables_of(health)
    edits: list[Edit] = []
    for row in found.dimensions:
        own = value_at(tables, "", f"dimension/{row['id']}")
        if own is None:
            edits.append(("", f"dimension/{row['id']}", dict(row)))
        else:
            edits += [
                ("", f"dimension/{row['id']}/{key}", row[key]) for key in ("zh", "en") if own.get(key) != row[key]
            ]
    added, last = 0, max(int(row["number"]) for row in tables.rows.values())
    about = {**tables.about, "dimension": [*tables.about["dimension"], *found.dimensions]}
    wider = EditionTables(about, tables.rows)
    for row in found.rows:
        is_new = str(row.get("code")) not in tables.rows
        whole = checked_row(row if is_new else {**tables.rows[str(row["code"])], **row}, wider)
        if is_new:
            added += 1
            whole["number"] = whole["number"] or last + added
        if is_new and whole.get("method") == FORMULA:
            whole["input"] = whole.get("input") or inputs_of(session, whole["parameters"]["expression"])
        edits += [(whole["code"], key, value) for key, value in row_from_changes(tables, whole if is_new else row)]
    count = definitions.change_all(session, edits, document, "history.health.import_definitions")
    return TakenIn(count - added, added)


def inputs_of(session: Session, expression: str) -> list[dict[str, str]]:
    """Return the inputs of a formula as rows of a definition: the roles that it reads, by their names."""
    from models.health.definitions.formula_text import parse
    from resources.words import word

    return [
        {"role": role, "zh": word(f"role.{role}", "zh"), "en": word(f"role.{role}", "en")}
        for role in parse(expression).roles
    ]


def _with_stars(session: Session, found: StarSet) -> str:
    session.history.do(
        "history.health.import_stars",
        lambda state: replace(
            state,
            health=replace(
                state.health,
                star_sets=(*(one for one in state.health.star_sets if one.id != found.id), found),
            ),
        ),
    )
    return found.title(session.lang)

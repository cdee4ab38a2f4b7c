"""What verbs of models share: which file is meant, and what a run came to, printed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.session import Session
    from models.network.hydraulics.results import Results

#: So many of the worst places are printed; all are in ``--json`` and in the workbook.
LISTED = 12


def require_model(path: Path) -> Path:
    """Return a path that is a model file.

    Raises
    ------
    UserError
        ``io.missing`` and others of :func:`models.io.registry.find_format`; ``network.unknown_model``.
    """
    from models.core.errors import UserError
    from models.io.registry import find_format

    if find_format(path).id != "inp":
        raise UserError("network.unknown_model", file=path.name)
    return path


def model_of(session: Session, path: Path) -> Path:
    """Return the model that is meant: a file, or the one of which a project holds the layers.

    Raises
    ------
    UserError
        ``network.no_model`` for a project without one.
    """
    from app.usecases.network import simulation
    from app.usecases.project import opening
    from models.core.errors import UserError

    if path.suffix.lower() != ".gpkg":
        return require_model(path)
    opening.open_project(session, path)
    found = simulation.models_in(session)
    if not found:
        raise UserError("network.no_model", file=path.name)
    return found[0]


def facts_of(results: Results) -> dict[str, Any]:
    """Return what a run came to as JSON holds it."""
    from models.network.hydraulics.summary import summary_of, totals_of, worst_of

    tables = summary_of(results)
    worst = worst_of(results, tables)
    return {
        **results.facts, "steps": results.count, "from": results.clock(0), "to": results.clock(results.count - 1),
        "totals": totals_of(results, tables), "worst": worst.drop(columns="row").to_dict("records"),
    }  # fmt: skip


def print_results(results: Results, lang: str) -> None:
    """Print engine, balance, totals and the worst places of a run."""
    from app.command_line.terminal import print_rows
    from models.network.hydraulics.summary import summary_of, totals_of, worst_of
    from viewers.texts import simulation_texts as texts

    tables = summary_of(results)
    print_rows(texts.run_rows(results, totals_of(results, tables), lang), lang)
    worst = worst_of(results, tables)
    if len(worst):
        print()
        print_rows(texts.worst_rows(worst.head(LISTED), lang), lang)

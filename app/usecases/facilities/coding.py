"""Codes of components: which edition a layer follows, what a city's classes are, what is wrong, what it becomes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.core.errors import UserError
from models.core.progress import Progress
from models.facilities.coding.checking import CodeCheck, Options, check_codes
from models.facilities.coding.editions import ClassTable, Edition, edition_named
from models.facilities.coding.migration import Crosswalk, Migration, changed_columns, mended_column, migrate
from models.facilities.coding.tables import class_table_from, class_template, crosswalk_from, crosswalk_template
from models.facilities.register import CODE_FIELDS, field_of
from models.layers.layer import Layer, VectorData
from models.project.column_changes import ColumnChange, without_cells

if TYPE_CHECKING:
    import pandas as pd

    from app.session import Session
    from models.facilities.coding.proposal import Evidence
    from models.project.project import ProjectState

#: Fields that hold whole codes, not classes alone.
WHOLE_CODES = ("ObjID", "code", "objid", "objcode")
#: A child that reads a table is given up after so long without a word, seconds.
PATIENCE_S = 120.0


def coded_table(session: Session, layer_id: str) -> tuple[Layer, VectorData, str]:
    """Return a layer of components, its data and the field of its codes.

    Raises
    ------
    UserError
        ``facilities.no_codes``, ``project.no_layer``, ``project.no_data``.
    """
    layer = session.project.state.layer(layer_id)
    data = session.project.data_of(layer_id)
    if isinstance(data, VectorData):
        field = field_of(data.attributes, WHOLE_CODES)
        if field is not None:
            return layer, data, field
    raise UserError("facilities.no_codes", layer=layer.name, layer_en=layer.name_en)


# --- which edition ----------------------------------------------------------------------------------------------------


def set_edition(session: Session, layer_id: str, name: str) -> None:
    """State the edition of a layer's codes; empty takes the statement back.

    Raises
    ------
    UserError
        ``facilities.no_edition``.
    """
    if name:
        edition_named(name)
    layer = replace(session.project.state.layer(layer_id), code_edition=name)
    session.history.do("history.code_edition", lambda state: state.with_layer(layer))


def layers_without_edition(state: ProjectState) -> list[Layer]:
    """Return the layers of components whose edition nobody stated."""
    return [layer for layer in state.with_role("facilities") if not state.edition_of(layer).is_stated]


def evidence(session: Session, layer_id: str) -> Evidence:
    """Return what speaks for an edition of a layer, for somebody to decide."""
    from models.facilities.coding.proposal import Evidence, evidence_of

    data = session.project.data.get(layer_id)
    field = field_of(data.attributes, CODE_FIELDS) if isinstance(data, VectorData) else None
    if field is None or not isinstance(data, VectorData):
        return Evidence("", 0, 0, 0.0, float("nan"), 0.0)
    return evidence_of(data.attributes, field)


# --- tables that are filled in ----------------------------------------------------------------------------------------


def read_rows(session: Session, path: Path, progress: Progress) -> pd.DataFrame:
    """Return a table that somebody filled in, read by a child process."""
    import pandas as pd

    from app.background.workers import run_child

    found = run_child(
        "models.io.text_table:texts_json", {"path": str(path)}, progress, session.workers,
        most_silent_s=PATIENCE_S,
    )  # fmt: skip
    return pd.DataFrame(found["rows"], columns=found["fields"], dtype=object)


def write_class_template(session: Session, edition: Edition, out: Path) -> None:
    """Write the class table of an edition as one fills it in."""
    from models.io.text_table import write_texts

    write_texts(Path(out), class_template(edition, session.lang))
    session.notices.info("notice.written", file=Path(out).name)


def write_crosswalk_template(session: Session, old: Edition, out: Path) -> None:
    """Write the classes of an edition with room for what each became."""
    from models.io.text_table import write_texts

    write_texts(Path(out), crosswalk_template(old, session.lang))
    session.notices.info("notice.written", file=Path(out).name)


def take_classes(session: Session, table: ClassTable) -> None:
    """Take a city's classes into the project, in the place of those that it brought to this edition before."""

    def change(state: ProjectState) -> ProjectState:
        rest = tuple(one for one in state.class_tables if one.edition != table.edition)
        return replace(state, class_tables=(*rest, table) if table.classes else rest)

    session.history.do("history.class_table", change)


def classes_in(rows: pd.DataFrame, edition: Edition, path: Path) -> ClassTable:
    """Return the classes of a table that was read."""
    return class_table_from(rows, edition, Path(path).name)


def crosswalk_in(rows: pd.DataFrame, old: Edition, new: Edition, path: Path) -> Crosswalk:
    """Return the crosswalk of a table that was read."""
    return crosswalk_from(rows, old, new, Path(path).name)


# --- check and repair -------------------------------------------------------------------------------------------------


def districts_of(session: Session, layer_id: str) -> list[str]:
    """Return the six digits of the district in which each component stands, empty where none is known.

    A district is the sub-district polygon (role ``districts``, else ``communities``) whose code begins with six digits.
    """
    import numpy as np
    import shapely

    state = session.project.state
    data = session.project.data_of(layer_id)
    assert isinstance(data, VectorData)  # noqa: S101 - coded_table looked
    none = [""] * data.count
    areas = _areas(session)
    if areas is None or state.frame is None or not hasattr(data.frame, "geometry"):
        return none
    shapes, codes = areas
    frame: Any = data.frame
    points = frame.geometry.to_crs(state.frame.horizontal) if frame.crs is not None else frame.geometry
    middles = shapely.centroid(np.asarray(points.array, dtype=object))
    rows, hits = shapely.STRtree(shapes).query(middles, predicate="intersects")
    found = np.full(data.count, "", dtype=object)
    found[rows[::-1]] = codes[hits[::-1]]
    return [str(code) for code in found]


def _areas(session: Session) -> tuple[Any, Any] | None:
    """Return shapes and six digits of the districts in the project's CRS, None where there are none."""
    import numpy as np

    from models.facilities.coding.codes import texts

    state = session.project.state
    for role in ("districts", "communities"):
        for layer in state.with_role(role):
            data = session.project.data.get(layer.id)
            if not isinstance(data, VectorData) or "code" not in data.fields or state.frame is None:
                continue
            frame: Any = data.frame
            placed = frame.geometry.to_crs(state.frame.horizontal) if frame.crs is not None else frame.geometry
            codes = texts(frame["code"])
            good = codes.str.fullmatch("[0-9]{6,}").to_numpy() & placed.notna().to_numpy()
            if good.any():
                return np.asarray(placed.array, dtype=object)[good], codes.str.slice(0, 6).to_numpy(object)[good]
    return None


def check(session: Session, layer_id: str, options: Options) -> CodeCheck:
    """Check the codes of a layer; for a job thread.

    Raises
    ------
    UserError
        Those of :func:`coded_table` and :func:`models.facilities.coding.checking.check_codes`.
    """
    layer, data, field = coded_table(session, layer_id)
    edition = session.project.state.edition_of(layer)
    return check_codes(data.attributes, field, edition, options, districts_of(session, layer_id))


def apply_repairs(session: Session, layer_id: str, proposals: pd.DataFrame) -> int:
    """Put proposed codes into a layer, as one step; returns how many.

    Parameters
    ----------
    session : Session
    layer_id : str
    proposals : DataFrame
        ``oid`` and ``new`` of a check.
    """
    if not len(proposals):
        return 0
    _, data, field = coded_table(session, layer_id)
    table = data.attributes
    change = ColumnChange(layer_id, field, table[field], mended_column(table, field, proposals))
    _put(session, "history.repair_codes", (change,), None)
    return len(proposals)


# --- migration --------------------------------------------------------------------------------------------------------


def preview_migration(session: Session, layer_id: str, new: Edition, crosswalk: Crosswalk) -> Migration:
    """Return what the codes of a layer become; for a job thread, nothing is changed."""
    layer, data, field = coded_table(session, layer_id)
    return migrate(data.attributes, field, session.project.state.edition_of(layer), new, crosswalk)


def apply_migration(session: Session, layer_id: str, made: Migration) -> None:
    """Put migrated codes into a layer, keep the old ones beside them and state the new edition, as one step."""
    layer, data, _ = coded_table(session, layer_id)
    table = data.attributes
    changes = tuple(
        ColumnChange(layer_id, name, table[name] if name in table.columns else None, column)
        for name, column in changed_columns(table, made).items()
    )
    _put(session, "history.migrate_codes", changes, replace(layer, code_edition=made.new_edition.id))


def unmatched_rows(session: Session, made: Migration) -> pd.DataFrame:
    """Return the components without a new code as a table in the session's language, to be exported."""
    word, lang = session.word, session.lang
    rows = made.unmatched
    classes = made.old_edition.classes
    named = [classes[code].title(lang) if code in classes else "" for code in rows["old_class"]]
    reasons = {note: word(f"codes.note.{note}") for note in rows["note"].unique()}
    return rows[["old", "old_class"]].assign(name=named, reason=rows["note"].map(reasons)).rename(columns={
        "old": word("codes.column.old"), "old_class": word("codes.column.old_class"),
        "name": word("codes.column.class_name"), "reason": word("codes.column.why"),
    })  # fmt: skip


def export_unmatched(session: Session, made: Migration, out: Path, encoding: str = "") -> None:
    """Write the components without a new code."""
    from models.io.text_table import write_texts

    write_texts(Path(out), unmatched_rows(session, made), encoding)
    session.notices.info("notice.written", file=Path(out).name)


def export_rows(session: Session, rows: pd.DataFrame, out: Path) -> None:
    """Write rows of a list as they are shown."""
    from models.io.text_table import write_texts

    write_texts(out, rows)
    session.notices.info("notice.written", file=out.name)


def _put(session: Session, name: str, changes: tuple[ColumnChange, ...], layer: Layer | None) -> None:
    def change(state: ProjectState) -> ProjectState:
        fresh = replace(
            state, edits=without_cells(state.edits, changes), column_changes=(*state.column_changes, *changes)
        )  # fmt: skip
        return fresh if layer is None else fresh.with_layer(layer)

    session.history.do(name, change)

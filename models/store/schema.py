"""What the ``chengjing_*`` tables of a project file hold, in which version, and how older ones are brought up.

A project's state becomes *documents*: lists of plain rows by table name. The tables are readable in QGIS; only what has
no fixed shape (a layer's style, its reader's options, the layout of its columns) is JSON. Migrations are functions from
documents to documents, so that opening an old file never writes to it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from models.bim.placement_value import Placement
from models.core.errors import Caution, UserError
from models.crs.doctor.verdict import Standing, UserCrs, Verdict, standing_text, verdict_text
from models.crs.frame import Frame
from models.facilities.coding.editions import ClassTable, FacilityClass
from models.facilities.register.state_history import StateChange
from models.health.book import defined_by
from models.health.profile import CityProfile
from models.layers.groups import LayerGroup
from models.layers.joins import Join
from models.layers.layer import Layer, Source, style_from
from models.project.about import About
from models.project.edits import Edit
from models.project.project import ProjectState
from models.project.selection import ObjectKey, SelectionSet
from models.review.topics import Topic
from models.roles import KINDS, ROLES
from models.store.rows import (
    health_tables,
    object_keys,
    operations_tables,
    results,
    review_tables,
    state_rows,
    topics,
    views,
)
from models.store.rows.json_cells import FAULTS, loaded
from models.store.rows.snapshot_json import moment_of
from models.views.camera import Camera, Vector
from models.views.scene_state import Theme
from models.views.viewpoint import Viewpoint

#: Version of the tables below; raise it with a row in :data:`MIGRATIONS`.
VERSION = 2

META = "chengjing_meta"
LAYERS = "chengjing_layers"
VIEWPOINTS = "chengjing_viewpoints"
SETS = "chengjing_sets"
TOPICS = "chengjing_topics"
EDITS = "chengjing_edits"
JOINS = "chengjing_joins"
CRS = "chengjing_crs"
PATHS = "chengjing_paths"
NOTES = "chengjing_notes"
PITS = "chengjing_pits"
LAYER_THEMES = "chengjing_layer_themes"
STATE_CHANGES = "chengjing_state_changes"
#: Files of before have no such table, and a program of before leaves it alone: its layers stand without groups.
GROUPS = "chengjing_layer_groups"
#: Classes that a city brings to editions of the code of components; likewise left alone by a program of before.
CLASS_TABLES = "chengjing_class_tables"

Row = dict[str, Any]
Documents = dict[str, list[Row]]

#: Columns and their kinds; ``bool``, ``int``, ``float`` and ``str`` as in Python, None allowed everywhere.
TABLES: Mapping[str, Mapping[str, type]] = {
    META: {"key": str, "value": str},
    LAYERS: {
        "layer": str, "table_name": str, "name": str, "name_en": str, "kind": str, "role": str, "visible": bool,
        "synthetic": bool, "data_source": str, "source_path": str, "source_sublayer": str, "source_reader": str,
        "source_crs": str, "source_options": str, "style": str, "place": str, "filter": str,
        "cim_level": str, "code_edition": str, "verdict": str, "standing": str, "row_count": int, "layout": str,
        "digest": str, "last_change": str,
    },
    VIEWPOINTS: {
        "view": str, "name": str, "name_en": str, "easting_m": float, "northing_m": float, "height_m": float,
        "focal_easting_m": float, "focal_northing_m": float, "focal_height_m": float, "up_x": float, "up_y": float,
        "up_z": float, "angle_deg": float, "parallel_scale_m": float, "scene": str, "thumbnail": str,
        "moment": str,
    },
    **results.TABLES,
    SETS: {"name": str, "rule": str, "keys": str},
    TOPICS: {"topic": str, "title": str, "kind": str, "status": str, "author": str, "date": str, "body": str},
    EDITS: {
        "layer": str, "oid": int, "column": str, "before": str, "after": str, "source": str, "basis": str,
        "certainty": str, "elements": str,
    },
    PATHS: {"path": str, "name": str, "name_en": str, "body": str},
    NOTES: {"note": str, "kind": str, "text": str, "author": str, "date": str, "body": str},
    PITS: {"pit": str, "name": str, "body": str},
    CRS: {"name": str, "wkt": str, "note": str},
    JOINS: {
        "join": str, "layer": str, "table": str, "layer_key": str, "table_key": str, "columns": str, "duplicates": str,
        "zeros": bool, "table_name": str,
    },
    LAYER_THEMES: {"theme": str, "name": str, "name_en": str, "body": str},
    GROUPS: {"layer_group": str, "name": str, "name_en": str, "layers": str},
    STATE_CHANGES: {
        "layer": str, "oid": int, "object_key": str, "time": str, "before": str, "after": str, "author": str,
        "reason": str,
    },
    object_keys.TABLE: object_keys.COLUMNS,
    CLASS_TABLES: {"edition": str, "source": str, "classes": str},
    health_tables.HEALTH: state_rows.COLUMNS,
    review_tables.REVIEW: state_rows.COLUMNS,
    operations_tables.OPERATIONS: state_rows.COLUMNS,
}  # fmt: skip

#: From version n to n + 1.
MIGRATIONS: dict[int, Callable[[Documents], Documents]] = {1: results.with_stamps}

_PLACES = ("easting_m", "northing_m", "height_m")


def documents_of(state: ProjectState, saved_at: str, save_id: str = "") -> Documents:
    """Return a project's state as rows; layer rows still lack what is known of their tables.

    Parameters
    ----------
    state : ProjectState
    saved_at : str
        ISO 8601 moment.
    save_id : str
        Of this saving and no other.
    """
    meta = {
        "format": "chengjing",
        "version": str(VERSION),
        "saved_at": saved_at,
        "save_id": save_id,
        "name": state.name,
        "name_en": state.name_en,
        "theme_kind": state.theme.kind,
        "theme_indicator": state.theme.indicator,
        "theme_focus": state.theme.focus,
        "source": state.about.source,
        "author": state.about.author,
        "note": state.about.note,
        **{f"city_{name}": state.profile.of(name) for name in CityProfile.__dataclass_fields__},
        "quality_rules": state.quality_rules,
    }
    if state.frame is not None:
        meta["frame_horizontal"] = state.frame.horizontal
        meta["frame_origin"] = json.dumps(state.frame.origin)
        if state.frame.vertical is not None:
            meta["frame_vertical"] = state.frame.vertical
    return {
        META: [{"key": key, "value": value} for key, value in meta.items()],
        LAYERS: [_layer_row(layer) for layer in state.layers],
        VIEWPOINTS: [_viewpoint_row(view) for view in state.viewpoints],
        **results.rows_of(state.results),
        SETS: [{"name": one.name, "rule": one.rule, "keys": json.dumps(one.keys)} for one in state.sets],
        EDITS: [_edit_row(edit) for edit in state.edits],
        STATE_CHANGES: [_state_change_row(one) for one in state.state_changes],
        JOINS: [_join_row(join) for join in state.joins],
        TOPICS: [_topic_row(topic) for topic in state.topics],
        CRS: [{"name": one.name, "wkt": one.wkt, "note": one.note} for one in state.user_crs],
        PATHS: [views.path_row(path) for path in state.paths],
        NOTES: [views.note_row(note) for note in state.notes],
        PITS: [views.pit_row(pit) for pit in state.pits],
        LAYER_THEMES: [views.layer_theme_row(theme) for theme in state.layer_themes],
        GROUPS: [_group_row(group) for group in state.groups],
        object_keys.TABLE: [],  # from the tables, by whoever writes them
        CLASS_TABLES: [_class_table_row(table) for table in state.class_tables],
        health_tables.HEALTH: state_rows.rows_of(state.health),
        review_tables.REVIEW: state_rows.rows_of(state.review),
        operations_tables.OPERATIONS: state_rows.rows_of(state.operations),
    }


def state_of(documents: Documents, cautions: list[Caution] | None = None) -> ProjectState:
    """Rebuild the state that :func:`documents_of` wrote.

    Parameters
    ----------
    documents : Documents
    cautions : list of Caution, optional
        Takes what had to be left out: a row, or the style or place of a layer, that nobody can read. Without it such
        a row is an error.
    """
    meta = {row["key"]: row["value"] for row in documents[META] if row["value"] is not None}
    frame = None
    if "frame_horizontal" in meta:
        east, north, height = (int(value) for value in loaded(meta["frame_origin"], list))
        frame = Frame(meta["frame_horizontal"], meta.get("frame_vertical"), (east, north, height))

    def each(name: str, make: Callable[[Row], Any]) -> tuple[Any, ...]:
        made = []
        for row in documents.get(name, ()):
            try:
                made.append(make(row))
            except FAULTS:
                if cautions is None:
                    raise
                cautions.append(Caution("project.row_left_out", table=name, row=row.get("id", "")))
        return tuple(made)

    def left_out_of(table: str) -> Callable[[Row], None]:
        def left_out(row: Row) -> None:
            if cautions is None:
                raise ValueError(row.get("part"))
            cautions.append(Caution("project.row_left_out", table=table, row=row.get("id", "")))

        return left_out

    layer_rows = documents[LAYERS] if cautions is None else [_mended(row, cautions) for row in documents[LAYERS]]
    try:
        kept = results.results_of(documents)
    except FAULTS:
        if cautions is None:
            raise
        cautions.append(Caution("project.row_left_out", table=results.RUNS, row=""))
        kept = ()
    health = health_tables.health_of(documents.get(health_tables.HEALTH, ()), left_out_of(health_tables.HEALTH))
    return ProjectState(
        name=meta.get("name", ""),
        name_en=meta.get("name_en", ""),
        frame=frame,
        layers=tuple(_layer(row) for row in layer_rows),
        viewpoints=each(VIEWPOINTS, _viewpoint),
        results=defined_by(health, kept),
        theme=Theme(meta.get("theme_kind", "plain"), meta.get("theme_indicator") or "", meta.get("theme_focus") or ""),
        profile=CityProfile(**{name: meta.get(f"city_{name}") or "" for name in CityProfile.__dataclass_fields__}),
        about=About(*(meta.get(key) or "" for key in ("source", "author", "note"))),
        sets=each(SETS, _set),
        edits=each(EDITS, _edit),
        state_changes=each(STATE_CHANGES, _state_change),
        joins=each(JOINS, _join),
        topics=each(TOPICS, lambda row: topics.from_dict(loaded(row["body"], dict))),
        user_crs=each(CRS, lambda row: UserCrs(row["name"], row["wkt"], row["note"] or "")),
        paths=each(PATHS, views.path_of),
        notes=each(NOTES, views.note_of),
        pits=each(PITS, views.pit_of),
        layer_themes=each(LAYER_THEMES, views.layer_theme_of),
        groups=each(GROUPS, _group),
        class_tables=each(CLASS_TABLES, _class_table),
        health=health,
        review=review_tables.review_of(documents.get(review_tables.REVIEW, ()), left_out_of(review_tables.REVIEW)),
        operations=operations_tables.operations_of(
            documents.get(operations_tables.OPERATIONS, ()), left_out_of(operations_tables.OPERATIONS)
        ),
        quality_rules=meta.get("quality_rules") or "",
    )


def version_of(documents: Documents) -> int:
    """Return the version in which the documents were written, 0 if they do not say."""
    return next((int(row["value"]) for row in documents[META] if row["key"] == "version"), 0)


def migrated(documents: Documents, file: str) -> Documents:
    """Bring documents to :data:`VERSION`.

    Raises
    ------
    UserError
        ``store.newer_version`` if a later Chengjing wrote them.
    """
    version = version_of(documents)
    if version > VERSION:
        raise UserError("store.newer_version", file=file, version=f"{version:.0e}" if version > 10**9 else version,
                        ours=VERSION)  # fmt: skip
    if version < 0:
        raise UserError("store.corrupt", file=file, reason=f"version {max(version, -(10**9))}")
    for step in range(version, VERSION):
        if step in MIGRATIONS:
            documents = MIGRATIONS[step](documents)
    return documents


def _layer_row(layer: Layer) -> Row:
    return {
        "layer": layer.id,
        "table_name": None,
        "name": layer.name,
        "name_en": layer.name_en,
        "kind": layer.kind,
        "role": layer.role,
        "visible": layer.visible,
        "synthetic": layer.synthetic,
        "data_source": layer.data_source,
        "source_path": layer.source.path,
        "source_sublayer": layer.source.sublayer,
        "source_reader": layer.source.reader,
        "source_crs": layer.source.crs,
        "source_options": json.dumps(dict(layer.source.options), ensure_ascii=False),
        "style": json.dumps(asdict(layer.style), ensure_ascii=False),
        "place": None if layer.place is None else json.dumps(layer.place.as_dict()),
        "filter": layer.filter,
        "cim_level": layer.cim_level,
        "code_edition": layer.code_edition,
        "verdict": verdict_text(layer.verdict),
        "standing": standing_text(layer.standing),
        "row_count": None,
        "layout": None,
        "digest": None,
        "last_change": None,
    }


def _layer(row: Row) -> Layer:
    return Layer(
        id=row["layer"],
        name=row["name"],
        kind=row["kind"],
        role=row["role"],
        source=Source(
            path=row["source_path"],
            sublayer=row["source_sublayer"],
            reader=row["source_reader"],
            crs=row["source_crs"],
            options=loaded(row["source_options"], dict),
        ),
        style=style_from(loaded(row["style"], dict)),
        visible=bool(row["visible"]),
        synthetic=bool(row["synthetic"]),
        name_en=row["name_en"],
        data_source=row["data_source"],
        place=Placement.from_dict(loaded(row["place"], dict))
        if row.get("place")
        else None,  # older files have no column
        filter=row.get("filter") or "",
        cim_level=row.get("cim_level") or "",
        code_edition=row.get("code_edition") or "",
        verdict=Verdict.from_dict(loaded(row["verdict"], dict)) if row.get("verdict") else None,
        standing=Standing.from_dict(loaded(row["standing"], dict)) if row.get("standing") else None,
    )


#: Parts of a layer's row without which the layer still stands, and how each is read.
_PARTS: Mapping[str, Callable[[str], Any]] = {
    "style": lambda text: style_from(loaded(text, dict)),
    "source_options": lambda text: loaded(text, dict),
    "place": lambda text: Placement.from_dict(loaded(text, dict)),
    "verdict": lambda text: Verdict.from_dict(loaded(text, dict)),
    "standing": lambda text: Standing.from_dict(loaded(text, dict)),
}
_TEXTS = ("name", "name_en", "data_source", "source_path", "source_sublayer", "source_reader", "source_crs")


def named(row: Row) -> dict[str, object]:
    """Return what a layer is called in both languages, for what is said of it."""
    return {"layer": row["name"] or row["layer"], "layer_en": row.get("name_en") or ""}


def _mended(row: Row, cautions: list[Caution]) -> Row:
    """Return a layer's row without the parts that nobody can read, each of them named."""
    row = row | {name: row.get(name) or "" for name in _TEXTS}
    for name, make in _PARTS.items():
        if not row.get(name):
            continue
        try:
            make(row[name])
        except FAULTS:
            cautions.append(Caution(f"project.{name}_left_out", **named(row)))
            row = row | {name: None}
    if row["kind"] not in KINDS:
        raise ValueError(f"{LAYERS}.kind: {row['kind']}")
    return row if row["role"] in ROLES else row | {"role": "other"}


def _set(row: Row) -> SelectionSet:
    return SelectionSet(row["name"], row["rule"], tuple(ObjectKey(*key) for key in loaded(row["keys"], list)))


def _group_row(group: LayerGroup) -> Row:
    return {"layer_group": group.id, "name": group.name, "name_en": group.name_en, "layers": json.dumps(group.layers)}


def _group(row: Row) -> LayerGroup:
    members = tuple(str(layer_id) for layer_id in loaded(row["layers"], list))
    return LayerGroup(str(row["layer_group"]), row["name"] or "", members, row["name_en"] or "")


def _class_table_row(table: ClassTable) -> Row:
    classes = [asdict(one) for one in table.classes]
    return {"edition": table.edition, "source": table.source, "classes": json.dumps(classes, ensure_ascii=False)}


def _class_table(row: Row) -> ClassTable:
    classes = tuple(FacilityClass(**one) for one in loaded(row["classes"], list))
    return ClassTable(str(row["edition"]), classes, row["source"] or "")


def _edit_row(edit: Edit) -> Row:
    row: Row = {name: getattr(edit, name) for name in TABLES[EDITS]}
    return row | {name: json.dumps(row[name], ensure_ascii=False) for name in ("before", "after", "elements")}


def _edit(row: Row) -> Edit:
    values = {name: row[name] for name in TABLES[EDITS]}
    values |= {name: loaded(row[name]) for name in ("before", "after", "elements")}
    return Edit(**values | {"elements": tuple(values["elements"])})


def _state_change_row(one: StateChange) -> Row:
    return {"object_key" if name == "key" else name: value for name, value in asdict(one).items()}


def _state_change(row: Row) -> StateChange:
    texts = (str(row[name] or "") for name in ("object_key", "time", "before", "after", "author", "reason"))
    return StateChange(str(row["layer"]), int(row["oid"]), *texts)


def _join_row(join: Join) -> Row:
    row: Row = {name: getattr(join, name) for name in TABLES[JOINS] if name not in ("join", "columns")}
    return row | {"join": join.id, "columns": json.dumps(join.columns, ensure_ascii=False)}


def _join(row: Row) -> Join:
    return Join(
        row["join"], row["layer"], row["table"], row["layer_key"], row["table_key"],
        tuple((source, target) for source, target in loaded(row["columns"], list)),
        row["duplicates"], bool(row["zeros"]), row["table_name"] or "",
    )  # fmt: skip


def _topic_row(topic: Topic) -> Row:
    plain = {name: getattr(topic, name) for name in ("title", "kind", "status", "author", "date")}
    return {"topic": topic.guid, **plain, "body": json.dumps(topics.as_dict(topic), ensure_ascii=False)}


def _viewpoint_row(view: Viewpoint) -> Row:
    camera = view.camera
    return {
        "view": view.id,
        "name": view.name,
        "name_en": view.name_en,
        **dict(zip(_PLACES, camera.position, strict=True)),
        **{f"focal_{name}": value for name, value in zip(_PLACES, camera.focal_point, strict=True)},
        **dict(zip(("up_x", "up_y", "up_z"), camera.up, strict=True)),
        "angle_deg": camera.angle_deg,
        "parallel_scale_m": camera.parallel_scale_m,
        "scene": views.scene_text(view.scene),
        "thumbnail": views.picture_text(view.thumbnail),
        "moment": view.moment,
    }


def _viewpoint(row: Row) -> Viewpoint:
    def vector(*names: str) -> Vector:
        x, y, z = (float(row[name]) for name in names)
        return x, y, z

    camera = Camera(
        position=vector(*_PLACES),
        focal_point=vector(*(f"focal_{name}" for name in _PLACES)),
        up=vector("up_x", "up_y", "up_z"),
        angle_deg=row["angle_deg"],
        parallel_scale_m=row["parallel_scale_m"],
    )
    scene, thumbnail = views.scene_of(row.get("scene")), views.picture_of(row.get("thumbnail"))
    moment = moment_of(row.get("moment") or "")
    return Viewpoint(row["view"], row["name"], camera, row["name_en"], scene, thumbnail, moment)

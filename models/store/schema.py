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
from models.core.errors import UserError
from models.crs.doctor.verdict import Standing, UserCrs, Verdict, standing_text, verdict_text
from models.crs.frame import Frame
from models.layers.joins import Join
from models.layers.layer import Layer, Source, style_from
from models.project.edits import Edit
from models.project.project import ProjectState
from models.project.selection import ObjectKey, SelectionSet
from models.review.topics import Topic
from models.store import results, topics, views
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

Row = dict[str, Any]
Documents = dict[str, list[Row]]

#: Columns and their kinds; ``bool``, ``int``, ``float`` and ``str`` as in Python, None allowed everywhere.
TABLES: Mapping[str, Mapping[str, type]] = {
    META: {"key": str, "value": str},
    LAYERS: {
        "layer": str, "table_name": str, "name": str, "name_en": str, "kind": str, "role": str, "visible": bool,
        "synthetic": bool, "data_source": str, "source_path": str, "source_sublayer": str, "source_reader": str,
        "source_crs": str, "source_options": str, "style": str, "place": str, "filter": str,
        "cim_level": str, "verdict": str, "standing": str, "row_count": int, "layout": str,
        "digest": str, "last_change": str,
    },
    VIEWPOINTS: {
        "view": str, "name": str, "name_en": str, "easting_m": float, "northing_m": float, "height_m": float,
        "focal_easting_m": float, "focal_northing_m": float, "focal_height_m": float, "up_x": float, "up_y": float,
        "up_z": float, "angle_deg": float, "parallel_scale_m": float, "scene": str, "thumbnail": str,
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
}  # fmt: skip

#: From version n to n + 1.
MIGRATIONS: dict[int, Callable[[Documents], Documents]] = {1: results.with_stamps}

_PLACES = ("easting_m", "northing_m", "height_m")


def documents_of(state: ProjectState, saved_at: str) -> Documents:
    """Return a project's state as rows; layer rows still lack what is known of their tables.

    Parameters
    ----------
    state : ProjectState
    saved_at : str
        ISO 8601 moment.
    """
    meta = {
        "format": "chengjing",
        "version": str(VERSION),
        "saved_at": saved_at,
        "name": state.name,
        "name_en": state.name_en,
        "theme_kind": state.theme.kind,
        "theme_indicator": state.theme.indicator,
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
        JOINS: [_join_row(join) for join in state.joins],
        TOPICS: [_topic_row(topic) for topic in state.topics],
        CRS: [{"name": one.name, "wkt": one.wkt, "note": one.note} for one in state.user_crs],
        PATHS: [views.path_row(path) for path in state.paths],
        NOTES: [views.note_row(note) for note in state.notes],
        PITS: [views.pit_row(pit) for pit in state.pits],
        LAYER_THEMES: [views.layer_theme_row(theme) for theme in state.layer_themes],
    }


def state_of(documents: Documents) -> ProjectState:
    """Rebuild the state that :func:`documents_of` wrote."""
    meta = {row["key"]: row["value"] for row in documents[META]}
    frame = None
    if "frame_horizontal" in meta:
        east, north, height = json.loads(meta["frame_origin"])
        frame = Frame(meta["frame_horizontal"], meta.get("frame_vertical"), (east, north, height))
    return ProjectState(
        name=meta.get("name", ""),
        name_en=meta.get("name_en", ""),
        frame=frame,
        layers=tuple(_layer(row) for row in documents[LAYERS]),
        viewpoints=tuple(_viewpoint(row) for row in documents[VIEWPOINTS]),
        results=results.results_of(documents),
        theme=Theme(meta.get("theme_kind", "plain"), meta.get("theme_indicator", "")),
        sets=tuple(
            SelectionSet(row["name"], row["rule"], tuple(ObjectKey(*key) for key in json.loads(row["keys"])))
            for row in documents.get(SETS, ())
        ),
        edits=tuple(_edit(row) for row in documents.get(EDITS, ())),
        joins=tuple(_join(row) for row in documents.get(JOINS, ())),
        topics=tuple(topics.from_dict(json.loads(row["body"])) for row in documents.get(TOPICS, ())),
        user_crs=tuple(UserCrs(row["name"], row["wkt"], row["note"] or "") for row in documents.get(CRS, ())),
        paths=tuple(views.path_of(row) for row in documents.get(PATHS, ())),
        notes=tuple(views.note_of(row) for row in documents.get(NOTES, ())),
        pits=tuple(views.pit_of(row) for row in documents.get(PITS, ())),
        layer_themes=tuple(views.layer_theme_of(row) for row in documents.get(LAYER_THEMES, ())),
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
        raise UserError("store.newer_version", file=file, version=version, ours=VERSION)
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
            options=json.loads(row["source_options"] or "{}"),
        ),
        style=style_from(json.loads(row["style"] or "{}")),
        visible=bool(row["visible"]),
        synthetic=bool(row["synthetic"]),
        name_en=row["name_en"],
        data_source=row["data_source"],
        place=Placement.from_dict(json.loads(row["place"])) if row.get("place") else None,  # older files have no column
        filter=row.get("filter") or "",
        cim_level=row.get("cim_level") or "",
        verdict=Verdict.from_dict(json.loads(row["verdict"])) if row.get("verdict") else None,
        standing=Standing.from_dict(json.loads(row["standing"])) if row.get("standing") else None,
    )


def _edit_row(edit: Edit) -> Row:
    row: Row = {name: getattr(edit, name) for name in TABLES[EDITS]}
    return row | {name: json.dumps(row[name], ensure_ascii=False) for name in ("before", "after", "elements")}


def _edit(row: Row) -> Edit:
    values = {name: row[name] for name in TABLES[EDITS]}
    values |= {name: json.loads(row[name]) for name in ("before", "after", "elements")}
    return Edit(**values | {"elements": tuple(values["elements"])})


def _join_row(join: Join) -> Row:
    row: Row = {name: getattr(join, name) for name in TABLES[JOINS] if name not in ("join", "columns")}
    return row | {"join": join.id, "columns": json.dumps(join.columns, ensure_ascii=False)}


def _join(row: Row) -> Join:
    return Join(
        row["join"], row["layer"], row["table"], row["layer_key"], row["table_key"],
        tuple((source, target) for source, target in json.loads(row["columns"])),
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
    return Viewpoint(row["view"], row["name"], camera, row["name_en"], scene, thumbnail)

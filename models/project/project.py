"""The project: one immutable state that commands replace, and the heavy data beside it.

Everything that undo covers lives in :class:`ProjectState`, a frozen value. A command makes a new state from the old
one; history keeps states; views compare before and after. Camera, selection and panels are not in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from psygnal import Signal

from models.core.errors import UserError
from models.crs.doctor.verdict import Standing, UserCrs
from models.crs.frame import Frame
from models.facilities.coding.editions import ClassTable, Edition, stated_edition
from models.facilities.register.state_history import StateChange
from models.health.profile import CityProfile
from models.health.results import IndicatorResult
from models.health.state import HealthState
from models.layers.groups import LayerGroup
from models.layers.joins import Join, followed
from models.layers.layer import Layer, LayerData, VectorData
from models.project.about import About
from models.project.added_rows import AddedRows, with_rows
from models.project.business_keys import BusinessKeys, business_keys
from models.project.column_changes import ColumnChange, with_changes
from models.project.edits import Edit, edited
from models.project.operations import OperationsState
from models.project.selection import SelectionSet
from models.review.state import ReviewState
from models.review.topics import Topic
from models.terrain.excavation import Pit
from models.views.annotations import Note
from models.views.flight_paths import FlightPath
from models.views.layer_themes import LayerTheme
from models.views.scene_state import Theme
from models.views.viewpoint import Viewpoint

if TYPE_CHECKING:
    import pandas as pd

    from models.project.fingerprints import Fingerprints


@dataclass(frozen=True, slots=True)
class ProjectState:
    """All of a project that can be undone.

    Parameters
    ----------
    name, name_en : str
    frame : Frame or None
        None until the first layer brings one.
    layers : tuple of Layer
        Bottom to top.
    viewpoints : tuple of Viewpoint
    results : tuple of IndicatorResult
        What was computed last of each indicator, whether or not it is still true.
    theme : Theme
    sets : tuple of SelectionSet
    edits : tuple of Edit
        Values put into layers' tables, one a cell.
    state_changes : tuple of StateChange
        Which components changed their state, oldest first.
    column_changes : tuple of ColumnChange
        Whole columns put into layers' tables in this run; the file holds their values, not them.
    added_rows : tuple of AddedRows
        Rows put into layers' tables in this run; the file holds them in their tables.
    joins : tuple of Join
        Tables whose columns are brought to layers by a key.
    topics : tuple of Topic
        What is talked about in reviews, oldest first.
    paths : tuple of FlightPath
    notes : tuple of Note
        What people wrote into the city.
    pits : tuple of Pit
        Where the ground is dug away.
    layer_themes : tuple of LayerTheme
        Named sets of layers, styles and theme.
    profile : CityProfile
        Which benchmarks of the health check hold.
    class_tables : tuple of ClassTable
        Classes of components that the city brings to editions of the code.
    about : About
        Source, author and note of the project.
    user_crs : tuple of UserCrs
        Coordinate systems that people defined in this project.
    groups : tuple of LayerGroup
        In which layers stand together.
    health : HealthState
        What people said of the health check beside the layers.
    review : ReviewState
        What a review session holds: sheets, agenda, report.
    operations : OperationsState
        What people said of live sources, alarm rules, cases and crews.
    quality_rules : str
        Text of the project's own rule file for the quality gate; empty for the rules of the program.
    """

    name: str = ""
    name_en: str = ""
    frame: Frame | None = None
    layers: tuple[Layer, ...] = ()
    viewpoints: tuple[Viewpoint, ...] = ()
    results: tuple[IndicatorResult, ...] = ()
    theme: Theme = field(default_factory=Theme)
    profile: CityProfile = field(default_factory=CityProfile)
    sets: tuple[SelectionSet, ...] = ()
    edits: tuple[Edit, ...] = ()
    state_changes: tuple[StateChange, ...] = ()
    joins: tuple[Join, ...] = ()
    topics: tuple[Topic, ...] = ()
    paths: tuple[FlightPath, ...] = ()
    notes: tuple[Note, ...] = ()
    pits: tuple[Pit, ...] = ()
    layer_themes: tuple[LayerTheme, ...] = ()
    user_crs: tuple[UserCrs, ...] = ()
    groups: tuple[LayerGroup, ...] = ()
    class_tables: tuple[ClassTable, ...] = ()
    column_changes: tuple[ColumnChange, ...] = ()
    added_rows: tuple[AddedRows, ...] = ()
    health: HealthState = field(default_factory=HealthState)
    review: ReviewState = field(default_factory=ReviewState)
    operations: OperationsState = field(default_factory=OperationsState)
    quality_rules: str = ""
    about: About = field(default_factory=About)

    def layer(self, layer_id: str) -> Layer:
        """Return a layer by id.

        Raises
        ------
        UserError
            ``project.no_layer``.
        """
        for layer in self.layers:
            if layer.id == layer_id:
                return layer
        raise UserError("project.no_layer", layer=layer_id)

    def group(self, group_id: str) -> LayerGroup:
        """Return a group of layers by id.

        Raises
        ------
        UserError
            ``project.no_group``.
        """
        for group in self.groups:
            if group.id == group_id:
                return group
        raise UserError("project.no_group", group=group_id)

    def edition_of(self, layer: Layer) -> Edition:
        """Return the edition that a layer of components states, with the project's classes; unstated for none."""
        return stated_edition(layer.code_edition, self.class_tables)

    def with_role(self, role: str) -> tuple[Layer, ...]:
        """Return the layers of one role, bottom to top."""
        return tuple(layer for layer in self.layers if layer.role == role)

    def with_layer(self, layer: Layer) -> ProjectState:
        """Return a state in which ``layer`` takes the place of the one with its id, or is added on top."""
        if any(old.id == layer.id for old in self.layers):
            return replace(self, layers=tuple(layer if old.id == layer.id else old for old in self.layers))
        return replace(self, layers=(*self.layers, layer))

    def without_layer(self, layer_id: str) -> ProjectState:
        """Return a state without one layer."""
        return replace(self, layers=tuple(layer for layer in self.layers if layer.id != layer_id))

    @property
    def synthetic(self) -> bool:
        """Whether any layer was made by a generator."""
        return any(layer.synthetic for layer in self.layers)


class Project:
    """The open project.

    Signals
    -------
    changed : (ProjectState before, ProjectState after)
    path_changed : (Path or None)
    saved_changed : (bool) whether everything is on disk
    data_changed : (str) the data of this layer arrived or was replaced
    """

    changed = Signal(ProjectState, ProjectState)
    path_changed = Signal(object)
    saved_changed = Signal(bool)
    data_changed = Signal(str)

    def __init__(self, state: ProjectState | None = None, path: Path | None = None) -> None:
        self._state = state or ProjectState()
        self._saved_state: ProjectState | None = self._state
        self._path = path
        #: What the file said of its state when it was read or written last, empty for none.
        self.stamp = ""
        #: Heavy data by layer id. Kept when a layer is removed, so that undo brings it back.
        self.data: dict[str, LayerData] = {}
        self._data_versions: dict[str, int] = {}
        self._fingerprints: Fingerprints | None = None
        self._business_keys: dict[str, tuple[LayerData, BusinessKeys | None]] = {}
        #: Tables as they were before edits of this run, with the edits that were in them already.
        self._unedited: dict[str, tuple[VectorData, tuple[Edit, ...]]] = {}
        #: Columns that joins bring, worked out before they are asked for.
        self._joined: dict[Join, pd.DataFrame] = {}
        #: Data under standings that it had or will have, so that changing them back moves nothing twice.
        self._stood: dict[str, dict[Standing | None, tuple[LayerData, LayerData]]] = {}

    @property
    def state(self) -> ProjectState:
        """Return the current state."""
        return self._state

    def set_state(self, state: ProjectState) -> None:
        """Replace the state; silent if it is equal."""
        if state == self._state:
            return
        was_saved = self.is_saved
        before, self._state = self._state, state
        if before.joins != state.joins:
            self._follow_joins(before.joins, state.joins)
        if before.added_rows != state.added_rows:
            self._follow_rows(before.added_rows, state.added_rows)
        if before.edits != state.edits:
            self._follow_edits(before.edits, state.edits)
        if before.column_changes != state.column_changes:
            self._follow_columns(before.column_changes, state.column_changes)
        self._follow_standings(before, state)
        self.changed.emit(before, state)
        if was_saved != self.is_saved:
            self.saved_changed.emit(self.is_saved)

    @property
    def path(self) -> Path | None:
        """Return the project file, None if it was never saved."""
        return self._path

    def set_path(self, path: Path | None) -> None:
        """Say where the project lies; silent if it does already."""
        if path != self._path:
            self._path = path
            self.path_changed.emit(path)

    @property
    def is_saved(self) -> bool:
        """Whether the state is the one on disk."""
        return self._state == self._saved_state

    def mark_saved(self) -> None:
        """Say that the current state is on disk."""
        was_saved = self.is_saved
        self._saved_state = self._state
        if not was_saved:
            self.saved_changed.emit(True)

    def mark_unsaved(self) -> None:
        """Say that the current state is nowhere on disk."""
        was_saved, self._saved_state = self.is_saved, None
        if was_saved:
            self.saved_changed.emit(False)

    def data_of(self, layer_id: str) -> LayerData:
        """Return a layer's data.

        Raises
        ------
        UserError
            ``project.no_data`` when its source was missing or could not be read.
        """
        try:
            return self.data[layer_id]
        except KeyError:
            layer = self._state.layer(layer_id)
            raise UserError("project.no_data", layer=layer.name, layer_en=layer.name_en) from None

    def business_keys(self, layer_id: str) -> BusinessKeys | None:
        """Return the business keys of a layer, looked up once while its data stays; None where no field names them."""
        data = self.data.get(layer_id)
        if data is None:
            return None
        held = self._business_keys.get(layer_id)
        if held is None or held[0] is not data:
            held = self._business_keys[layer_id] = (data, business_keys(data))
        return held[1]

    def basis_of(self, layer_id: str) -> tuple[object, tuple[Edit, ...]]:
        """Return what a layer's table is made of: the table before edits of this run, and the edits that hold.

        Equal (the table by identity) means the same table, also where undo made it anew.
        """
        base = self._unedited[layer_id][0] if layer_id in self._unedited else self.data.get(layer_id)
        return base, tuple(edit for edit in self._state.edits if edit.layer == layer_id)

    def put_data(self, layer_id: str, data: LayerData) -> None:
        """Bring or replace the data of one layer, and say so."""
        self._unedited.pop(layer_id, None)
        self._joined = {join: kept for join, kept in self._joined.items() if layer_id not in (join.layer, join.table)}
        self._put(layer_id, data)
        if any(join.layer == layer_id for join in self._state.joins):
            self._follow_joins((), tuple(join for join in self._state.joins if join.layer == layer_id))

    def prepare_join(self, join: Join, columns: pd.DataFrame) -> None:
        """Keep the columns that a join will bring, so that taking it on costs nothing."""
        self._joined[join] = columns

    def _follow_joins(self, before: tuple[Join, ...], after: tuple[Join, ...]) -> None:
        """Bring the columns of layers in line with their joins; edits made so far stay in the table."""
        for layer_id in dict.fromkeys(join.layer for join in (*before, *after)):
            data = followed(layer_id, self.data, before, after, self._joined)
            if data is not None:
                self._unedited.pop(layer_id, None)
                self._put(layer_id, data)

    def prepare_standing(self, layer_id: str, standing: Standing | None, data: LayerData) -> None:
        """Keep what a layer's present data is under another standing, so that taking it on costs nothing."""
        self._stood.setdefault(layer_id, {})[standing] = (self.data[layer_id], data)

    def _follow_standings(self, before: ProjectState, after: ProjectState) -> None:
        """Set data where its layer's standing says now."""
        from models.crs.doctor.apply_standing import restated

        was = {layer.id: layer.standing for layer in before.layers}
        for layer in after.layers:
            old, data = was.get(layer.id, layer.standing), self.data.get(layer.id)
            if old == layer.standing or data is None:
                continue
            kept = self._stood.setdefault(layer.id, {})
            base, ready = kept.get(layer.standing, (None, None))
            moved = ready if base is data and ready is not None else restated(data, old, layer.standing)
            kept.clear()
            kept[old] = (moved, data)
            if layer.id in self._unedited:
                unedited, edits = self._unedited[layer.id]
                there = restated(unedited, old, layer.standing)
                assert isinstance(there, VectorData)  # noqa: S101 - as it was
                self._unedited[layer.id] = there, edits
            self._put(layer.id, moved)

    def _follow_edits(self, before: tuple[Edit, ...], after: tuple[Edit, ...]) -> None:
        """Bring tables in line with the edits; without its edits a table is the very one that it was."""
        for layer_id in dict.fromkeys(edit.layer for edit in (*before, *after)):
            done = tuple(edit for edit in before if edit.layer == layer_id)
            wanted = tuple(edit for edit in after if edit.layer == layer_id)
            data = self.data.get(layer_id)
            if done == wanted or not isinstance(data, VectorData):
                continue
            base, in_base = self._unedited.setdefault(layer_id, (data, done))
            same = wanted == in_base
            self._put(layer_id, base if same else VectorData(edited(base.frame, in_base, wanted), base.cautions))

    def _follow_rows(self, before: tuple[AddedRows, ...], after: tuple[AddedRows, ...]) -> None:
        """Bring rows in line, in the table before edits as in the one that everybody reads."""
        for layer_id in dict.fromkeys(one.layer for one in (*before, *after)):
            data = self.data.get(layer_id)
            if not isinstance(data, VectorData) or (fresh := with_rows(layer_id, data, before, after)) is data:
                continue
            if layer_id in self._unedited:
                base, in_base = self._unedited[layer_id]
                self._unedited[layer_id] = with_rows(layer_id, base, before, after), in_base
            self._put(layer_id, fresh)

    def _follow_columns(self, before: tuple[ColumnChange, ...], after: tuple[ColumnChange, ...]) -> None:
        """Bring whole columns in line; edits made so far stay in the table."""
        for layer_id in dict.fromkeys(change.layer for change in (*before, *after)):
            data = self.data.get(layer_id)
            if isinstance(data, VectorData) and (fresh := with_changes(layer_id, data, before, after)) is not data:
                self._unedited.pop(layer_id, None)
                self._put(layer_id, fresh)

    def _put(self, layer_id: str, data: LayerData) -> None:
        self.data[layer_id] = data
        self._data_versions[layer_id] = self._data_versions.get(layer_id, 0) + 1
        self.data_changed.emit(layer_id)

    @property
    def fingerprints(self) -> Fingerprints:
        """Return the fingerprints of what figures read of the data."""
        from models.project.fingerprints import Fingerprints

        if self._fingerprints is None:
            self._fingerprints = Fingerprints()
        return self._fingerprints

    @fingerprints.setter
    def fingerprints(self, fingerprints: Fingerprints) -> None:
        self._fingerprints = fingerprints

    def data_stamp(self) -> tuple[tuple[str, str, int, str], ...]:
        """Return what is shown of the data: (id, role, data version, filter) of every layer.

        It tells quickly that *something* may have changed; whether a figure did is told by its own stamp.
        """
        versions = self._data_versions
        return tuple((one.id, one.role, versions.get(one.id, 0), one.filter) for one in self._state.layers)

    def replace_all(self, state: ProjectState, data: Mapping[str, LayerData], path: Path | None) -> None:
        """Become another project (one signal), as after opening a file."""
        before = self._state
        self.data = dict(data)
        self._unedited.clear()
        self._stood.clear()
        self._joined.clear()
        self._fingerprints = None
        self._data_versions = {name: self._data_versions.get(name, 0) + 1 for name in {*self._data_versions, *data}}
        self._state = self._saved_state = state
        self._path = path
        self.changed.emit(before, state)
        self.path_changed.emit(path)
        self.saved_changed.emit(True)

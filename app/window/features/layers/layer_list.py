"""The tree of layers: what is shown, in which groups and order, under which name."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from app.notices import Notice
from app.usecases.layers import describe_layer, groups, layers
from app.window.feature import Feature
from app.window.requests import Described, NoticeAction
from app.window.window_context import WindowContext
from models.layers.groups import tree_of
from models.project.project import ProjectState
from viewers.widgets.common.menus import Entry, menu_of
from viewers.widgets.layers.layers_panel import MODELS, LayersPanel

#: The menu of a layer: actions in their groups; of those that can be done, further ones of the menu bar come after the
#: fourth group.
LAYER_MENU = (
    ("layer.zoom", "layer.table", "layer.info"),
    ("layer.only", "layer.group", "layer.top", "layer.bottom"),
    ("layer.rename", "layer.style", "layer.copy_style", "layer.paste_style", "layer.raster"),
    ("query.filter", "query.layer"),
)
LAST = ("layer.remove",)
#: What is asked of tables; a filter of those kept in the project alone.
OF_TABLES = frozenset({"query.filter", "query.layer", "layer.export"})
#: Of the menu bar, but not of one layer.
NOT_OF_ONE = frozenset(
    {"layer.server", "layer.basemap", "layer.frame", "layer.fold", "layer.unfold", "layer.overviews"}
)
FOLLOW_MS = 300
#: The settings remember so many groups that were left folded.
MOST_FOLDED = 400


@dataclass(frozen=True, slots=True, eq=False)
class Removal:
    """What a notice tells of, and how the project was before and after."""

    notice: Notice
    before: ProjectState
    after: ProjectState


class LayerList(Feature):
    """The panel of layers and its actions."""

    name = "layers"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        session, ask, requests = self.session, self.guard, context.requests
        self.panel = panel = LayersPanel(self.appearance, session.project)
        self._removals: list[Removal] = []
        context.docks.add("layers", panel)
        panel.set_folded(map(str, session.settings.get("folded_groups")))
        panel.current_changed.connect(session.current_layer.set)
        panel.visible_requested.connect(ask(lambda ids, on: layers.set_all_visible(session, ids, on)))
        panel.style_changed.connect(ask(lambda layer, style: layers.set_style(session, layer, style)))
        panel.move_requested.connect(ask(lambda ids, group, below: groups.move_layers(session, ids, group, below)))
        panel.move_group_requested.connect(ask(lambda group, below: groups.move_group(session, group, below)))
        panel.open_requested.connect(ask(self.show_info))
        panel.zoom_requested.connect(ask(self.zoom_layer))
        panel.table_requested.connect(ask(requests.open_table))
        panel.style_requested.connect(ask(requests.style_layer))
        panel.remove_requested.connect(ask(self.remove))
        panel.remove_group_requested.connect(ask(self._remove_group))
        panel.group_requested.connect(ask(self.make_group))
        panel.menu_requested.connect(ask(self._open_menu))
        panel.folded_changed.connect(self._keep_folded)
        panel.add_requested.connect(ask(requests.add_files))
        requests.zoom_to_layer.answer_with(self.zoom_layer)
        requests.show_busy_layers.answer_with(panel.set_busy)
        requests.show_withheld_layers.answer_with(panel.set_withheld)
        requests.notice_actions.append(NoticeAction(self._is_removal, "layers.removed.undo", self._bring_back))
        context.scene_sync.legend_changed.connect(lambda _: self._show_eyes())
        self._follow = QTimer(self, singleShot=True, interval=FOLLOW_MS)
        self._follow.timeout.connect(self._show_scale)
        context.canvas.view.drawn.connect(lambda _: None if self._follow.isActive() else self._follow.start())

    # --- requests of the action table ------------------------------------------------------------------------------
    def zoom_layer(self, layer_id: str = "") -> None:
        """Fly to a layer."""
        if chosen := layer_id or self.session.current_layer.id:
            self.context.scene_sync.zoom_to_layer(chosen)

    def show_info(self, layer_id: str = "") -> None:
        """Say what a layer is, in the panel of properties."""
        if chosen := layer_id or self.session.current_layer.id:

            def about() -> Described:
                title = self.session.project.state.layer(chosen).title(self.session.lang)
                return title, describe_layer.describe_layer(self.session, chosen)

            self.context.requests.show_sections(about)
            self.context.docks.bring_forward("properties")

    def rename(self) -> None:
        """Ask for another name of the group that is chosen in the tree, else of the current layer."""
        if (group := self.panel.list.current_group) and group != MODELS:
            self.rename_group(group)
        else:
            self.rename_layer()

    def rename_layer(self, layer_id: str = "") -> None:
        """Ask for another name of a layer."""
        chosen = layer_id or self.session.current_layer.id
        if not chosen:
            return
        layer = self.session.project.state.layer(chosen)
        english = self.session.lang == "en" and bool(layer.name_en)
        name = self.context.ask_name("layers.rename", layer.title(self.session.lang))
        if name and english:
            layers.rename_layer(self.session, chosen, layer.name, name)
        elif name:
            layers.rename_layer(self.session, chosen, name)

    def rename_group(self, group_id: str) -> None:
        """Ask for another name of a group."""
        group = self.session.project.state.group(group_id)
        english = self.session.lang == "en" and bool(group.name_en)
        name = self.context.ask_name("layers.group.rename", group.title(self.session.lang))
        if name and english:
            groups.rename_group(self.session, group_id, group.name, name)
        elif name:
            groups.rename_group(self.session, group_id, name)

    def make_group(self, layer_ids: Sequence[str] = ()) -> None:
        """Ask for a name and make a group of the selected layers."""
        chosen = list(layer_ids) or self.panel.list.selected_layers
        number = len(self.session.project.state.groups) + 1
        proposal = self.appearance.word("layers.group.proposal", number=number)
        if name := self.context.ask_name("layers.group.new", proposal):
            groups.make_group(self.session, name, chosen)

    def remove_layer(self, layer_id: str = "") -> None:
        """Take layers out of the project: one that is named, else those that are selected, else the current one."""
        current = self.session.current_layer.id
        selected = self.panel.list.selected_layers
        chosen = [layer_id] if layer_id else selected if current in selected else [current] if current else []
        self.remove(chosen)

    def remove(self, layer_ids: Collection[str], group_id: str = "") -> None:
        """Take layers out of the project, with their group where one is named, and offer to bring them back."""
        if not layer_ids:
            return
        session, before = self.session, self.session.project.state
        names = [before.layer(layer_id).title(session.lang) for layer_id in layer_ids]
        layers.remove_layers(session, layer_ids, group_id)
        if len(names) == 1:
            session.notices.info("notice.layer_removed", layer=names[0])
        else:
            session.notices.info("notice.layers_removed", count=f"{len(names):,}")
        self._removals = [*self._removals[-20:], Removal(session.notices.all[-1], before, session.project.state)]

    def show_only(self, layer_ids: Sequence[str] = ()) -> None:
        """Show the selected layers alone."""
        current = self.session.current_layer.id
        if chosen := list(layer_ids) or self.panel.list.selected_layers or [current] * bool(current):
            layers.show_only(self.session, chosen)

    def to_top(self) -> None:
        """Put the selected layers on top of all others."""
        self._put(top=True)

    def to_bottom(self) -> None:
        """Put the selected layers below all others."""
        self._put(top=False)

    def fold_all(self) -> None:
        """Fold all groups."""
        self.panel.fold(on=True)

    def unfold_all(self) -> None:
        """Open all groups."""
        self.panel.fold(on=False)

    # --- following -------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """List the layers of the project."""
        self._show_eyes()
        self.panel.fill()
        self.panel.choose(self.session.current_layer.id, reveal=False)

    def on_current_layer_changed(self) -> None:
        """Mark the current layer."""
        self.panel.choose(self.session.current_layer.id)

    def end(self) -> None:
        """Stop following the picture."""
        self._follow.stop()
        super().end()

    def _show_eyes(self) -> None:
        self.panel.set_theme_eyes(*self.context.scene_sync.eyes_of_theme())
        self._show_scale()

    def _show_scale(self) -> None:
        self.panel.set_out_of_scale(self.context.scene_sync.out_of_scale())

    def _keep_folded(self, folded: list[str]) -> None:
        self.session.settings.set("folded_groups", folded[-MOST_FOLDED:])

    # --- removing and bringing back ----------------------------------------------------------------------------------
    def _remove_group(self, group_id: str) -> None:
        if members := self.panel.members_of(group_id):
            self.remove(members, group_id)
        else:
            groups.ungroup(self.session, group_id)

    def _is_removal(self, notice: Notice) -> bool:
        return notice.key in ("notice.layer_removed", "notice.layers_removed")

    def _bring_back(self, notice: Notice) -> None:
        for removal in self._removals:
            if removal.notice is notice:
                layers.bring_back(self.session, removal.before, removal.after)

    def _put(self, *, top: bool) -> None:
        state, current = self.session.project.state, self.session.current_layer.id
        chosen = self.panel.list.selected_layers or [current]
        tree = tree_of(state.layers, state.groups)
        others = [branch for branch in tree if branch.id not in chosen]
        groups.move_layers(self.session, chosen, "", others[0].id if top and others else "")

    # --- menus -----------------------------------------------------------------------------------------------------
    def _open_menu(self, group_id: str, at: QPoint) -> None:
        menu = self.group_menu(group_id) if group_id else self.layer_menu()
        menu.exec(at)
        menu.deleteLater()

    def layer_menu(self) -> QMenu:
        """Return the menu of the current layer: what can be done with a layer of its kind; without one, of the tree."""
        commands = self.context.commands
        current = self.session.current_layer.id
        if not current or not self.panel.list.selected_layers:
            return menu_of(self.appearance, self.panel, self._tree_entries())
        commands.refresh()
        kind = self.session.project.state.layer(current).kind
        has_table = kind in ("vector", "table", "model")
        unfit = frozenset() if has_table else OF_TABLES
        if kind == "model":  # of whose elements none is filtered away
            unfit = frozenset({"query.filter"})
        first = [
            [commands.actions[own] for own in part if own in commands.actions and own not in unfit]
            for part in LAYER_MENU
        ]
        known = {own for part in (*LAYER_MENU, LAST) for own in part} | NOT_OF_ONE | unfit
        rest = [action for own, action in commands.enabled_in("layer") if own not in known]
        entries: list[Entry | QAction | QMenu | None] = [self._eye_entry(self.panel.list.selected_layers)]
        for part in (*first, rest):
            entries += [action for action in part if action.isEnabled()]
            entries.append(None)
        cloud = commands.menus.get("layer.cloud")
        if cloud is not None and any(action.isEnabled() for action in cloud.actions()):
            entries += [*(action for action in cloud.actions() if action.isEnabled()), None]
        remove = self.panel.list.selected_layers
        entries.append(Entry("layers.remove", lambda: self.remove(remove), "trash", keys="Del"))
        return menu_of(self.appearance, self.panel, entries)

    def group_menu(self, group_id: str) -> QMenu:
        """Return the menu of a group."""
        members = self.panel.members_of(group_id)
        entries: list[Entry | QAction | QMenu | None] = []
        if members:
            entries += [
                self._eye_entry(members),
                Entry("layers.group.only", lambda: layers.show_only(self.session, members), "eye"),
                None,
            ]
        if group_id == MODELS:
            entries.append(Entry("layers.group.keep", lambda: self.make_group(members), "folder-simple-plus"))
        else:
            entries += [
                Entry("layers.group.rename", lambda: self.rename_group(group_id), "pencil-simple", keys="F2"),
                Entry("layers.group.dissolve", lambda: groups.ungroup(self.session, group_id), "folder-minus"),
            ]
        entries += [None, *self._tree_entries(), None]
        if group_id != MODELS:
            entries.append(Entry("layers.group.remove", lambda: self._remove_group(group_id), "trash", keys="Del"))
        return menu_of(self.appearance, self.panel, entries)

    def _eye_entry(self, layer_ids: Sequence[str]) -> Entry:
        shown = any(self.session.project.state.layer(layer_id).visible for layer_id in layer_ids)
        return Entry(
            "layers.hide" if shown else "layers.show",
            lambda: layers.set_all_visible(self.session, layer_ids, not shown),
            "eye-slash" if shown else "eye", keys="Space",
        )  # fmt: skip

    def _tree_entries(self) -> list[Entry | QAction | QMenu | None]:
        """Return what can be done with the tree as a whole."""
        has_groups = bool(self.session.project.state.groups)
        return [
            Entry("layers.group.new", self.make_group, "folder-simple-plus"),
            Entry("layers.unfold", self.unfold_all, "arrows-out-line-vertical", on=has_groups),
            Entry("layers.fold", self.fold_all, "arrows-in-line-vertical", on=has_groups),
            None,
            Entry("action.file.add", self.context.requests.add_files, "folder-plus"),
        ]

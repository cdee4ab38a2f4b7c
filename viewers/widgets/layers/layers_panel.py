"""The layers of the project, top first: what is shown, in which groups and order, how."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from PySide6.QtCore import QItemSelectionModel, QPoint, Qt, Signal
from PySide6.QtWidgets import QLineEdit, QListWidgetItem, QSlider, QStackedLayout, QWidget

from models.bim import cim_level as cim
from models.layers.groups import Branch, LayerGroup, tree_of
from models.layers.layer import Layer, ModelData, RasterData, VectorData, amount_in, stage_of
from models.project.project import Project
from models.roles import role_row
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import EmptyHint, caption, column, label, line, row, tool
from viewers.widgets.layers.layer_rows import (
    COLOUR,
    COUNT,
    EYE,
    FILTERED,
    GROUP,
    HEADING,
    ICON,
    ID,
    OUT_OF_SCALE,
    STATE,
    LayerRows,
    Line,
)

#: From so many models without a group on they stand under a heading of their own, which folds.
GROUP_FROM = 6
#: The group of those models; no group of the project.
MODELS = "*models"


class LayersPanel(QWidget):
    """The tree of layers, a search over it, and the opacity of the chosen layer.

    Signals
    -------
    current_changed : (layer id) somebody chose a layer
    visible_requested : (list of layer ids, bool)
    style_changed : (layer id, Style)
    move_requested : (list of layer ids, group id, id of what lies below)
    move_group_requested : (group id, id of what lies below)
    open_requested : (layer id) a layer was double-clicked
    zoom_requested, table_requested, style_requested : (layer id)
    remove_requested : (list of layer ids)
    remove_group_requested : (group id) with its layers
    group_requested : (list of layer ids)
    menu_requested : (group id or empty, place on the screen)
    folded_changed : (list of group ids)
    add_requested : ()
    """

    current_changed = Signal(str)
    visible_requested = Signal(list, bool)
    style_changed = Signal(str, object)
    move_requested = Signal(list, str, str)
    move_group_requested = Signal(str, str)
    open_requested = Signal(str)
    zoom_requested = Signal(str)
    table_requested = Signal(str)
    style_requested = Signal(str)
    remove_requested = Signal(list)
    remove_group_requested = Signal(str)
    group_requested = Signal(list)
    menu_requested = Signal(str, QPoint)
    folded_changed = Signal(list)
    add_requested = Signal()

    def __init__(self, appearance: Appearance, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance, self._project = appearance, project
        self._busy: set[str] = set()
        self._withheld: dict[str, str] = {}
        self._out_of_scale: frozenset[str] = frozenset()
        self._called: frozenset[str] = frozenset()
        self._put_away: frozenset[str] = frozenset()
        self._folded: set[str] = set()
        self._had_models = False
        self._shown: list[Line] = []
        self._build_head(appearance)
        self.list = LayerRows(appearance, self.tip_of)
        self.list.members_of = self.members_of
        self.list.eye_pressed.connect(self._on_eye_pressed)
        self.list.dropped.connect(self._on_dropped)
        self.list.fold_pressed.connect(self._on_fold_pressed)
        self.list.remove_pressed.connect(self._on_remove_pressed)
        self.list.customContextMenuRequested.connect(self._on_context_menu)
        self.list.itemDoubleClicked.connect(self._on_double_clicked)
        self.list.currentItemChanged.connect(lambda *_: self._on_current_changed())
        self.list.itemSelectionChanged.connect(self._on_current_changed)
        self.hint = EmptyHint(appearance, "stack", "layers.empty", "action.file.add")
        self.hint.pressed.connect(self.add_requested)
        self._build_foot(appearance)
        tree = QWidget()
        tree.setLayout(column(self.head, self.list, gap=0))
        stack = QStackedLayout()
        stack.addWidget(self.hint)
        stack.addWidget(tree)
        self._stack = stack
        self.setLayout(column(stack, self.foot, gap=0))
        appearance.lang_changed.connect(self.fill)
        appearance.look_changed.connect(self.list.viewport().update)
        self.fill()

    def _build_head(self, appearance: Appearance) -> None:
        self.search = QLineEdit()
        self.search.setProperty("role", "slim")
        self.search.setClearButtonEnabled(True)
        appearance.say(self.search.setPlaceholderText, "layers.search")
        appearance.say(self.search.setAccessibleName, "layers.search")
        self.search.textChanged.connect(lambda _: self.fill())
        self.add_group = tool(appearance, "folder-simple-plus", "layers.group.new", size=16)
        self.add_group.clicked.connect(lambda: self.group_requested.emit(self.list.selected_layers))
        self.fold_all = tool(appearance, "arrows-in-line-vertical", "layers.fold", size=16)
        self.fold_all.clicked.connect(self._on_fold_all_clicked)
        self.head = QWidget()
        layout = row(self.search, self.add_group, self.fold_all, margins=(10, 7, 8, 5), gap=2)
        layout.setStretch(0, 1)
        self.head.setLayout(layout)

    def _build_foot(self, appearance: Appearance) -> None:
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(5, 100)
        appearance.say(self.slider.setAccessibleName, "layers.opacity")
        self.slider.sliderReleased.connect(self._on_slider_released)
        self.percent = label("small")
        self.percent.setFixedWidth(40)
        self.slider.valueChanged.connect(self._on_slider_changed)
        self.percent.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.foot = QWidget()
        self.zoom = tool(appearance, "arrows-out", "layers.zoom", size=16)
        self.table = tool(appearance, "table", "layers.table", size=16)
        self.style_tool = tool(appearance, "paint-brush", "layers.style", size=16)
        self.remove = tool(appearance, "trash", "layers.remove", size=16)
        self.zoom.clicked.connect(lambda: self.zoom_requested.emit(self.current))
        self.table.clicked.connect(lambda: self.table_requested.emit(self.current))
        self.style_tool.clicked.connect(lambda: self.style_requested.emit(self.current))
        self.remove.clicked.connect(lambda: self.remove_requested.emit(self.list.selected_layers))
        self.foot.setLayout(
            column(
                line(),
                row(caption(appearance, "layers.opacity", "small"), self.slider, self.percent, margins=(14, 4, 12, 0)),
                row(self.zoom, self.table, self.style_tool, self.remove, 1, margins=(8, 0, 8, 5), gap=2),
                gap=3,
            )
        )

    # --- what the window shows -----------------------------------------------------------------------------------
    @property
    def current(self) -> str:
        """Return the id of the chosen layer, empty if none."""
        item = self.list.currentItem()  # Qt makes a row current for the focus alone, without selecting it
        return str(item.data(ID)) if item is not None and item.isSelected() else ""

    def choose(self, layer_id: str, *, reveal: bool = True) -> None:
        """Choose a layer; one that is folded or searched away is brought out.

        Without ``reveal`` it is chosen only where it is seen and nothing else, as a heading, is chosen.
        """
        if not reveal and self.list.selectedItems():
            return
        if not layer_id or layer_id == self.current or not self._is_known(layer_id):
            return
        if layer_id not in {one.id for one in self._shown}:
            if not reveal:
                return
            self._folded -= {branch.id for branch in self._branches() if layer_id in _ids(branch.layers)}
            if self.search.text():
                self.search.clear()
            self.fill()
        for at in range(self.list.count()):
            if self.list.item(at).data(ID) == layer_id:
                self.list.setCurrentRow(at, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def set_busy(self, layers: set[str]) -> None:
        """Say which layers are still being made ready."""
        if layers != self._busy:
            self._busy = set(layers)
            self.fill()

    def set_withheld(self, layers: dict[str, str]) -> None:
        """Say which layers are without data for want of trust, and where each would go."""
        if layers != self._withheld:
            self._withheld = dict(layers)
            self.fill()

    def set_theme_eyes(self, called: Iterable[str], put_away: Iterable[str]) -> None:
        """Say which layers the theme shows although their eye is shut, and hides although it is open."""
        eyes = frozenset(called), frozenset(put_away)
        if eyes != (self._called, self._put_away):
            self._called, self._put_away = eyes
            self.fill()

    def set_out_of_scale(self, layers: Iterable[str]) -> None:
        """Say which layers are not seen at the scale of the picture."""
        out = frozenset(layers)
        if out != self._out_of_scale:
            self._out_of_scale = out
            self.fill()

    def set_folded(self, groups: Iterable[str]) -> None:
        """Fold these groups, as they were left."""
        self._folded |= set(groups)
        self.fill()

    def members_of(self, group_id: str) -> list[str]:
        """Return the ids of the layers of a group, top first."""
        return [own for branch in self._branches() if branch.id == group_id for own in _ids(branch.layers)]

    def fill(self) -> None:
        """Show the project's layers, top first, keeping the choice; rows that say the same are left alone."""
        lines = self._lines()
        if [one.key for one in lines] != [one.key for one in self._shown]:
            self._replace_rows(lines)
        else:
            for at, (fresh, before) in enumerate(zip(lines, self._shown, strict=True)):
                if fresh != before:
                    fresh.write(self.list.item(at))
        self._shown = lines
        self._stack.setCurrentIndex(1 if self._project.state.layers or self._project.state.groups else 0)
        groups = [branch.id for branch in self._branches() if branch.group is not None]
        self.fold_all.setEnabled(bool(groups))
        closed = bool(groups) and self._folded >= set(groups)
        self._appearance.paint(
            self.fold_all.setIcon, "arrows-out-line-vertical" if closed else "arrows-in-line-vertical"
        )
        self._appearance.say(self.fold_all.setToolTip, "layers.unfold" if closed else "layers.fold")
        self._fill_foot()

    def _replace_rows(self, lines: list[Line]) -> None:
        items = [self.list.item(at) for at in range(self.list.count())]
        chosen = {(item.data(ID), item.data(HEADING)) for item in items if item.isSelected()}
        held = self.list.currentItem()
        current = (held.data(ID), held.data(HEADING)) if held is not None else None
        scroll = self.list.verticalScrollBar().value()
        self.list.blockSignals(True)
        self.list.clear()
        for fresh in lines:
            item = QListWidgetItem()
            fresh.write(item)
            self.list.addItem(item)
        for at in range(self.list.count()):
            item = self.list.item(at)
            key = item.data(ID), item.data(HEADING)
            if key == current and key in chosen:
                self.list.setCurrentRow(at, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        for at in range(self.list.count()):
            item = self.list.item(at)
            item.setSelected((item.data(ID), item.data(HEADING)) in chosen)
        self.list.blockSignals(False)
        self.list.verticalScrollBar().setValue(scroll)

    # --- what the rows say ---------------------------------------------------------------------------------------
    def _branches(self) -> list[Branch]:
        """Return the tree, top first; many models without a group stand together under a heading of their own."""
        state = self._project.state
        tree = tree_of(state.layers, state.groups)
        models = tuple(
            layer for branch in tree if branch.group is None for layer in branch.layers if layer.kind == "model"
        )
        if len(models) < GROUP_FROM:
            self._had_models = False
            return tree
        if not self._had_models:  # they came together: they must not bury the city's layers
            self._had_models = True
            self._folded.add(MODELS)
        heading = Branch(LayerGroup(MODELS, self._appearance.word("layers.group")), models)
        result: list[Branch] = []
        for branch in tree:
            if branch.group is not None or branch.layers[0].kind != "model":
                result.append(branch)
            elif branch.layers[0] is models[0]:
                result.append(heading)
        return result

    def _lines(self) -> list[Line]:
        wanted = self.search.text().strip().casefold()

        def is_found(layer: Layer) -> bool:
            return wanted in layer.name.casefold() or wanted in layer.name_en.casefold()

        lines: list[Line] = []
        for branch in self._branches():
            group = branch.group
            if group is None:
                lines += [self._line_of(layer) for layer in branch.layers if is_found(layer)]
                continue
            named = wanted in group.name.casefold() or wanted in group.name_en.casefold()
            found = [layer for layer in branch.layers if named or is_found(layer)]
            if not found and not named:
                continue
            folded = group.id in self._folded and not wanted
            lines.append(self._heading(group, branch.layers, folded=folded))
            if not folded:
                lines += [self._line_of(layer, group.id) for layer in found]
        return lines

    def _line_of(self, layer: Layer, group_id: str = "") -> Line:
        return Line(
            layer.title(self._appearance.lang),
            {
                ID: layer.id, ICON: role_row(layer.role).icon, EYE: self._eye_of(layer),
                COLOUR: layer.style.colour or None, COUNT: self._count_of(layer), STATE: self._state_of(layer.id),
                HEADING: "", GROUP: group_id, FILTERED: bool(layer.filter),
                OUT_OF_SCALE: layer.id in self._out_of_scale and layer.visible,
            },
        )  # fmt: skip

    def _heading(self, group: LayerGroup, layers: tuple[Layer, ...], *, folded: bool) -> Line:
        eyes = [self._eye_of(layer) in ("on", "called") for layer in layers]
        count, preview = f"{len(layers)}", sum(self._is_preview(layer.id) for layer in layers)
        if preview:
            count = f"{self._appearance.word('layers.stage.preview')} {preview}  ·  {count}"
        return Line(
            group.title(self._appearance.lang),
            {
                ID: "", ICON: "caret-right" if folded else "caret-down",
                EYE: "off" if not any(eyes) else "on" if all(eyes) else "some", COLOUR: None, COUNT: count, STATE: "",
                HEADING: group.id, GROUP: "", FILTERED: False, OUT_OF_SCALE: False,
            },
        )  # fmt: skip

    def _eye_of(self, layer: Layer) -> str:
        if layer.visible:
            return "put_away" if layer.id in self._put_away else "on"
        return "called" if layer.id in self._called else "off"

    def _fill_foot(self) -> None:
        layers = {layer.id: layer for layer in self._project.state.layers}
        layer = layers.get(self.current)
        self.foot.setVisible(layer is not None)
        if layer is not None:
            self.slider.blockSignals(True)
            self.slider.setValue(round(layer.style.opacity * 100))
            self.slider.blockSignals(False)
            self.percent.setText(f"{self.slider.value()} %")
            self.table.setEnabled(isinstance(self._project.data.get(layer.id), (VectorData, ModelData)))

    def _is_known(self, layer_id: str) -> bool:
        return any(layer.id == layer_id for layer in self._project.state.layers)

    def _state_of(self, layer_id: str) -> str:
        if layer_id in self._busy:
            return "busy"
        if layer_id in self._project.data:
            return ""
        return "withheld" if layer_id in self._withheld else "missing"

    def _is_preview(self, layer_id: str) -> bool:
        return stage_of(self._project.data.get(layer_id)) == "preview"

    def _count_of(self, layer: Layer) -> str:
        data = self._project.data.get(layer.id)
        if self._is_preview(layer.id):
            return self._appearance.word("layers.stage.preview")
        if data is None and layer.id in self._withheld:
            return self._appearance.word("layers.withheld.short")
        if isinstance(data, RasterData):
            return f"{data.values.shape[1]} × {data.values.shape[0]}"
        amount = amount_in(data)
        return "" if amount is None else f"{amount:,}"

    def tip_of(self, layer_id: str, group_id: str = "") -> str:
        """Return the tool tip of a row; worked out when it is asked for, since it looks into the data."""
        word = self._appearance.word
        if not layer_id:
            return self._group_tip(group_id)
        layer = self._project.state.layer(layer_id)
        lines = [layer.title(self._appearance.lang), word(role_row(layer.role).word)]
        if count := self._count_of(layer):
            lines.append(f"{word('layers.tip.count')}: {count}")
        if crs := str(getattr(self._project.data.get(layer_id), "crs", "") or layer.source.crs):
            lines.append(f"{word('layers.tip.crs')}: {crs}")
        level = cim.level_of(layer, self._project.data.get(layer.id))
        if level.id:
            title = cim.levels()[level.id].title(self._appearance.lang)
            lines.append(f"{word('cim.level')}: {title} ({word(f'cim.reason.{level.reason}')})")
        if layer.filter:
            lines.append(word("layers.filtered", filter=layer.filter))
        if layer.synthetic:
            lines.append(word("app.synthetic"))
        if layer.source.path:
            lines.append(layer.source.path)
        if (eye := self._eye_of(layer)) in ("called", "put_away"):
            lines.append(word(f"layers.eye.{eye}"))
        if layer.id in self._out_of_scale and layer.visible:
            lines.append(word("layers.out_of_scale"))
        if layer.id in self._withheld:
            lines.append(word("layers.withheld", where=self._withheld[layer.id]))
        elif layer.id not in self._project.data:
            lines.append(word("layers.missing"))
        if self._is_preview(layer.id):
            lines.append(word("layers.stage.preview.tip"))
        return "\n".join(lines)

    def _group_tip(self, group_id: str) -> str:
        branch = next((branch for branch in self._branches() if branch.id == group_id), None)
        if branch is None or branch.group is None:
            return ""
        word, layers = self._appearance.word, branch.layers
        shown, preview = sum(layer.visible for layer in layers), sum(self._is_preview(one.id) for one in layers)
        if group_id == MODELS:
            return word("layers.group.tip", count=len(layers), shown=shown, preview=preview)
        title = branch.group.title(self._appearance.lang)
        return f"{title}\n{word('layers.group.count', count=len(layers), shown=shown)}"

    # --- what hands do -------------------------------------------------------------------------------------------
    def _on_current_changed(self) -> None:
        self._fill_foot()
        if self.current:
            self.current_changed.emit(self.current)

    def _on_double_clicked(self, item: QListWidgetItem) -> None:
        if item.data(ID):
            self.open_requested.emit(str(item.data(ID)))
        elif item.data(HEADING):
            self._on_fold_pressed(str(item.data(HEADING)), None)

    def _on_dropped(self, group_id: str, below: str) -> None:
        """Ask for another place of the selected layers, or of the group whose heading was dragged."""
        if below == MODELS:
            below = next(iter(self.members_of(MODELS)), "")
        group_id = "" if group_id == MODELS else group_id
        if own := self.list.current_group:
            if own == MODELS:
                self.move_requested.emit(self.members_of(MODELS), group_id, below)
            elif not group_id and below != own:
                self.move_group_requested.emit(own, below)
            return
        chosen = self.list.selected_layers
        if chosen and below not in chosen:
            self.move_requested.emit(chosen, group_id, below)

    def _on_fold_pressed(self, group_id: str, fold: bool | None) -> None:
        wanted = group_id not in self._folded if fold is None else fold
        if wanted:
            self._folded.add(group_id)
        else:
            self._folded.discard(group_id)
        self.fill()
        self.folded_changed.emit(sorted(self._folded - {MODELS}))

    def _on_fold_all_clicked(self) -> None:
        groups = {branch.id for branch in self._branches() if branch.group is not None}
        self.fold(on=not self._folded >= groups)

    def fold(self, *, on: bool) -> None:
        """Fold all groups, or open them."""
        groups = {branch.id for branch in self._branches() if branch.group is not None}
        self._folded = self._folded | groups if on else self._folded - groups
        self.fill()
        self.folded_changed.emit(sorted(self._folded - {MODELS}))

    def _on_eye_pressed(self, layer_ids: list[str]) -> None:
        """Shut the eyes of layers of which any is open, else open them all."""
        layers = [self._project.state.layer(layer_id) for layer_id in layer_ids]
        on = not any(layer.visible for layer in layers)
        if changed := [layer.id for layer in layers if layer.visible != on]:
            self.visible_requested.emit(changed, on)

    def _on_remove_pressed(self) -> None:
        own = self.list.current_group
        if chosen := self.list.selected_layers or (self.members_of(own) if own == MODELS else []):
            self.remove_requested.emit(chosen)
        elif own:
            self.remove_group_requested.emit(own)

    def _on_slider_changed(self, value: int) -> None:
        self.percent.setText(f"{value} %")

    def _on_slider_released(self) -> None:
        if self.current:
            style = self._project.state.layer(self.current).style
            self.style_changed.emit(self.current, replace(style, opacity=self.slider.value() / 100))

    def _on_context_menu(self, at: QPoint) -> None:
        item = self.list.itemAt(at)
        place = self.list.viewport().mapToGlobal(at)
        self.menu_requested.emit("" if item is None or item.data(ID) else str(item.data(HEADING)), place)


def _ids(layers: Iterable[Layer]) -> list[str]:
    return [layer.id for layer in layers]

"""The layers of the project, top first: what is shown, in which order, how."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QAction, QDropEvent, QHelpEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QSlider,
    QStackedLayout,
    QToolTip,
    QWidget,
)

from models.bim import cim_level as cim
from models.layers.layer import CloudData, Layer, ModelData, RasterData, VectorData
from models.project.project import Project
from models.roles import role_row
from viewers.widgets.common.appearance import Appearance, chip
from viewers.widgets.common.controls import EmptyHint, caption, column, label, line, row, tool
from viewers.widgets.common.plain import plain_tip
from viewers.widgets.common.rows import Index, RowDelegate, RowPainter

ID = Qt.ItemDataRole.UserRole
COUNT = Qt.ItemDataRole.UserRole + 1
COLOUR = Qt.ItemDataRole.UserRole + 2
SHOWN = Qt.ItemDataRole.UserRole + 3
STATE = Qt.ItemDataRole.UserRole + 4
ICON = Qt.ItemDataRole.UserRole + 5
#: Of the heading of the models: the topmost model; a row under the heading is set in.
FIRST = Qt.ItemDataRole.UserRole + 6
INSET = Qt.ItemDataRole.UserRole + 7
FILTERED = Qt.ItemDataRole.UserRole + 8
ROW_PX = 31
EYE_PX = 30
INSET_PX = 14
#: From so many models on they stand under a heading of their own, which folds.
GROUP_FROM = 6


class _Row(RowDelegate):
    """Draws one layer: eye, role icon, name, count, colour chip."""

    def height_of(self, index: Index) -> int:
        return ROW_PX

    def draw(self, row: RowPainter, index: Index) -> None:
        box, right = row.box, row.box.right() - 12
        shown, state = bool(index.data(SHOWN)), str(index.data(STATE))
        row.icon("eye" if shown else "eye-slash", "text_soft" if shown else "line_strong", box.left() + 10, 16)
        inset = INSET_PX if index.data(INSET) else 0
        icon, tint = str(index.data(ICON)), "accent" if shown else "none"
        if state == "missing":
            icon, tint = "warning", "warn"
        elif state == "withheld":
            icon, tint = "shield-warning", "warn"
        elif state == "busy":
            icon, tint = "hourglass-simple", "text_faint"
        row.icon(icon, tint, box.left() + 38 + inset, 17)
        if colour := index.data(COLOUR):
            row.painter.drawPixmap(right - 13, box.top() + (ROW_PX - 13) // 2, chip(str(colour), 13))
            right -= 20
        if index.data(FILTERED):
            row.icon("funnel", "accent", right - 13, 14)
            right -= 20
        right -= row.badge(str(index.data(COUNT) or ""), right, "tiny", "text_faint") + 8
        left = box.left() + 63 + inset
        room = QRect(left, box.top(), right - left, ROW_PX)
        row.text(room, str(index.data()), tint="text" if shown else "text_faint", bold=bool(index.data(FIRST)))


@dataclass(slots=True)
class _Line:
    """What a row says."""

    text: str
    data: dict[int, object]

    def write(self, item: QListWidgetItem) -> None:
        """Let an item say it."""
        item.setText(self.text)
        for role, value in self.data.items():
            item.setData(role, value)


class _List(QListWidget):
    """The list itself: dragging a row asks for another place instead of moving it.

    Signals
    -------
    moved : (layer id, id of the layer on top of which it was laid, empty for the bottom)
    eye_pressed, remove_pressed : (layer id), empty for the heading
    fold_pressed : ()
    """

    moved = Signal(str, str)
    eye_pressed = Signal(str)
    fold_pressed = Signal()
    remove_pressed = Signal(str)

    def __init__(self, tip_of: Callable[[str], str]) -> None:
        super().__init__()
        #: Tool tip of the row of a layer, of the heading for an empty id.
        self.tip_of = tip_of

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        item = self.currentItem()
        if item is None or event.source() is not self:
            return
        at = self.indexAt(event.position().toPoint())
        target = at.row() if at.isValid() else self.count()
        if at.isValid() and event.position().y() > self.visualRect(at).center().y():
            target += 1
        event.setDropAction(Qt.DropAction.IgnoreAction)
        event.accept()
        below = next((self.item(at) for at in range(target, self.count()) if self.item(at) is not item), None)
        self.moved.emit(str(item.data(ID)), "" if below is None else str(below.data(FIRST) or below.data(ID)))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        item = self.itemAt(event.position().toPoint())
        if item is not None and event.button() == Qt.MouseButton.LeftButton and event.position().x() < EYE_PX:
            self.eye_pressed.emit(str(item.data(ID)))
            return
        super().mousePressEvent(event)
        if item is not None and item.data(FIRST) and event.button() == Qt.MouseButton.LeftButton:
            self.fold_pressed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        item = self.currentItem()
        if item is not None and event.key() == Qt.Key.Key_Space:
            self.eye_pressed.emit(str(item.data(ID)))
        elif item is not None and item.data(FIRST) and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.fold_pressed.emit()
        elif item is not None and item.data(ID) and event.key() == Qt.Key.Key_Delete:
            self.remove_pressed.emit(str(item.data(ID)))
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802
        if isinstance(event, QHelpEvent):
            item = self.itemAt(event.pos())
            if item is not None:
                QToolTip.showText(event.globalPos(), plain_tip(self.tip_of(str(item.data(ID)))), self)
                return True
        return super().viewportEvent(event)


class LayersPanel(QWidget):
    """The layer list and the opacity of the chosen layer.

    Signals
    -------
    visible_requested : (layer id, bool)
    all_visible_requested : (list of layer ids, bool)
    style_changed : (layer id, Style)
    move_requested : (layer id, position from the bottom)
    zoom_requested, table_requested, style_requested, rename_requested, remove_requested : (layer id)
    add_requested : ()
    current_changed : (layer id) somebody chose a layer
    """

    visible_requested = Signal(str, bool)
    all_visible_requested = Signal(list, bool)
    style_changed = Signal(str, object)
    move_requested = Signal(str, int)
    zoom_requested = Signal(str)
    table_requested = Signal(str)
    style_requested = Signal(str)
    rename_requested = Signal(str)
    remove_requested = Signal(str)
    add_requested = Signal()
    current_changed = Signal(str)

    def __init__(self, appearance: Appearance, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance, self._project = appearance, project
        self._busy: set[str] = set()
        self._withheld: dict[str, str] = {}
        self._folded: bool | None = None
        self._shown: list[_Line] = []
        #: What the menu of a layer offers besides: the commands of the layer menu that have no place of their own here.
        self.extra: Callable[[], Sequence[QAction]] = tuple
        self.list = _List(self.tip_of)
        self.list.setItemDelegate(_Row(appearance, self.list))
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.list.setMouseTracking(True)
        self.list.setUniformItemSizes(True)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        appearance.say(self.list.setAccessibleName, "panel.layers")
        self.list.eye_pressed.connect(self._on_eye_pressed)
        self.list.moved.connect(self._on_moved)
        self.list.fold_pressed.connect(self._on_fold_pressed)
        self.list.remove_pressed.connect(self.remove_requested)
        self.list.customContextMenuRequested.connect(self._on_context_menu)
        self.list.itemDoubleClicked.connect(self._on_double_clicked)
        self.list.currentItemChanged.connect(lambda *_: self._on_current_changed())
        self.list.itemSelectionChanged.connect(self._on_current_changed)
        self.hint = EmptyHint(appearance, "stack", "layers.empty", "action.file.add")
        self.hint.pressed.connect(self.add_requested)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(5, 100)
        appearance.say(self.slider.setAccessibleName, "layers.opacity")
        self.slider.sliderReleased.connect(self._on_slider_released)
        self.percent = label("small")
        self.percent.setFixedWidth(40)
        self.slider.valueChanged.connect(self._on_slider_changed)
        self.percent.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.foot = QWidget()
        tools = []
        for icon, word, signal in (
            ("arrows-out", "layers.zoom", self.zoom_requested), ("table", "layers.table", self.table_requested),
            ("paint-brush", "layers.style", self.style_requested), ("trash", "layers.remove", self.remove_requested),
        ):  # fmt: skip
            press = tool(appearance, icon, word, size=16)
            press.clicked.connect(lambda _=False, signal=signal: self._emit_current(signal))
            tools.append(press)
        self.foot.setLayout(
            column(
                line(),
                row(caption(appearance, "layers.opacity", "small"), self.slider, self.percent, margins=(14, 4, 12, 0)),
                row(*tools, 1, margins=(8, 0, 8, 5), gap=2),
                gap=3,
            )
        )
        stack = QStackedLayout()
        stack.addWidget(self.hint)
        stack.addWidget(self.list)
        self._stack = stack
        self.setLayout(column(stack, self.foot, gap=0))
        appearance.lang_changed.connect(self.fill)
        appearance.look_changed.connect(self.list.viewport().update)
        self.fill()

    @property
    def current(self) -> str:
        """Return the id of the chosen layer, empty if none."""
        item = self.list.currentItem()  # Qt makes a row current for the focus alone, without selecting it
        return str(item.data(ID)) if item is not None and item.isSelected() else ""

    def choose(self, layer_id: str) -> None:
        """Choose a layer; a model that is folded away is brought out."""
        if not layer_id or layer_id == self.current:
            return
        if self._folded and layer_id not in {line.data[ID] for line in self._lines()}:
            if not any(layer.id == layer_id for layer in self._project.state.layers):
                return
            self._folded = False
            self.fill()
        for at in range(self.list.count()):
            if self.list.item(at).data(ID) == layer_id:
                self.list.setCurrentRow(at)

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

    def fill(self) -> None:
        """Show the project's layers, top first, keeping the choice; rows that say the same are left alone."""
        lines = self._lines()
        if [line.data[ID] for line in lines] != [line.data[ID] for line in self._shown]:
            chosen, scroll = self.current, self.list.verticalScrollBar().value()
            self.list.blockSignals(True)
            self.list.clear()
            for line in lines:
                item = QListWidgetItem(line.text)
                line.write(item)
                self.list.addItem(item)
            at = next((at for at, line in enumerate(lines) if chosen and line.data[ID] == chosen), -1)
            self.list.setCurrentRow(at)
            self.list.blockSignals(False)
            self.list.verticalScrollBar().setValue(scroll)
            self._stack.setCurrentIndex(1 if lines else 0)
        else:
            for at, (line, before) in enumerate(zip(lines, self._shown, strict=True)):
                if line != before:
                    line.write(self.list.item(at))
        self._shown = lines
        self._fill_foot()

    def _lines(self) -> list[_Line]:
        """Return what the rows say, top first; many models stand together under a heading."""
        layers = list(reversed(self._project.state.layers))
        models = [layer for layer in layers if layer.kind == "model"]
        if len(models) < GROUP_FROM:
            self._folded = None
            return [self._line_of(layer) for layer in layers]
        if self._folded is None:  # they came together: they must not bury the city's layers
            self._folded = True
        lines: list[_Line] = []
        for layer in layers:
            if layer is models[0]:
                lines.append(self._heading(models))
                if not self._folded:
                    lines += [self._line_of(model, inset=True) for model in models]
            elif layer.kind != "model":
                lines.append(self._line_of(layer))
        return lines

    def _line_of(self, layer: Layer, *, inset: bool = False) -> _Line:
        return _Line(
            layer.title(self._appearance.lang),
            {
                ID: layer.id, ICON: role_row(layer.role).icon, SHOWN: layer.visible,
                COLOUR: layer.style.colour or None, COUNT: self._count_of(layer), STATE: self._state_of(layer.id),
                FIRST: None, INSET: inset, FILTERED: bool(layer.filter),
            },
        )  # fmt: skip

    def _heading(self, models: list[Layer]) -> _Line:
        word = self._appearance.word
        shown = sum(layer.visible for layer in models)
        preview = sum(self._is_preview(layer.id) for layer in models)
        count = f"{len(models)}"
        if preview:
            count = f"{word('layers.stage.preview')} {preview}  ·  {count}"
        return _Line(
            word("layers.group"),
            {
                ID: "", ICON: "caret-right" if self._folded else "caret-down", SHOWN: shown > 0, COLOUR: None,
                COUNT: count, STATE: "", FIRST: models[0].id, INSET: False, FILTERED: False,
            },
        )  # fmt: skip

    def _fill_foot(self) -> None:
        layers = {layer.id: layer for layer in self._project.state.layers}
        layer = layers.get(self.current)
        self.foot.setVisible(layer is not None)
        if layer is not None:
            self.slider.blockSignals(True)
            self.slider.setValue(round(layer.style.opacity * 100))
            self.slider.blockSignals(False)
            self.percent.setText(f"{self.slider.value()} %")

    def _state_of(self, layer_id: str) -> str:
        if layer_id in self._busy:
            return "busy"
        if layer_id in self._project.data:
            return ""
        return "withheld" if layer_id in self._withheld else "missing"

    def _is_preview(self, layer_id: str) -> bool:
        data = self._project.data.get(layer_id)
        return isinstance(data, ModelData) and data.info.get("stage") == "preview"

    def _count_of(self, layer: Layer) -> str:
        data = self._project.data.get(layer.id)
        if self._is_preview(layer.id):
            return self._appearance.word("layers.stage.preview")
        if data is None and layer.id in self._withheld:
            return self._appearance.word("layers.withheld.short")
        if isinstance(data, VectorData):
            return f"{data.count:,}"
        if isinstance(data, ModelData):
            return f"{len(data.elements):,}"
        if isinstance(data, RasterData):
            return f"{data.values.shape[1]} × {data.values.shape[0]}"
        if isinstance(data, CloudData):
            return f"{len(data.points):,}"
        return ""

    def tip_of(self, layer_id: str) -> str:
        """Return the tool tip of a row; worked out when it is asked for, since it looks into the data."""
        word = self._appearance.word
        if not layer_id:
            models = [layer for layer in self._project.state.layers if layer.kind == "model"]
            shown, preview = sum(layer.visible for layer in models), sum(self._is_preview(one.id) for one in models)
            return word("layers.group.tip", count=len(models), shown=shown, preview=preview)
        layer = self._project.state.layer(layer_id)
        lines = [layer.title(self._appearance.lang), word(role_row(layer.role).word)]
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
        if layer.id in self._withheld:
            lines.append(word("layers.withheld", where=self._withheld[layer.id]))
        elif layer.id not in self._project.data:
            lines.append(word("layers.missing"))
        if self._is_preview(layer.id):
            lines.append(word("layers.stage.preview.tip"))
        return "\n".join(lines)

    def _emit_current(self, signal: object) -> None:
        if self.current:
            signal.emit(self.current)  # type: ignore[attr-defined]

    def _on_current_changed(self) -> None:
        self._fill_foot()
        if self.current:
            self.current_changed.emit(self.current)

    def _on_double_clicked(self, item: QListWidgetItem) -> None:
        if item.data(ID):
            self.zoom_requested.emit(str(item.data(ID)))

    def _on_moved(self, layer_id: str, below: str) -> None:
        """Ask for the place on top of another layer."""
        order = [layer.id for layer in self._project.state.layers]
        before = order.index(layer_id)
        order.remove(layer_id)
        position = order.index(below) + 1 if below in order else 0
        if position != before:
            self.move_requested.emit(layer_id, position)

    def _on_fold_pressed(self) -> None:
        self._folded = not self._folded
        self.fill()

    def _on_eye_pressed(self, layer_id: str) -> None:
        if not layer_id:
            models = [layer for layer in self._project.state.layers if layer.kind == "model"]
            on = not any(layer.visible for layer in models)
            self.all_visible_requested.emit([layer.id for layer in models if layer.visible != on], on)
            return
        self.visible_requested.emit(layer_id, not self._project.state.layer(layer_id).visible)

    def _on_slider_changed(self, value: int) -> None:
        self.percent.setText(f"{value} %")

    def _on_slider_released(self) -> None:
        if self.current:
            style = self._project.state.layer(self.current).style
            self.style_changed.emit(self.current, replace(style, opacity=self.slider.value() / 100))

    def _on_context_menu(self, at: QPoint) -> None:
        item = self.list.itemAt(at)
        if item is None or not item.data(ID):
            return
        self.list.setCurrentItem(item)
        layer_id, word = str(item.data(ID)), self._appearance.word
        shown = self._project.state.layer(layer_id).visible
        menu = QMenu(self)
        for icon, key, signal in (
            ("arrows-out", "layers.zoom", self.zoom_requested), ("table", "layers.table", self.table_requested),
            ("", "", None),
            ("pencil-simple", "layers.rename", self.rename_requested),
            ("paint-brush", "layers.style", self.style_requested), ("", "", None),
            ("trash", "layers.remove", self.remove_requested),
        ):  # fmt: skip
            if signal is None:
                menu.addSeparator()
                continue
            menu.addAction(self._appearance.icon(icon), word(key), lambda signal=signal: signal.emit(layer_id))
        if extra := self.extra():
            menu.addSeparator()
            menu.addActions(list(extra))
        eye = menu.addAction(
            self._appearance.icon("eye-slash" if shown else "eye"),
            word("layers.hide" if shown else "layers.show"),
            lambda: self.visible_requested.emit(layer_id, not shown),
        )
        menu.insertAction(menu.actions()[0], eye)
        menu.exec(self.list.viewport().mapToGlobal(at))
        menu.deleteLater()

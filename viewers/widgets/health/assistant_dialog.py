"""The inputs assistant: what the indicators want, which layer and column fits, what is missing and what that costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QTreeWidget, QTreeWidgetItem, QWidget

from resources.visible_text import visible_text
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import caption, column, label, row
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.plain import PlainCombo, plain_tip
from viewers.widgets.common.rows import DETAIL, Index, RowDelegate, RowPainter
from viewers.widgets.health.inputs_dialogs import let_grow, table

_ROLE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """One field: which column it comes from.

    Parameters
    ----------
    field, title : str
    column : str
        Empty where none fits.
    why, filled, note : str
        How it was found, share of rows that can be read, which words are and are not understood.
    wanted : str
        By which indicators.
    is_needed : bool
        Whether an indicator has no value without it.
    """

    field: str
    title: str
    column: str
    why: str
    filled: str
    note: str
    wanted: str
    is_needed: bool


@dataclass(frozen=True, slots=True)
class LayerChoice:
    """One layer that is an input, or may be."""

    layer: str
    title: str
    columns: tuple[str, ...]
    fields: tuple[FieldChoice, ...]


@dataclass(frozen=True, slots=True)
class RoleChoice:
    """One input.

    Parameters
    ----------
    role, title : str
    costs : str
        What cannot be computed without it.
    layers : tuple of LayerChoice
    chosen : str
        Id of the layer that is it, or is proposed; empty for none.
    is_proposed : bool
        Whether the layer has another role now.
    """

    role: str
    title: str
    costs: str
    layers: tuple[LayerChoice, ...]
    chosen: str
    is_proposed: bool

    @property
    def state(self) -> str:
        """Return ``"missing"``, ``"proposed"``, ``"lacking"`` (fields) or ``"there"``."""
        layer = next((one for one in self.layers if one.layer == self.chosen), None)
        if layer is None:
            return "missing"
        if self.is_proposed or any(one.why and one.column != one.field for one in layer.fields):
            return "proposed"
        return "lacking" if any(one.is_needed and not one.column for one in layer.fields) else "there"


_TINTS = {"missing": "line_strong", "proposed": "accent", "lacking": "warn", "there": "good"}


class _StillCombo(PlainCombo):
    """A choice in a list that the wheel scrolls: only a click or a key changes it."""

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Leave the wheel to the list."""
        event.ignore()


class _Roles(RowDelegate):
    def draw(self, row: RowPainter, index: Index) -> None:
        """Draw an input: a disc for its state, its name, what is said of it."""
        row.dot(_TINTS[str(index.data(_ROLE + 1))], row.box.left() + 12, row.box.top() + 10, 9)
        room = row.box.adjusted(30, 4, -8, -24)
        row.text(room, str(index.data()))
        row.text(room.translated(0, 19), str(index.data(DETAIL)), "small", "text_faint")


class AssistantDialog(Ask):
    """Ask which layers and columns are which inputs; answers ``"ok"``, then :attr:`roles` and :attr:`choices` hold.

    Parameters
    ----------
    appearance : Appearance
    roles : sequence of RoleChoice
    described : callable
        (layer, role, field, column) → the field as it is read from another column.
    chosen : str
        The role that is shown first; empty for the first that lacks something.
    """

    def __init__(
        self,
        appearance: Appearance,
        roles: Sequence[RoleChoice],
        described: Callable[[str, str, FieldChoice, str], FieldChoice],
        chosen: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(appearance, "health.match.title", parent)
        self._roles = {one.role: one for one in roles}
        self._described = described
        self._is_filling = False
        self.body.addWidget(caption(appearance, "health.match.why", "small", wrap=True))
        self.list = QListWidget()
        self.list.setItemDelegate(_Roles(appearance, self.list))
        self.list.setFixedWidth(236)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.layer = PlainCombo()
        self.layer.activated.connect(self._on_layer)
        self.costs = label("small", wrap=True)
        self.fields: QTreeWidget = table(
            appearance,
            ("health.match.field", "health.match.column", "health.match.how", "health.match.filled",
             "health.match.wanted"),
            (190, 160, 92, 72),
        )  # fmt: skip
        self.fields.setUniformRowHeights(False)
        self.note = label("small", wrap=True)
        self.note.setMinimumHeight(32)
        self.note.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.fields.itemSelectionChanged.connect(self._tell_note)
        head = row(caption(appearance, "health.match.layer"), self.layer, gap=10)
        head.setStretch(1, 1)
        right = column(head, self.costs, self.fields, self.note, gap=8)
        right.setStretch(2, 1)
        halves = row(self.list, right, gap=14)
        halves.setStretch(1, 1)
        self.body.addLayout(halves, 1)
        for one in roles:
            item = QListWidgetItem(visible_text(one.title))
            item.setData(_ROLE, one.role)
            self.list.addItem(item)
        self._mark()
        self.list.currentItemChanged.connect(self._show_role)
        self.add_button("window.cancel", "")
        self.ok = self.add_button("health.match.accept", "ok", "primary")
        self.resize(980, 600)
        let_grow(self)
        wanted = chosen or next((one.role for one in roles if one.state in ("proposed", "lacking")), "")
        places = [at for at, one in enumerate(roles) if one.role == wanted]
        self.list.setCurrentRow(places[0] if places else 0)

    def _mark(self) -> None:
        """Show how each input stands."""
        for at in range(self.list.count()):
            item = self.list.item(at)
            one = self._roles[str(item.data(_ROLE))]
            item.setData(_ROLE + 1, one.state)
            item.setData(DETAIL, self.appearance.word(f"health.match.{one.state}"))

    @property
    def shown(self) -> RoleChoice:
        """Return the input that is shown."""
        return self._roles[str(self.list.currentItem().data(_ROLE))]

    def _show_role(self, *_: object) -> None:
        one = self.shown
        self._is_filling = True
        self.layer.clear()
        self.layer.addItem(self.appearance.word("health.match.no_layer"), "")
        for layer in one.layers:
            self.layer.addItem(layer.title, layer.layer)
        self.layer.setCurrentIndex(max(self.layer.findData(one.chosen), 0))
        self._is_filling = False
        self.costs.setText(one.costs)
        self._show_fields()

    def _show_fields(self) -> None:
        one = self.shown
        layer = next((layer for layer in one.layers if layer.layer == one.chosen), None)
        self.fields.clear()
        self.note.setText("")
        for field in layer.fields if layer is not None else ():
            item = QTreeWidgetItem(["", "", field.why, field.filled, field.wanted])
            item.setText(0, visible_text(field.title + (" *" if field.is_needed else "")))
            item.setToolTip(4, plain_tip(field.wanted))
            item.setData(0, _ROLE, field.note)
            self.fields.addTopLevelItem(item)
            box = _StillCombo()
            box.addItem("–", "")
            for name in layer.columns if layer is not None else ():
                box.addItem(name, name)
            box.setCurrentIndex(max(box.findData(field.column), 0))
            box.activated.connect(lambda _, field=field, box=box: self._on_column(field.field, str(box.currentData())))
            self.fields.setItemWidget(item, 1, box)

    def _tell_note(self, *_: object) -> None:
        chosen = self.fields.selectedItems()
        self.note.setText(str(chosen[0].data(0, _ROLE) or "") if chosen else "")

    def _on_layer(self, *_: object) -> None:
        if not self._is_filling:
            one = self.shown
            self._roles[one.role] = replace(one, chosen=str(self.layer.currentData()), is_proposed=True)
            self._mark()
            self._show_fields()

    def _on_column(self, field: str, name: str) -> None:
        one = self.shown
        layers = tuple(
            replace(layer, fields=tuple(
                self._described(layer.layer, one.role, held, name) if held.field == field else held
                for held in layer.fields
            )) if layer.layer == one.chosen else layer
            for layer in one.layers
        )  # fmt: skip
        self._roles[one.role] = replace(one, layers=layers)
        at = self.fields.currentIndex().row()
        self._mark()
        self._show_fields()
        self.fields.setCurrentIndex(self.fields.model().index(at, 0))

    @property
    def choices(self) -> tuple[RoleChoice, ...]:
        """Return the inputs as they were chosen."""
        return tuple(self._roles.values())

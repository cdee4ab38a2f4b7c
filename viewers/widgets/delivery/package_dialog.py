"""What goes into a review package, what is taken out of it, and about how large it will be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QHeaderView, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from models.core.value_text import byte_size
from resources.visible_text import visible_text
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import caption, column, label, row
from viewers.widgets.common.dialogs import Ask

_ID = Qt.ItemDataRole.UserRole
_CHECKED, _CLEAR = Qt.CheckState.Checked, Qt.CheckState.Unchecked


@dataclass(frozen=True, slots=True)
class LayerRow:
    """A layer as the dialog lists it: id, title, how it goes in (a word), bytes, whether it can go in at all."""

    id: str
    title: str
    how: str
    size_bytes: int
    can_go: bool = True


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A field that may be dropped: layer and field, their titles, what it tells (a word), rows with a value."""

    layer: str
    field: str
    title: str
    kind: str
    values: int
    is_proposed: bool = True


class PackageDialog(Ask):
    """Asks what goes into a package; answers ``"ok"``.

    Parameters
    ----------
    appearance : Appearance
    layers : sequence of LayerRow
        Top first.
    fields : sequence of FieldRow
        Those that tell of somebody first.
    redactions : sequence of str
        What can be taken out.
    evidence : int, int
        Photos and papers beside the project, and their bytes.
    parent : QWidget, optional
    """

    def __init__(
        self, appearance: Appearance, layers: Sequence[LayerRow], fields: Sequence[FieldRow],
        redactions: Sequence[str], evidence: tuple[int, int], parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(appearance, "package.dialog.title", parent)
        self._sizes = {one.id: one.size_bytes for one in layers}
        self._evidence = evidence
        self.layers = _tree(appearance, ("package.dialog.layer", "package.dialog.how", "package.dialog.size"))
        for one in layers:
            item = QTreeWidgetItem([visible_text(one.title), one.how, byte_size(one.size_bytes) if one.can_go else ""])
            item.setData(0, _ID, one.id)
            item.setCheckState(0, _CHECKED if one.can_go else _CLEAR)
            item.setDisabled(not one.can_go)
            item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.layers.addTopLevelItem(item)
        self.redactions = {name: QCheckBox() for name in redactions}
        for name, box in self.redactions.items():
            appearance.say(box.setText, f"package.dialog.redact.{name}")
            appearance.say(box.setToolTip, f"package.dialog.redact.{name}.tip")
            box.toggled.connect(self._on_changed)
        self.fields = _tree(appearance, ("package.dialog.field", "package.dialog.tells", "package.dialog.values"))
        for field in fields:
            item = QTreeWidgetItem([visible_text(field.title), field.kind, f"{field.values:,}"])
            item.setData(0, _ID, (field.layer, field.field))
            item.setCheckState(0, _CHECKED if field.is_proposed else _CLEAR)
            item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.fields.addTopLevelItem(item)
        self.total = label("soft")
        left = column(caption(appearance, "package.dialog.contents", "strong"), self.layers, gap=6)
        boxes = column(*self.redactions.values(), gap=6)
        self._fields_head = caption(appearance, "package.dialog.fields", "strong", wrap=True)
        for part in (self._fields_head, self.fields):  # ticks that do nothing yet are not shown; nothing moves
            policy = part.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            part.setSizePolicy(policy)
        right = column(
            caption(appearance, "package.dialog.redact", "strong"), boxes, self._fields_head, self.fields, gap=6
        )
        self.body.addWidget(caption(appearance, "package.dialog.what", "soft", wrap=True))
        self.body.addLayout(row(left, right, gap=20), 1)
        self._foot.insertWidget(0, self.total)
        self.add_button("window.cancel", "")
        self.write = self.add_button("package.dialog.make", "ok", "primary")
        self.layers.itemChanged.connect(self._on_changed)
        if isinstance(whole := self.layout(), QVBoxLayout):  # the lists take the room that is left
            whole.setStretch(0, 100)
        self.setMinimumSize(880, 480)
        self.resize(980, 580)
        self._on_changed()

    @property
    def without(self) -> tuple[str, ...]:
        """Return the ids of the layers that were left out."""
        return tuple(
            str(item.data(0, _ID)) for item in _items(self.layers)
            if not item.isDisabled() and item.checkState(0) == _CLEAR
        )  # fmt: skip

    @property
    def redact(self) -> tuple[str, ...]:
        """Return what is to be taken out."""
        return tuple(name for name, box in self.redactions.items() if box.isChecked())

    @property
    def dropped(self) -> tuple[tuple[str, str], ...]:
        """Return layer and field of the fields to be dropped."""
        if "fields" not in self.redact:
            return ()
        found = [item.data(0, _ID) for item in _items(self.fields) if item.checkState(0) == _CHECKED]
        return tuple((str(layer), str(field)) for layer, field in found)

    def _on_changed(self, *_: object) -> None:
        drops = self.redactions["fields"].isChecked() if "fields" in self.redactions else False
        for part in (self._fields_head, self.fields):
            part.setEnabled(drops)
            part.setVisible(drops)
        chosen = [item for item in _items(self.layers) if item.checkState(0) == _CHECKED]
        photos = "photos" in self.redactions and self.redactions["photos"].isChecked()
        count, size = (0, 0) if photos else self._evidence
        total = size + sum(self._sizes[str(item.data(0, _ID))] for item in chosen)
        self.total.setText(
            self.appearance.word("package.dialog.total", layers=len(chosen), photos=count, size=byte_size(total))
        )
        self.write.setEnabled(bool(chosen))


def _tree(appearance: Appearance, heads: tuple[str, str, str]) -> QTreeWidget:
    tree = QTreeWidget()
    tree.setRootIsDecorated(False)
    tree.setUniformRowHeights(True)
    tree.setColumnCount(3)
    tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    header = tree.header()
    header.setStretchLastSection(False)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    for at in (1, 2):
        header.setSectionResizeMode(at, QHeaderView.ResizeMode.ResizeToContents)
    tree.setHeaderLabels([appearance.word(key) for key in heads])
    tree.headerItem().setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return tree


def _items(tree: QTreeWidget) -> list[QTreeWidgetItem]:
    found = (tree.topLevelItem(at) for at in range(tree.topLevelItemCount()))
    return [item for item in found if item is not None]

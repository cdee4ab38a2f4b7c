"""What is in a file, and what of it is to be opened how: tables, text encoding, types of fields, coordinates."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QGridLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from models.io.registry import ENCODINGS_OPEN, UNTYPED
from resources.visible_text import visible_text
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import button, caption, label, row
from viewers.widgets.common.dialogs import Ask, CrsQuestion
from viewers.widgets.common.plain import PlainCombo, plain_tip

#: Encodings that are offered, the usual ones first.
ENCODINGS = ("utf-8", "gb18030", "big5", "shift_jis", "euc_kr", "windows-1252", "latin-1")
KINDS = ("text", "integer", "number", "date", "boolean")
UNITS = ("m", "mm", "cm", "km", "in", "ft")
_SHAPES = {"point": ("geometry.point", "map-pin"), "line": ("geometry.line", "path"), "polygon": ("geometry.polygon",
           "polygon"), "curve": ("geometry.line", "path")}  # fmt: skip
_ROW_PX = 26
#: Value of the reader's option ``geometry`` that leaves coordinates alone.
TABLE_ONLY = "-"


@dataclass(frozen=True, slots=True)
class ImportChoice:
    """What was chosen.

    Parameters
    ----------
    sublayers : tuple of str
        Empty for all.
    encoding, crs : str
        Empty: as the file says, or as is found out.
    options : dict of str to str
        Reader settings: ``x``, ``y``, ``z``, ``types``, ``unit``, ``geometry``.
    """

    sublayers: tuple[str, ...] = ()
    encoding: str = ""
    crs: str = ""
    options: dict[str, str] = field(default_factory=dict)


class ImportDialog(Ask):
    """Show what :class:`models.io.file_info.FileInfo` says of a file; answers ``"ok"``, then :attr:`choice` holds.

    Signals
    -------
    preview_requested : (sublayer, encoding)

    Parameters
    ----------
    appearance : Appearance
    info : mapping
        ``FileInfo.as_dict()``.
    like_crs : str
        CRS of the project, proposed first.
    again : bool
        The layer is there already and is read again: what comes takes its place.
    chosen : mapping of str to str
        Settings of the last reading: ``encoding``, ``x``, ``y``, ``types`` …
    sublayer : str
        The table to be ticked alone; empty for all.
    """

    preview_requested = Signal(str, str)

    def __init__(
        self,
        appearance: Appearance,
        info: Mapping[str, Any],
        like_crs: str = "",
        parent: QWidget | None = None,
        *,
        again: bool = False,
        chosen: Mapping[str, str] | None = None,
        sublayer: str = "",
    ) -> None:
        super().__init__(appearance, "import.title_again" if again else "import.title", parent)
        self._info, self._like, self._last = info, like_crs, dict(chosen or {})
        self._layers: list[Mapping[str, Any]] = list(info.get("sublayers") or ())
        self._crs = ""
        self._types: dict[str, str] = _said_types(self._last)
        self._kinds: list[str] = []
        self.body.addWidget(caption(appearance, "import.heading", "heading", wrap=True, file=info["file"]))
        about = f"{info.get('schema') or ''} · {_size(int(info['size_bytes']))}".strip(" ·")
        self.body.addWidget(caption(appearance, "import.about", "soft", about=about, count=len(self._layers)))
        self.tree = self._make_tree(sublayer)
        self._make_bulk()
        self.body.addWidget(self.tree)
        self.body.addLayout(self._make_settings())
        self.preview_words = caption(appearance, "import.preview", "section")
        self.preview = QTableWidget()
        self.preview.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.preview.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.preview.setShowGrid(False)
        self.preview.setAlternatingRowColors(True)
        self.preview.setWordWrap(False)
        self.preview.verticalHeader().hide()
        self.preview.verticalHeader().setDefaultSectionSize(_ROW_PX)
        self.preview.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.preview.setMinimumHeight(7 * _ROW_PX + 34)
        self.problem = label("bad", wrap=True)
        self.problem.hide()
        for part in (self.preview_words, self.preview, self.problem):
            self.body.addWidget(part)
        self.body.setStretchFactor(self.preview, 1)
        whole = self.layout()
        if isinstance(whole, QVBoxLayout):  # the rows take what room there is
            whole.setStretch(0, 1)
            whole.setStretch(1, 0)
        self.add_button("window.cancel", "")
        self.ok = self.add_button("import.read_again" if again else "import.open", "ok", "primary")
        self._again = again
        self.tree.itemChanged.connect(lambda *_: self._on_ticked())
        self.tree.currentItemChanged.connect(lambda *_: self.ask_preview())
        self._on_ticked()
        self.resize(920, 760 if len(self._layers) > 1 else 640)

    @property
    def choice(self) -> ImportChoice:
        """Return what was chosen."""
        ticked = self.ticked
        whole = len(ticked) == len(self._layers)
        options = {name: str(box.currentData() or "") for name, box in self.columns_.items()}
        options = {name: value for name, value in options.items() if value}
        if options.pop("place", "") == TABLE_ONLY:
            options = {"geometry": TABLE_ONLY}
        if self._types:
            options["types"] = json.dumps(self._types, ensure_ascii=False)
        unit = str(self.unit.currentData() or "")
        if unit:
            options["unit"] = unit
        return ImportChoice(() if whole else tuple(ticked), self.encoding_chosen, self._crs, options)

    @property
    def ticked(self) -> list[str]:
        """Return how to ask for the tables that are ticked, in their order."""
        items = [self.tree.topLevelItem(at) for at in range(self.tree.topLevelItemCount())]
        asked = [
            str(item.data(0, Qt.ItemDataRole.UserRole))
            for item in items if item is not None and item.checkState(0) == Qt.CheckState.Checked
        ]  # fmt: skip
        return list(dict.fromkeys(asked))

    @property
    def encoding_chosen(self) -> str:
        """Return the encoding that was named, empty for the file's own."""
        return str(self.encoding.currentData() or "") if self.encoding.isVisibleTo(self) else ""

    @property
    def current(self) -> str:
        """Return how to ask for the table that is looked at."""
        item = self.tree.currentItem() or self.tree.topLevelItem(0)
        return "" if item is None else str(item.data(0, Qt.ItemDataRole.UserRole))

    def ask_preview(self) -> None:
        """Ask for the first rows of the table that is looked at."""
        self.preview_words.setEnabled(False)
        self.preview_requested.emit(self.current, self.encoding_chosen)

    def show_rows(self, said_: Mapping[str, Any]) -> None:
        """Show the first rows as :func:`models.io.preview_table.rows_json` gives them."""
        self.problem.hide()
        self.preview_words.setEnabled(True)
        fields, rows = list(said_["fields"]), list(said_["rows"])
        self._kinds = list(said_["types"])
        with_types = self._is_typed
        self.preview.clear()
        self.preview.setColumnCount(len(fields))
        self.preview.setRowCount(len(rows) + with_types)
        self.preview.setHorizontalHeaderLabels([str(name) for name in fields])
        for at, name in enumerate(fields):
            if with_types:
                self.preview.setCellWidget(0, at, self._type_box(str(name), self._kinds[at]))
            for line, values in enumerate(rows):
                self.preview.setItem(line + with_types, at, self._cell(values[at], self._kinds[at]))
        self.preview.resizeColumnsToContents()
        for at in range(len(fields)):
            self.preview.setColumnWidth(at, min(max(self.preview.columnWidth(at) + 8, 150 if with_types else 70), 260))
        self._fill_columns(fields, said_)

    def show_problem(self, text: str) -> None:
        """Say why no rows can be shown."""
        self.preview.setRowCount(0)
        self.preview_words.setEnabled(True)
        self.problem.setText(text)
        self.problem.show()

    @property
    def _is_typed(self) -> bool:
        return str(self._info.get("reader")) in UNTYPED

    def _make_tree(self, sublayer: str) -> QTreeWidget:
        word = self.appearance.word
        tree = QTreeWidget()
        tree.setColumnCount(5)
        tree.setHeaderLabels([word(f"import.column.{name}") for name in ("name", "shape", "count", "fields", "crs")])
        tree.setRootIsDecorated(False)
        tree.setUniformRowHeights(True)
        tree.setAlternatingRowColors(True)
        for one in self._layers:
            asked = str(one.get("sublayer") or one["name"])
            count, fields = one.get("count"), list(one.get("fields") or ())
            shape, icon = self._shape(str(one.get("geometry") or ""))
            crs = self._crs_text(one)
            cells = [str(one["name"]), shape, "—" if count is None else f"{count:,}", str(len(fields)), crs]
            item = QTreeWidgetItem([visible_text(cell) for cell in cells])
            item.setIcon(0, self.appearance.icon(icon, "accent"))
            item.setData(0, Qt.ItemDataRole.UserRole, asked)
            item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setTextAlignment(3, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setToolTip(0, plain_tip(str(one["name"])))
            item.setToolTip(3, plain_tip(", ".join(map(str, fields[:30]))))
            item.setToolTip(4, plain_tip(crs))
            is_on = asked == sublayer if sublayer else count != 0
            item.setCheckState(0, Qt.CheckState.Checked if is_on else Qt.CheckState.Unchecked)
            if count == 0:
                item.setForeground(0, QColor(self.appearance.colours["text_faint"]))
            tree.addTopLevelItem(item)
        head = tree.header()
        head.setStretchLastSection(True)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        for at, width in enumerate((330, 90, 100, 70)):
            head.resizeSection(at, width)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        tree.setIconSize(QSize(16, 16))
        rows = min(max(len(self._layers), 1), 8)
        tree.setFixedHeight(rows * 29 + 36)
        if (first := tree.topLevelItem(0)) is not None:
            tree.setCurrentItem(first)
        return tree

    def _make_bulk(self) -> None:
        self.all_, self.none_ = (
            button(self.appearance, "import.all", "quiet"),
            button(self.appearance, "import.none", "quiet"),
        )
        self.all_.clicked.connect(lambda: self._tick_all(True))
        self.none_.clicked.connect(lambda: self._tick_all(False))
        if len(self._layers) > 1:
            self.counted = label("small")
            self.body.addLayout(row(self.counted, 1, self.all_, self.none_, gap=4))

    def _make_settings(self) -> QGridLayout:
        appearance, word = self.appearance, self.appearance.word
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(8)
        cells: list[tuple[str, QWidget]] = []
        self.encoding = PlainCombo()
        found = str((self._info.get("facts") or {}).get("encoding") or "")
        self.encoding.addItem(word("import.encoding_found", encoding=found) if found else word("import.automatic"), "")
        for name in ENCODINGS:
            self.encoding.addItem(word(f"encoding.{name}"), name)
        self.encoding.setCurrentIndex(max(self.encoding.findData(self._last.get("encoding", "")), 0))
        self.encoding.currentIndexChanged.connect(lambda *_: self.ask_preview())
        file = str(self._info["file"]).lower()
        if file.endswith(ENCODINGS_OPEN):
            cells.append(("import.encoding", self.encoding))
        self.crs_button: QPushButton = button(appearance, "import.crs_unstated")
        self.crs_button.clicked.connect(self._choose_crs)
        if any(one.get("geometry") and not one.get("crs") for one in self._layers) or self._last.get("crs"):
            cells.append(("import.crs", self.crs_button))
        self.unit = PlainCombo()
        self.unit.addItem(word("import.automatic"), "")
        for name in UNITS:
            self.unit.addItem(name, name)
        self.unit.setCurrentIndex(max(self.unit.findData(self._last.get("unit", "")), 0))
        if file.endswith(".dxf"):
            cells.append(("import.unit", self.unit))
        self.columns_: dict[str, QComboBox] = {}
        if self._is_typed:
            for name in ("place", "x", "y", "z"):
                box = PlainCombo()
                self.columns_[name] = box
                cells.append((f"import.{name}", box))
            place = self.columns_["place"]
            place.addItem(word("import.place.found"), "")
            place.addItem(word("import.place.none"), TABLE_ONLY)
            place.setCurrentIndex(1 if self._last.get("geometry") == TABLE_ONLY else 0)
            place.currentIndexChanged.connect(lambda *_: self._on_place())
        for at, (key, widget) in enumerate(cells):
            line, column_ = divmod(at, 3)
            grid.addWidget(caption(appearance, key, "small"), 2 * line, column_)
            grid.addWidget(widget, 2 * line + 1, column_)
        for column_ in range(3):
            grid.setColumnStretch(column_, 1)
        return grid

    def _fill_columns(self, fields: list[str], said_: Mapping[str, Any]) -> None:
        for name in ("x", "y", "z"):
            box = self.columns_.get(name)
            if box is None:
                continue
            kept = str(box.currentData() or self._last.get(name, ""))
            box.blockSignals(True)
            box.clear()
            proposed = str(said_.get(name) or "")
            box.addItem(self.appearance.word("import.column_found", column=proposed) if proposed
                        else self.appearance.word("import.automatic"), "")  # fmt: skip
            for field_ in fields:
                box.addItem(field_, field_)
            box.setCurrentIndex(max(box.findData(kept), 0))
            box.blockSignals(False)
        self._on_place()

    def _on_place(self) -> None:
        is_placed = self.columns_["place"].currentData() != TABLE_ONLY if "place" in self.columns_ else True
        for name in ("x", "y", "z"):
            if name in self.columns_:
                self.columns_[name].setEnabled(is_placed)

    def _type_box(self, name: str, kind: str) -> QComboBox:
        box = PlainCombo()
        box.addItem(self.appearance.word("import.type_found", kind=self.appearance.word(f"import.type.{kind}")), "")
        for known in KINDS:
            box.addItem(self.appearance.word(f"import.type.{known}"), known)
        box.setCurrentIndex(max(box.findData(self._types.get(name, "")), 0))
        box.setProperty("field", name)
        box.setStyleSheet("QComboBox { padding: 1px 6px; border-radius: 4px; }")
        box.currentIndexChanged.connect(lambda *_, box=box: self._on_type(box))
        return box

    def _on_type(self, box: QComboBox) -> None:
        name, kind = str(box.property("field")), str(box.currentData() or "")
        if kind:
            self._types[name] = kind
        else:
            self._types.pop(name, None)

    def _cell(self, value: object, kind: str) -> QTableWidgetItem:
        item = QTableWidgetItem("—" if value is None else visible_text(str(value)))
        if value is None:
            item.setForeground(QColor(self.appearance.colours["text_faint"]))
        if kind in ("integer", "number"):
            item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if value is not None and "\ufffd" in str(value):
            item.setForeground(QColor(self.appearance.colours["bad"]))
        return item

    def _shape(self, geometry: str) -> tuple[str, str]:
        lower = geometry.lower()
        for name, (key, icon) in _SHAPES.items():
            if name in lower:
                return self.appearance.word(key), icon
        if not geometry:
            return self.appearance.word("import.table"), "table"
        return self.appearance.word("geometry.mixed"), "stack"

    def _crs_text(self, one: Mapping[str, Any]) -> str:
        if not one.get("geometry"):
            return ""
        if not one.get("crs"):
            return self.appearance.word("import.crs_none")
        from models.core.errors import UserError
        from models.crs.frame import crs_label

        try:
            return crs_label(str(one["crs"]))
        except UserError:
            return str(one["crs"])[:40]

    def _choose_crs(self) -> None:
        ask = CrsQuestion(self.appearance, str(self._info["file"]), self._crs or self._like, self)
        if ask.ask() == "ok":
            self._crs = ask.crs
            self.appearance.hush(self.crs_button.setText)
            self.crs_button.setText(ask.crs)
        ask.deleteLater()

    def _tick_all(self, on: bool) -> None:
        self.tree.blockSignals(True)
        for at in range(self.tree.topLevelItemCount()):
            item = self.tree.topLevelItem(at)
            if item is not None:
                item.setCheckState(0, Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
        self.tree.blockSignals(False)
        self._on_ticked()

    def _on_ticked(self) -> None:
        count = len(self.ticked)
        self.ok.setEnabled(count > 0)
        if hasattr(self, "counted"):
            self.appearance.say(self.counted.setText, "import.ticked", count=count, total=len(self._layers))
        if not self._again:
            self.appearance.say(self.ok.setText, "import.open_count" if count != 1 else "import.open", count=count)


def _size(size: int) -> str:
    for unit in ("B", "KB", "MB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size = size / 1024  # type: ignore[assignment]
    return f"{size:.1f} GB"


def _said_types(last: Mapping[str, str]) -> dict[str, str]:
    try:
        known = json.loads(last.get("types") or "{}")
    except ValueError:
        return {}
    return {str(name): str(kind) for name, kind in known.items()} if isinstance(known, dict) else {}

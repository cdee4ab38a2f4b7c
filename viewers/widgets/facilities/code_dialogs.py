"""Codes of components: which edition a layer follows, what is wrong with its codes, what they become in another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from models.facilities.coding.checking import CodeCheck, Options
from models.facilities.coding.editions import Edition
from models.facilities.coding.migration import KEPT, Migration
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import button, caption, column, label, line, row
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.plain import PlainCombo, plain_tip
from viewers.widgets.facilities.code_rows import CodeRows

_EDITION_PX = 660
#: Space that a dialog leaves at its sides, both together.
_MARGINS_PX = 44
#: A layer of components: id, title, id of the edition that it states.
LayerRow = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class EditionRow:
    """An edition to choose: its id, name, and two lines about it."""

    id: str
    title: str
    digits: str
    note: str
    classes: str


class EditionDialog(Ask):
    """State the edition of a layer; answers ``"ok"``, :attr:`chosen` holds its id, empty for not stated.

    Signals
    -------
    import_requested, export_requested : (edition id) of its class table

    Parameters
    ----------
    appearance : Appearance
    layer : str
        Title of the layer.
    editions : sequence of EditionRow
    stated : str
        Id of the edition that it states.
    evidence : str
        What the codes look like, in words; empty for nothing.
    proposed : str
        Id of the edition that they seem to follow, empty where nothing is clear.
    parent : QWidget, optional
    """

    import_requested = Signal(str)
    export_requested = Signal(str)

    def __init__(
        self, appearance: Appearance, layer: str, editions: Sequence[EditionRow], stated: str, evidence: str,
        proposed: str, parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(appearance, "codes.edition.title", parent)
        title = label("heading", wrap=True)
        title.setText(layer)
        self.body.addWidget(title)
        self.body.addWidget(caption(appearance, "codes.edition.why", "soft", wrap=True))
        self._group = QButtonGroup(self)
        self._ids = ["", *(one.id for one in editions)]
        self._classes = {one.id: label("small") for one in editions}
        self._notes: list[QLabel] = []
        word = appearance.word
        rows = [self._choice("", word("codes.edition.none"), word("codes.edition.none.detail"), "")]
        rows += [self._choice(one.id, f"{one.title}   {one.digits}", one.note, one.classes) for one in editions]
        for one in rows:
            self.body.addWidget(one)
        if evidence:
            said = label("small", wrap=True)
            said.setText(evidence)
            self.take = button(appearance, "codes.edition.take", "quiet")
            self.take.setVisible(bool(proposed))
            self.take.clicked.connect(lambda: self._group.button(self._ids.index(proposed)).setChecked(True))
            beside = row(said, self.take, gap=12)
            beside.setStretch(0, 1)
            self.body.addWidget(line())
            self.body.addLayout(beside)
        self.export = button(appearance, "codes.table.export", "quiet")
        self.import_ = button(appearance, "codes.table.import", "quiet")
        self.export.clicked.connect(lambda: self.export_requested.emit(self.chosen))
        self.import_.clicked.connect(lambda: self.import_requested.emit(self.chosen))
        for at, press in enumerate((self.export, self.import_)):
            self._foot.insertWidget(at, press)
        self.add_button("window.cancel", "")
        self.ok = self.add_button("window.ok", "ok", "primary")
        self._group.idToggled.connect(lambda *_: self._on_chosen())
        self._group.button(self._ids.index(stated if stated in self._ids else "")).setChecked(True)
        self._on_chosen()
        self._group.button(max(self._group.checkedId(), 0)).setFocus()
        self.setFixedWidth(_EDITION_PX)

    @property
    def chosen(self) -> str:
        """Return the id of the edition that is chosen now."""
        return self._ids[max(self._group.checkedId(), 0)]

    def choose(self, edition: str) -> None:
        """Choose an edition."""
        self._group.button(self._ids.index(edition)).setChecked(True)

    def set_classes(self, edition: str, words: str) -> None:
        """Say anew which classes an edition has."""
        self._classes[edition].setText(words)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Give each note the height of its lines, which its font decides; else a second line is cut."""
        for note in self._notes:
            note.ensurePolished()
            note.setMinimumHeight(note.heightForWidth(_EDITION_PX - _MARGINS_PX))
        outer = self.layout()
        assert outer is not None  # noqa: S101 - as Ask makes it
        outer.activate()
        self.setMinimumHeight(outer.totalHeightForWidth(_EDITION_PX))  # adjustSize stops at two thirds of the screen
        super().showEvent(event)

    def _on_chosen(self) -> None:
        for press in (self.export, self.import_):
            press.setEnabled(bool(self.chosen))

    def _choice(self, edition: str, title: str, detail: str, classes: str) -> QWidget:
        press = QRadioButton()
        press.setText(title)
        self._group.addButton(press, self._ids.index(edition))
        holder = QWidget()
        below = label("small", wrap=True)
        below.setText(detail)
        below.setContentsMargins(24, 0, 0, 0)
        below.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._notes.append(below)
        parts: list[QWidget] = [press, below]
        if edition:
            held = self._classes[edition]
            held.setText(classes)
            held.setContentsMargins(24, 0, 0, 0)
            parts.append(held)
        holder.setLayout(column(*parts, gap=2))
        return holder


class _CodesDialog(Ask):
    """A large quiet dialog beside the city: a layer, what is asked of it, rows in kinds.

    Signals
    -------
    layer_changed : (layer id)
    go_requested : (layer id, oid)
    """

    layer_changed = Signal(str)
    go_requested = Signal(str, int)

    def __init__(self, appearance: Appearance, title: str, why: str, parent: QWidget | None = None) -> None:
        super().__init__(appearance, title, parent)
        self.setModal(False)
        self.body.addWidget(caption(appearance, title, "heading"))
        self.body.addWidget(caption(appearance, why, "soft", wrap=True))
        self.layer = PlainCombo()
        self.layer.setMinimumContentsLength(22)
        self.layer.currentIndexChanged.connect(lambda _: self._on_layer())
        self.edition = label("small")
        self.form = QFormLayout()
        self.form.setHorizontalSpacing(18)
        self.form.setVerticalSpacing(9)
        chosen = row(self.layer, self.edition, 1, gap=10)
        self.form.addRow(caption(appearance, "codes.layer"), chosen)
        self.body.addLayout(self.form)
        self.rows = CodeRows(appearance)
        self.rows.setMinimumHeight(250)
        self.rows.go_requested.connect(lambda oid: self.go_requested.emit(self.layer_id, oid))
        self.total = label("small", wrap=True)
        self._layers: dict[str, LayerRow] = {}
        outer = self.layout()
        assert isinstance(outer, QVBoxLayout)  # noqa: S101 - as Ask makes it
        outer.setStretch(0, 1)  # the rows take what is left, not the space above the foot
        outer.setStretch(1, 0)
        self.resize(980, 660)

    @property
    def layer_id(self) -> str:
        """Return the id of the layer that is chosen, empty for none."""
        return str(self.layer.currentData() or "")

    @property
    def layer_rows(self) -> list[LayerRow]:
        """Return the layers that are offered."""
        return list(self._layers.values())

    def set_layers(self, layers: Sequence[LayerRow], chosen: str = "") -> None:
        """Offer layers of components, each with the words of its edition."""
        held = chosen or self.layer_id
        self._layers = {one[0]: one for one in layers}
        self.layer.blockSignals(True)
        self.layer.clear()
        for layer_id, title, _ in layers:
            self.layer.addItem(title, layer_id)
        self.layer.setCurrentIndex(max(self.layer.findData(held), 0))
        self.layer.blockSignals(False)
        self._on_layer()

    def _on_layer(self) -> None:
        stated = self._layers[self.layer_id][2] if self.layer_id in self._layers else ""
        self.edition.setText(stated or self.appearance.word("codes.edition.unstated"))
        self.clear_rows()
        self.layer_changed.emit(self.layer_id)

    def clear_rows(self) -> None:
        """Show that nothing was looked at yet."""
        none = pd.DataFrame({"kind": pd.Series(dtype=object), "oid": pd.Series(dtype="int64")})
        self.rows.show_rows(none, [], [], self.appearance.word("codes.all", count="0"))

    def _act(self, key: str, kind: str = "") -> QPushButton:
        press = button(self.appearance, key, kind)
        press.setAutoDefault(False)
        return press


class CodeRepairDialog(_CodesDialog):
    """What is wrong with the codes of a layer, and the codes proposed for it.

    Signals
    -------
    check_requested : (layer id, Options)
    apply_requested : (layer id, DataFrame of proposals)
    export_requested : (DataFrame of texts) the rows that are shown
    """

    export_requested = Signal(object)
    check_requested = Signal(str, object)
    apply_requested = Signal(str, object)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(appearance, "codes.repair.title", "codes.repair.why", parent)
        self.divisions = QLineEdit()
        self.divisions.setFixedWidth(220)
        appearance.say(self.divisions.setPlaceholderText, "codes.divisions.none")
        appearance.say(self.divisions.setToolTip, "codes.divisions.tip")
        self.fill_gaps = QCheckBox()
        appearance.say(self.fill_gaps.setText, "codes.fill_gaps")
        appearance.say(self.fill_gaps.setToolTip, "codes.fill_gaps.tip")
        self.look = self._act("codes.check")
        self.look.clicked.connect(self._ask)
        self.form.addRow(
            caption(appearance, "codes.divisions"), row(self.divisions, self.fill_gaps, 1, self.look, gap=16)
        )
        self.body.addWidget(self.rows, 1)
        self.body.addWidget(self.total)
        self.rows.ticked_changed.connect(self._tell)
        self.export = self._act("codes.list.export", "quiet")
        self.export.clicked.connect(lambda: self.export_requested.emit(self.rows.shown_texts()))
        self._foot.insertWidget(0, self.export)
        self.add_button("window.close", "")
        self.apply = self._act("codes.apply_none", "primary")
        self._foot.addWidget(self.apply)
        self.apply.clicked.connect(lambda: self.apply_requested.emit(self.layer_id, self.chosen))
        self._check: CodeCheck | None = None
        self._tell()

    @property
    def options(self) -> Options:
        """Return what the check goes by."""
        text = self.divisions.text().replace("，", ",").replace("、", ",").replace(" ", ",")
        return Options(tuple(part for part in text.split(",") if part), fill_gaps=self.fill_gaps.isChecked())

    @property
    def chosen(self) -> pd.DataFrame:
        """Return the proposals that are ticked."""
        return self.rows.chosen

    def show_check(self, layer_id: str, found: CodeCheck) -> None:
        """Show what was found, if it is of the layer that is chosen."""
        if layer_id != self.layer_id:
            return
        word = self.appearance.word
        self._check = found
        frame = found.rows.assign(
            kind_text=found.rows["kind"].map(lambda kind: word(f"codes.kind.{kind}")),
            why_text=found.rows["why"].map(lambda why: word(f"codes.why.{why}" if why else "codes.why.nothing")),
            new_text=found.rows["new"].where(found.rows["new"] != "", "—"),
            old_text=found.rows["old"].where(found.rows["old"] != "", "—"),
        )
        proposed = frame[frame["new"] != ""]["kind"].value_counts()
        kinds = [
            (kind, f"{word(f'codes.kind.{kind}')}  {count:,}", bool(proposed.get(kind, 0)))
            for kind, count in found.counts.items()
            if kind != "gaps"
        ]
        columns = [("kind_text", word("codes.column.kind"), 168), ("old_text", word("codes.column.old"), 160),
                   ("new_text", word("codes.column.new"), 160), ("why_text", word("codes.column.why"), 0)]  # fmt: skip
        can_be_ticked = (frame["new"] != "").to_numpy(dtype=bool)
        self.rows.show_rows(frame, columns, kinds, word("codes.all", count=f"{len(frame):,}"), can_be_ticked)
        self._tell()

    def clear_rows(self) -> None:
        """Show that nothing was looked at yet."""
        super().clear_rows()
        self._check = None
        if hasattr(self, "apply"):
            self._tell()

    def _ask(self) -> None:
        if self.layer_id:
            self.check_requested.emit(self.layer_id, self.options)

    def _tell(self) -> None:
        count = len(self.chosen) if self._check is not None else 0
        self.appearance.say(self.apply.setText, "codes.apply", count=f"{count:,}") if count else self.appearance.say(
            self.apply.setText, "codes.apply_none"
        )
        self.apply.setEnabled(bool(count))
        self.export.setEnabled(bool(len(self.rows.rows)))
        found = self._check
        if found is None:
            self.appearance.say(self.total.setText, "codes.not_checked")
            return
        self.appearance.say(
            self.total.setText, "codes.checked", total=f"{found.total:,}", faults=f"{len(found.rows):,}",
            open=f"{int((found.rows['new'] == '').sum()):,}", gaps=f"{found.counts.get('gaps', 0):,}",
            series=f"{len(found.gaps):,}",
        )  # fmt: skip


class MigrationDialog(_CodesDialog):
    """The codes of a layer in another edition, by a crosswalk.

    Signals
    -------
    crosswalk_requested : (layer id, edition id) a crosswalk is to be chosen
    template_requested : (layer id)
    unmatched_requested : ()
    apply_requested : (layer id)
    """

    crosswalk_requested = Signal(str, str)
    template_requested = Signal(str)
    unmatched_requested = Signal()
    apply_requested = Signal(str)

    def __init__(
        self, appearance: Appearance, targets: Sequence[tuple[str, str]], parent: QWidget | None = None
    ) -> None:
        super().__init__(appearance, "codes.migrate.title", "codes.migrate.why", parent)
        self.target = PlainCombo()
        for edition, title in targets:
            self.target.addItem(title, edition)
        self.target.setCurrentIndex(self.target.count() - 1)
        self.target.currentIndexChanged.connect(lambda _: self.clear_rows())
        self.choose_file = self._act("codes.migrate.open")
        self.template = self._act("codes.migrate.template", "quiet")
        self.file = label("small")
        self.choose_file.clicked.connect(lambda: self.crosswalk_requested.emit(self.layer_id, self.target_id))
        self.template.clicked.connect(lambda: self.template_requested.emit(self.layer_id))
        self.form.addRow(caption(appearance, "codes.migrate.target"), row(self.target, 1))
        self.form.addRow(
            caption(appearance, "codes.migrate.crosswalk"), row(self.choose_file, self.template, self.file, 1, gap=10)
        )
        self.body.addWidget(self.rows, 1)
        self.body.addWidget(self.total)
        self.unmatched = self._act("codes.migrate.unmatched")
        self._foot.addWidget(self.unmatched)
        self.unmatched.clicked.connect(self.unmatched_requested)
        self.add_button("window.close", "")
        self.apply = self._act("codes.migrate.apply", "primary")
        self._foot.addWidget(self.apply)
        self.apply.clicked.connect(lambda: self.apply_requested.emit(self.layer_id))
        self.made: Migration | None = None
        self._tell()

    @property
    def target_id(self) -> str:
        """Return the id of the edition to go to."""
        return str(self.target.currentData() or "")

    def show_preview(self, layer_id: str, file: str, made: Migration) -> None:
        """Show what the codes become, if they are of the layer that is chosen."""
        if layer_id != self.layer_id:
            return
        word, lang = self.appearance.word, self.appearance.lang
        self.made = made
        self.file.setText(file)
        self.file.setToolTip(plain_tip(file))
        rows = made.rows
        names = {code: f"{code} {one.title(lang)}" for code, one in made.old_edition.classes.items()}
        news = {code: f"{code} {one.title(lang)}" for code, one in made.new_edition.classes.items()}
        frame = pd.DataFrame({
            "kind": rows["note"], "oid": rows["oid"],
            "old": rows["old"].where(rows["old"] != "", "—"), "new": rows["new"].where(rows["new"] != "", "—"),
            "old_class": rows["old_class"].map(lambda code: names.get(code, code)),
            "new_class": rows["new_class"].map(lambda code: news.get(code, code)),
            "why": rows["note"].map({note: word(f"codes.note.{note}") for note in made.counts}),
        })  # fmt: skip
        kinds = [(note, f"{word(f'codes.note.{note}')}  {count:,}", False) for note, count in made.counts.items()]
        columns = [
            ("old", word("codes.column.old"), 142), ("old_class", word("codes.column.old_class"), 122),
            ("new", word("codes.column.new"), 142), ("new_class", word("codes.column.new_class"), 118),
            ("why", word("codes.column.why"), 0),
        ]  # fmt: skip
        self.rows.show_rows(frame, columns, kinds, word("codes.all", count=f"{len(frame):,}"))
        self._tell()

    def clear_rows(self) -> None:
        """Show that nothing was looked at yet."""
        super().clear_rows()
        self.made = None
        if hasattr(self, "apply"):
            self.file.setText("")
            self._tell()

    def _tell(self) -> None:
        made = self.made
        for press, on in ((self.apply, made is not None), (self.unmatched, made is not None and len(made.unmatched))):
            press.setEnabled(bool(on))
        if made is None:
            self.appearance.say(self.total.setText, "codes.migrate.nothing")
            return
        self.appearance.say(
            self.total.setText, "codes.migrate.total", total=f"{len(made.rows):,}",
            migrated=f"{len(made.rows) - len(made.unmatched):,}", kept=f"{made.counts.get(KEPT, 0):,}",
            unmatched=f"{len(made.unmatched):,}", field=made.old_field,
        )  # fmt: skip


def digits_of(edition: Edition) -> str:
    """Return how the digits of an edition are split: ``"6 + 2 + 3 + 5"``."""
    return " + ".join(str(part.digits) for part in edition.parts)

"""A report as a tree: groups and findings, any number of them, worded and drawn as they come into sight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QRect, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QTreeView,
    QWidget,
)

from models.checks.findings import Finding, Group, Report
from viewers.texts import finding_texts as texts
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.plain import plain_tip
from viewers.widgets.common.rows import DETAIL, Index, RowDelegate, RowPainter
from viewers.widgets.common.tree_rows import MOST_SIBLINGS

#: Where a row keeps its icon's name and tint, and what stands at its right.
ICON, BADGE = Qt.ItemDataRole.UserRole + 10, Qt.ItemDataRole.UserRole + 11
ROW_PX = 44

_STATUS_ICONS = {"failed": ("x-circle", "bad"), "passed": ("check-circle", "good"), "idle": ("minus-circle", "none"),
                 "unknown": ("question", "warn"), "": ("folder-simple", "text_faint")}  # fmt: skip
_SEVERITY_ICONS = {"error": ("warning-octagon", "bad"), "warning": ("warning", "warn"), "info": ("info", "accent")}
_DIFF_ICONS = {"added": ("plus-circle", "good"), "changed": ("pencil-simple", "warn"), "deleted": ("trash", "bad"),
               "probably": ("arrows-left-right", "warn")}  # fmt: skip


class FindingsModel(QAbstractItemModel):
    """A report's groups and findings; an index carries twice the group's number, or twice the finding's plus one.

    More findings than :data:`MOST_SIBLINGS` on one group hang on ranges below it, which are numbered after the groups:
    Qt asks for every child when a row is opened.

    Parameters
    ----------
    appearance : Appearance
        For the language.
    """

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._groups: Sequence[Group] = ()
        self._findings: Sequence[Finding] = ()
        self._said: list[str] = []
        self._said_in = ""
        self._children: dict[int, list[int]] = {}
        self._place: dict[int, tuple[int, int]] = {}
        #: Number of the first finding of a range by the number of its row, and where it stands among its group's.
        self._ranges: list[tuple[int, int, int]] = []
        #: Findings that pass the filter, in the order in which they stand.
        self.order: list[int] = []

    def set_report(self, report: Report | None) -> None:
        """Show another report, or nothing."""
        self._groups, self._findings = (report.groups, report.findings) if report else ((), ())
        self._said, self._said_in = [], ""
        self.filter("", "")

    def filter(self, text: str, severity: str) -> None:
        """Keep findings of a severity whose words contain ``text``; groups without any only while nothing is asked."""
        self.beginResetModel()
        shown = range(len(self._findings))
        if severity:
            shown = [at for at in shown if self._findings[at].severity == severity]  # type: ignore[assignment]
        if text:
            row_texts, wanted = self._texts(), text.casefold()
            shown = [at for at in shown if wanted in row_texts[at]]  # type: ignore[assignment]
        self._arrange(list(shown), keep_empty=not text and not severity)
        self.endResetModel()

    def finding(self, index: Index) -> Finding | None:
        """Return the finding of a row, None for a group."""
        at = index.internalId() if index.isValid() else 0
        return self._findings[at // 2] if index.isValid() and at % 2 else None

    def index_of(self, at: int) -> QModelIndex:
        """Return the index of a finding by its number."""
        place = self._place.get(2 * at + 1)
        return self.createIndex(place[1], 0, 2 * at + 1) if place else QModelIndex()

    def number_of(self, index: Index) -> int:
        """Return a finding's number, -1 for a group."""
        at = index.internalId() if index.isValid() else 0
        return at // 2 if index.isValid() and at % 2 else -1

    def _texts(self) -> list[str]:
        """Return what can be searched for: elements by name, class and GUID, and the words of their groups."""
        lang = self._appearance.lang
        if self._said_in != lang:
            self._said_in = lang
            titles = {group.id: texts.group_title(group, lang) for group in self._groups}
            titles |= {group.id: f"{titles.get(group.parent, '')} {titles[group.id]}" for group in self._groups}
            self._said = [
                " ".join(
                    (titles.get(one.group, ""), *(f"{p.name} {p.ifc_class} {p.guid}" for p in one.parties))
                ).casefold()
                for one in self._findings
            ]
        return self._said

    def _arrange(self, shown: list[int], *, keep_empty: bool) -> None:
        number = {group.id: at for at, group in enumerate(self._groups)}
        hung: dict[int, list[int]] = {}
        for at in shown:
            hung.setdefault(number.get(self._findings[at].group, -1), []).append(at)
        kept = set(range(len(self._groups))) if keep_empty else set()
        for at in hung:
            while at >= 0 and at not in kept:
                kept.add(at)
                at = number.get(self._groups[at].parent, -1)  # noqa: PLW2901 - it climbs
        self._children, self._place, self._ranges, self.order = {-1: []}, {}, [], []
        for at in sorted(kept):
            above = number.get(self._groups[at].parent, -1)
            self._put(2 * at, above)
        for above in [-1, *sorted(kept)]:
            own = hung.get(above, [])
            self.order += own
            for start in range(0, len(own), MOST_SIBLINGS):
                piece, under = own[start : start + MOST_SIBLINGS], above
                if len(own) > MOST_SIBLINGS:
                    under = len(self._groups) + len(self._ranges)
                    self._ranges.append((piece[0], start, len(piece)))
                    self._put(2 * under, above)
                rows = self._children.setdefault(under, [])
                self._place |= {2 * at + 1: (under, place) for place, at in enumerate(piece, len(rows))}
                rows += [2 * at + 1 for at in piece]

    def _put(self, id_: int, above: int) -> None:
        rows = self._children.setdefault(above, [])
        self._place[id_] = (above, len(rows))
        rows.append(id_)

    def _key(self, index: Index | None) -> int | None:
        """Return the group whose children are meant, None for a finding, which has none."""
        if index is None or not index.isValid():
            return -1
        return None if index.internalId() % 2 else index.internalId() // 2

    def index(self, row: int, column: int, parent: Index | None = None) -> QModelIndex:
        """Return the index of a row."""
        key = self._key(parent)
        rows = self._children.get(key, []) if key is not None else []
        return self.createIndex(row, column, rows[row]) if 0 <= row < len(rows) and column == 0 else QModelIndex()

    def parent(self, index: Index | None = None) -> Any:
        """Return the group above."""
        if index is None or not index.isValid():
            return QModelIndex()
        above = self._place.get(index.internalId(), (-1, 0))[0]
        return QModelIndex() if above < 0 else self.createIndex(self._place[2 * above][1], 0, 2 * above)

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """Return how many rows hang on a group."""
        key = self._key(parent)
        return 0 if key is None else len(self._children.get(key, ()))

    def columnCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """Return 1."""
        return 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the words, icon or count of a row."""
        if not index.isValid():
            return None
        at = index.internalId()
        if at % 2:
            return _of_finding(self._findings[at // 2], role, self._appearance.lang)
        if at // 2 >= len(self._groups):
            return self._of_range(at // 2 - len(self._groups), role)
        return self._of_group(at // 2, role)

    def _of_range(self, at: int, role: int) -> Any:
        first, start, count = self._ranges[at]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{start + 1:,} – {start + count:,}"
        if role in (DETAIL, Qt.ItemDataRole.ToolTipRole):
            title = texts.title(self._findings[first], self._appearance.lang)
            return title if role == DETAIL else plain_tip(title)
        return ("rows", "text_faint") if role == ICON else None

    def _of_group(self, at: int, role: int) -> Any:
        group, lang = self._groups[at], self._appearance.lang
        is_pair = group.code == "clash.pair"
        if role == Qt.ItemDataRole.DisplayRole and is_pair:  # two long names, one below the other
            return texts.class_text(str(group.facts["a"]), lang)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            title = texts.group_title(group, lang)
            return title if role == Qt.ItemDataRole.DisplayRole else plain_tip(title)
        if role == ICON and "severity" in group.facts:
            return _SEVERITY_ICONS[str(group.facts["severity"])]
        if role == ICON:
            return ("intersect", "text_soft") if is_pair else _DIFF_ICONS.get(group.id) or _STATUS_ICONS[group.status]
        if role == DETAIL and is_pair:
            return f"× {texts.class_text(str(group.facts['b']), lang)}"
        if role == DETAIL:
            return " · ".join(filter(None, (texts.status_text(group.status, lang), _tested(group, self._appearance))))
        if role == BADGE:
            count = group.counts.get("failed", 0)
            return f"{count:,}" if count else ""
        return None


def _tested(group: Group, appearance: Appearance) -> str:
    if not group.counts.get("applicable"):
        return ""
    return appearance.word("checks.passed_of", passed=f"{group.counts.get('passed', 0):,}",
                      total=f"{group.counts['applicable']:,}")  # fmt: skip


def _of_finding(finding: Finding, role: int, lang: str) -> Any:
    if role == Qt.ItemDataRole.DisplayRole:
        if finding.kind == "clash":
            return texts.party_text(finding.parties[0], lang)
        return texts.title(finding, lang)
    if role == BADGE:
        return texts.figure(finding)
    if role == DETAIL:
        return texts.remark(finding, lang)
    if role == Qt.ItemDataRole.ToolTipRole:
        return plain_tip(f"{texts.title(finding, lang)}\n{texts.sentence(finding, lang)}")
    if role == ICON:
        return _DIFF_ICONS.get(finding.code.removeprefix("diff.")) or _SEVERITY_ICONS[finding.severity]
    return None


class _Row(RowDelegate):
    """Draws an icon, a title, below it a second line, and a count at the right."""

    def height_of(self, index: Index) -> int:
        """Return how high a row is, pixels."""
        return ROW_PX

    def draw(self, row: RowPainter, index: Index) -> None:
        """Draw what a row holds."""
        box, right = row.box, row.box.right() - 10
        badge, detail = str(index.data(BADGE) or ""), str(index.data(DETAIL) or "")
        if badge:
            right -= row.badge(badge, right, "small", "text_soft", spare_px=2) + 8
        left = box.left() + 26
        top = QRect(left, box.top() + (3 if detail else 0), right - left, 20 if detail else box.height())
        icon, tint = index.data(ICON)
        row.icon(icon, tint, box.left() + 5, 15)
        elide = Qt.TextElideMode.ElideMiddle  # families put what tells them apart at the end
        row.text(top, str(index.data()), elide=elide)
        row.text(top.translated(0, 18), detail, "small", "text_faint", elide=elide)


class FindingsTree(QTreeView):
    """The tree with its filter and a way to step through.

    Signals
    -------
    chosen : (Finding) the current one, once the keys have come to rest
    """

    chosen = Signal(object)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = FindingsModel(appearance, self)
        self.setModel(self.rows)
        self.setItemDelegate(_Row(appearance, self))
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setIndentation(14)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._rest = QTimer(self, singleShot=True, interval=140)
        self._rest.timeout.connect(self._tell)
        self.selectionModel().currentChanged.connect(lambda *_: self._rest.start())
        self.clicked.connect(lambda _: self._rest.start())
        appearance.look_changed.connect(self.viewport().update)
        appearance.lang_changed.connect(self.viewport().update)

    def set_report(self, report: Report | None) -> None:
        """Show another report, groups closed but for a single one."""
        self.rows.set_report(report)
        self._open_few()

    def filter(self, text: str, severity: str) -> None:
        """Show only what matches, opened if it is little."""
        kept = self.current
        self.rows.filter(text, severity)
        self._open_few()
        if kept >= 0 and (index := self.rows.index_of(kept)).isValid():
            self.setCurrentIndex(index)

    @property
    def current(self) -> int:
        """Return the number of the current finding, -1 for none."""
        return self.rows.number_of(self.currentIndex())

    def chosen_findings(self) -> list[Finding]:
        """Return the selected findings; a selected group stands for all of its own."""
        found: dict[str, Finding] = {}

        def collect(index: QModelIndex) -> None:
            one = self.rows.finding(index)
            if one is not None:
                found[one.id] = one
            for row in range(self.rows.rowCount(index)):
                collect(self.rows.index(row, 0, index))

        for index in self.selectionModel().selectedIndexes():
            collect(index)
        return list(found.values())

    def step(self, by: int) -> None:
        """Go to the next or the last finding in sight of the filter, round and round."""
        order = self.rows.order
        if not order:
            return
        try:
            at = (order.index(self.current) + by) % len(order)
        except ValueError:
            at = 0 if by > 0 else len(order) - 1
        self.show_finding(order[at])

    def show_finding(self, number: int) -> None:
        """Make a finding the current one and bring it into sight."""
        index = self.rows.index_of(number)
        self.setCurrentIndex(index)
        self.scrollTo(index)

    def place(self) -> tuple[int, int]:
        """Return (position of the current finding from 1, how many pass the filter); position 0 for none."""
        order = self.rows.order
        return (order.index(self.current) + 1 if self.current in order else 0), len(order)

    def _open_few(self) -> None:
        if len(self.rows.order) <= 60:
            self.expandAll()
        else:
            self.expandToDepth(0) if self.rows.rowCount() <= 4 else self.collapseAll()

    def _tell(self) -> None:
        found = self.rows.finding(self.currentIndex())
        if found is not None:
            self.chosen.emit(found)


def tally(report: Report, colours: Mapping[str, str]) -> list[tuple[float, str]]:
    """Return the outcome as parts of a bar: specifications by status, differences by kind, else by severity."""
    if report.kind == "ids":
        names = (("passed", "good"), ("failed", "bad"), ("unknown", "warn"), ("idle", "none"))
        parts = [(report.counts.get(name, 0), tint) for name, tint in names]
        total = report.counts.get("specifications", 0)
    elif report.kind == "diff":
        names = (("changed", "warn"), ("probably", "warn"), ("added", "good"), ("deleted", "bad"))
        parts = [(report.counts.get(name, 0), tint) for name, tint in names]
        total = max(report.counts.get("old", 0), report.counts.get("new", 0))
    else:
        counted = dict.fromkeys(_SEVERITY_ICONS, 0)
        for finding in report.findings:
            counted[finding.severity] += 1
        parts = [(count, _SEVERITY_ICONS[severity][1]) for severity, count in counted.items()]
        total = len(report.findings)
    return [(count / total, colours[tint]) for count, tint in parts if total]

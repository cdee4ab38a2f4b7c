"""The CRS doctor at the bedside: what it thinks of one layer, why, how sure, and what else it could be."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QIcon
from PySide6.QtWidgets import QBoxLayout, QFormLayout, QHBoxLayout, QListWidget, QListWidgetItem, QPushButton, QWidget

from models.crs.doctor.verdict import Candidate, Standing, Verdict
from viewers.texts.crs_texts import candidate_text, code_text, crs_name, lift_text, reason_text, signed, target_text
from viewers.widgets.common.appearance import Appearance, chip
from viewers.widgets.common.controls import ShareBar, button, caption, column, label, row
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.plain import plain_tip
from viewers.widgets.common.rows import DETAIL, rows_list
from viewers.widgets.crs.crs_map import CrsMap

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CandidateView:
    """One candidate and where it would put the layer.

    Parameters
    ----------
    what : Candidate
    lonlat : ndarray (n, 2)
        Some of the layer's points in degrees; empty where it has no place.
    shared : float
        Share of its extent that other layers share, 0…1; NaN without others.
    gap_km : float
        To the nearest other layer; NaN without others.
    """

    what: Candidate
    lonlat: Array
    shared: float = float("nan")
    gap_km: float = float("nan")


@dataclass(frozen=True, slots=True)
class CrsView:
    """All that the dialog shows of a layer."""

    name: str
    verdict: Verdict
    standing: Standing | None
    candidates: tuple[CandidateView, ...]
    others: list[Array] = field(default_factory=list)


class CrsDialog(Ask):
    """The question.

    Answers ``"accept"``, ``"use"`` (:attr:`chosen`), ``"other"``, ``"fit"``, ``"plane"``, ``"as_read"``, ``"lift"`` or
    ``"unlift"``.
    """

    def __init__(
        self, appearance: Appearance, view: CrsView, parent: QWidget | None = None, *, opened: bool = True
    ) -> None:
        super().__init__(appearance, "crs_panel.title", parent)
        self.view = view
        verdict, lang = view.verdict, appearance.lang
        head = label("heading", wrap=True)
        head.setText(f"{view.name}  ·  {code_text(verdict.code, lang)}")
        self.body.addWidget(head)
        self.body.addLayout(self._sureness())
        self.lift: QPushButton | None = None
        self.body.addLayout(self._facts(opened))
        self.list = rows_list(appearance)
        self.list.setMinimumWidth(330)
        self.list.setMinimumHeight(190)
        self.map = CrsMap(appearance)
        self.map.set_others(view.others)
        self.where = label("small", wrap=True)
        legend = caption(appearance, "crs_panel.map", "faint", wrap=True)
        left = column(caption(appearance, "crs_panel.candidates", "strong"), self.list, gap=6)
        right = column(self.map, self.where, legend, gap=4)
        pair = row(left, right, gap=16)
        pair.setStretch(0, 5)
        pair.setStretch(1, 6)
        self.body.addLayout(pair)
        self.body.setStretch(3, 1)
        self._fill()
        ways = row(gap=8)
        offers = (("crs_panel.other", "other"), ("crs_panel.fit", "fit"), ("crs_panel.plane", "plane"))
        for key, answer in offers if opened else offers[:1]:  # what is not there yet cannot be fitted
            press = button(appearance, key, "quiet")
            press.setAutoDefault(False)
            press.clicked.connect(lambda _=False, answer=answer: self._end(answer))
            ways.addWidget(press)
        ways.addStretch(1)
        self.body.addLayout(ways)
        self.as_read: QPushButton | None = None
        if view.standing is not None:
            self.as_read = self.add_button("crs_panel.as_read", "as_read")
        self.add_button("window.cancel", "")
        self.ok = self.add_button("crs_panel.accept", "accept", "primary")
        self.ok.clicked.disconnect()
        self.ok.clicked.connect(self._on_ok)
        self.list.currentRowChanged.connect(self._on_row_changed)
        self.list.setCurrentRow(0)
        self._on_row_changed(0)
        fill(self)
        self.resize(900, 700)

    @property
    def chosen(self) -> Candidate | None:
        """Return the candidate that is marked."""
        at = self.list.currentRow()
        return self.view.candidates[at].what if 0 <= at < len(self.view.candidates) else None

    def _sureness(self) -> QHBoxLayout:
        verdict = self.view.verdict
        bar = ShareBar(self.appearance, 8)
        tint = "good" if verdict.sure >= 0.8 else "warn" if verdict.sure >= 0.4 else "bad"
        bar.set_parts([(verdict.sure, self.appearance.colour(tint).name())])
        share = caption(self.appearance, "crs_panel.sure", "strong", percent=round(100 * verdict.sure))
        line = row(bar, share, gap=12)
        line.setStretch(0, 1)
        return line

    def _facts(self, opened: bool) -> QFormLayout:
        verdict, standing, lang = self.view.verdict, self.view.standing, self.appearance.lang
        form = QFormLayout()
        form.setHorizontalSpacing(18)
        form.setVerticalSpacing(6)
        stands = target_text(standing.crs, standing.steps, lang) if standing else crs_name(verdict.declared, lang)
        plane_only = standing is not None and standing.lift_m and verdict.done == "nothing"
        done = "lifted" if plane_only else verdict.done
        texts = [
            ("crs_panel.declared", crs_name(verdict.declared, lang)), ("crs_panel.stands", stands),
            ("crs_panel.done", self.appearance.word(f"crs_doctor.done.{done}")),
        ]  # fmt: skip
        for key, text in texts:
            value = label(wrap=True, select=True)
            value.setText(text)
            form.addRow(caption(self.appearance, key, "soft"), value)
        if opened:
            self._add_heights(form)
        why = label(wrap=True, select=True)
        why.setText("\n".join(f"• {reason_text(reason, lang)}" for reason in verdict.reasons[:7]) or "—")
        why.setAlignment(Qt.AlignmentFlag.AlignTop)
        heading = caption(self.appearance, "crs_panel.why", "soft")
        heading.setAlignment(Qt.AlignmentFlag.AlignTop)
        form.addRow(heading, why)
        return form

    def _add_heights(self, form: QFormLayout) -> None:
        """Say what could be done to the heights, or was, with the button that does it or takes it off."""
        lift, standing = self.view.verdict.lift, self.view.standing
        added_m = standing.lift_m if standing is not None else 0.0
        if not added_m and lift is None:
            return
        value = label(wrap=True, select=True)
        if added_m:
            value.setText(self.appearance.word("crs_doctor.lift.done", metres=signed(added_m)))
            self.lift = button(self.appearance, "crs_panel.unlift", "quiet")
        elif lift is not None:
            value.setText(lift_text(lift, self.appearance.lang))
            self.lift = button(self.appearance, "crs_panel.lift", "quiet", metres=signed(lift.metres))
        assert self.lift is not None  # noqa: S101 - one of both
        self.lift.setAutoDefault(False)
        self.lift.clicked.connect(lambda: self._end("unlift" if added_m else "lift"))
        line = row(value, self.lift, gap=12)
        line.setStretch(0, 1)
        form.addRow(caption(self.appearance, "crs_panel.heights", "soft"), line)

    def _fill(self) -> None:
        lang = self.appearance.lang
        for one in self.view.candidates:
            percent = f"{one.what.sure * 100:.0f} %" if one.what.sure >= 0.005 else "< 1 %"
            item = QListWidgetItem(self._dot(one), f"{code_text(one.what.code, lang)}  ·  {percent}")
            steps, crs = one.what.steps, one.what.crs
            item.setData(DETAIL, target_text(crs, steps, lang) if steps else crs_name(crs, lang))
            item.setToolTip(plain_tip(f"{candidate_text(one.what, lang)}\n{crs_name(one.what.crs, lang)}"))
            self.list.addItem(item)

    def _dot(self, one: CandidateView) -> QIcon:
        tint = "good" if one.what.sure >= 0.8 else "warn" if one.what.sure >= 0.2 else "none"
        return QIcon(chip(QColor(self.appearance.colour(tint)).name(), 14))

    def _on_row_changed(self, at: int) -> None:
        word = self.appearance.word
        if not 0 <= at < len(self.view.candidates):
            self.map.set_own(np.empty((0, 2)), word("crs_panel.map.none"))
            self.ok.setEnabled(False)
            return
        one = self.view.candidates[at]
        self.map.set_own(one.lonlat, word("crs_panel.map.none"))
        texts: list[str] = []
        if len(one.lonlat):
            lon, lat = np.median(one.lonlat, axis=0)
            texts.append(word("crs_panel.place", lon=float(lon), lat=float(lat)))
            if np.isnan(one.gap_km):
                texts.append(word("crs_panel.alone"))
            elif one.gap_km > 0.5:
                texts.append(word("crs_panel.apart", km=one.gap_km))
            else:
                texts.append(word("crs_panel.shared", percent=round(100 * one.shared)))
        self.where.setText("  ·  ".join(texts))
        self.ok.setEnabled(bool(one.what.crs))
        verdict = self.view.verdict
        is_verdict = (one.what.crs, one.what.steps) == (verdict.crs, verdict.steps)
        self.appearance.hush(self.ok.setText)
        self.appearance.say(self.ok.setText, "crs_panel.accept" if is_verdict else "crs_panel.use")

    def _on_ok(self) -> None:
        chosen, verdict = self.chosen, self.view.verdict
        if chosen is not None:
            same = (chosen.crs, chosen.steps) == (verdict.crs, verdict.steps)
            self._end("accept" if same else "use")


def fill(ask: Ask) -> None:
    """Let the body of a question have all the room there is."""
    layout = ask.layout()
    if isinstance(layout, QBoxLayout):
        layout.setStretch(0, 100)


def search_list() -> QListWidget:
    """Return the list of a search."""
    result = QListWidget()
    result.setAlternatingRowColors(True)
    result.setMinimumHeight(320)
    return result

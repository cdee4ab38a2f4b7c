"""The slides of the meeting: native charts whose values are the figures, notes of the stops, the same bytes twice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pptx import Presentation

from app.session import Session
from app.usecases.report.basis import report_basis
from models.health.results import CITY_OID, IndicatorResult, UnitValue
from models.review.agenda import Stop
from models.views.camera import Camera
from models.views.snapshot_spec import SnapshotSpec
from viewers.documents.report.basis import ReportBasis
from viewers.documents.report.deck import deck_of
from viewers.documents.report.deck_file import write_deck


def _basis(session: Session) -> ReportBasis:
    units = tuple(
        UnitValue("districts", at, f"37010200{at}", name, name, value, value, 40.0, 0.5, "partial", grade="not_met")
        for at, (name, value) in enumerate((("=甲街道", 3.0), ("乙\x0b街道", 4.0)), 1)
    )
    city = UnitValue("", CITY_OID, "", "全市", "Whole city", 7.0, 7.0, 80.0, 0.5, "partial", grade="not_met")
    result = IndicatorResult("HC25-01", "2025", units, city)
    session.history.do("history.set_profile", lambda state: replace(state, name="甲市", results=(result,)))
    basis = report_basis(session, "zh", date="2026-11-30")
    failing = tuple(
        replace(one, state="not_met") if one.definition.code == "HC25-01" else one for one in basis.standings
    )
    return replace(basis, standings=failing)


def _texts(slide: object) -> str:
    return "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)  # type: ignore[attr-defined]


def test_a_slide_of_an_indicator_has_a_chart_of_the_figures(session: Session, tmp_path: Path) -> None:
    basis = _basis(session)
    write_deck(tmp_path / "deck.pptx", deck_of(basis))
    slides = list(Presentation(str(tmp_path / "deck.pptx")).slides)
    assert len(slides) == 3
    assert all("甲市" in _texts(slide) for slide in slides)
    charts = [shape.chart for shape in slides[2].shapes if shape.has_chart]
    known = sorted(float(basis.figures.value(f"HC25-01/37010200{at}/value") or 0.0) for at in (1, 2))
    assert sorted(charts[0].plots[0].series[0].values) == known
    assert not any(name.startswith("=") for name in charts[0].plots[0].categories)
    table = next(shape.table for shape in slides[1].shapes if shape.has_table)
    shown = table.cell(len(table.rows) - 1, 1).text_frame.text
    assert shown == str(basis.figures.value("standing/all/indicators"))


def test_a_stop_keeps_its_notes_for_the_speaker_and_the_bytes_are_equal_twice(session: Session, tmp_path: Path) -> None:
    stop = Stop(
        "s1",
        "看这里",
        SnapshotSpec("", width_px=16, height_px=9, camera=Camera((0.0, 0.0, 1.0), (0.0, 0.0, 0.0))),
        "HC25-01",
        notes="先说结论",
    )
    basis = _basis(session)
    for deck, name in ((deck_of(basis, (stop,)), "stops"), (deck_of(basis), "indicators")):
        for at in (1, 2):
            write_deck(tmp_path / f"{name}{at}.pptx", deck)
        assert (tmp_path / f"{name}1.pptx").read_bytes() == (tmp_path / f"{name}2.pptx").read_bytes()
    last = list(Presentation(str(tmp_path / "stops1.pptx")).slides)[-1]
    assert last.notes_slide.notes_text_frame.text == "先说结论"
    assert "看这里" in _texts(last)

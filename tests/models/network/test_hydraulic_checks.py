"""Errors of a model are named, with object and line, before an engine sees it."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.network.hydraulics.checks import MOST_OF_A_KIND, check_model
from models.network.hydraulics.document import document_of, read_document
from tests.support.network.hydraulic_models import EPANET, SWMM
from tests.support.paths import DATA


def row(*tokens: str) -> str:
    return "".join(f"{token:17}" for token in tokens).rstrip()


def found(text: str) -> list[tuple[str, str, str]]:
    return [(one.code, one.name, one.what) for one in check_model(document_of(text.encode(), "m.inp"))]


def test_sound_models_have_no_findings() -> None:
    assert found(SWMM) == []
    assert found(EPANET) == []


@pytest.mark.parametrize(
    ("was", "now", "finding"),
    [
        (row("C2", "J2", "O1"), row("C2", "J2", "NO"), ("undefined_node", "C2", "NO")),
        ("TIMESERIES R1", "TIMESERIES R9", ("undefined_series", "G1", "R9")),
        (row("S2", "G1", "j2"), row("S2", "G1", "J9"), ("undefined_outlet", "S2", "J9")),
        (row("S2", "G1", "j2"), row("S2", "G9", "J2"), ("undefined_gage", "S2", "G9")),
        ("C2               RECT_CLOSED", "C9               RECT_CLOSED", ("no_section", "C2", "")),
        ("J2               9.50 ", "J1               9.50 ", ("duplicate_name", "J1", "")),
        ("J1               J2               100", "J1               J2               -100",
         ("bad_number", "C1", "length = -100")),
        ("O1               9.00       FREE", ";", ("no_outfall", "", "")),
        ("[OUTFALLS]", "[OUTFALLS]\nO2 9 TIDAL T9", ("undefined_curve", "O2", "T9")),
        ("[REPORT]", "[JUNCTIONS]\nJ7 0 1\n[REPORT]", ("lone_node", "J7", "")),
        ("[TIMESERIES]", "[DWF]\nJ1 FLOW 0.1 \"P9\"\n[TIMESERIES]", ("undefined_pattern", "J1", "P9")),
        ("[REPORT]", "[STRANGE]\nwhat ever\n[REPORT]", ("unknown_section", "", "[STRANGE]")),
        ("[REPORT]", "[REPORT]\n" + "x " * 600, ("line_too_long", "", "1,201")),
    ],
)  # fmt: skip
def test_an_error_of_swmm_is_named(was: str, now: str, finding: tuple[str, str, str]) -> None:
    assert was in SWMM
    assert finding in found(SWMM.replace(was, now, 1))


@pytest.mark.parametrize(
    ("was", "now", "finding"),
    [
        ("\tA           \t500", "\tX           \t500", ("undefined_node", "P1", "X")),
        ("\tP1              \t;", "\tP9              \t;", ("undefined_pattern", "A", "P9")),
        ("[PATTERNS]", "[PUMPS]\n PU R A HEAD C9\n[PATTERNS]", ("undefined_curve", "PU", "C9")),
        ("\t200         \t130", "\t0         \t130", ("bad_number", "P1", "diameter = 0")),
        (" B               \t12", " A               \t12", ("duplicate_name", "A", "")),
    ],
)
def test_an_error_of_epanet_is_named(was: str, now: str, finding: tuple[str, str, str]) -> None:
    assert was in EPANET
    assert finding in found(EPANET.replace(was, now, 1))


def test_names_are_compared_as_the_engine_compares_them() -> None:
    assert ("undefined_node", "P2", "a") in found(EPANET.replace("P2              \tA ", "P2              \ta "))
    assert "undefined_outlet" not in [code for code, _, _ in found(SWMM)]  # j2 is J2 to SWMM


def test_parts_that_reach_no_outfall_are_told_once_with_their_size() -> None:
    text = SWMM.replace("[OUTFALLS]", "[JUNCTIONS]\nA1 5 1\nA2 4 1\n[OUTFALLS]")
    text = text.replace("[XSECTIONS]", "CX A1 A2 10 0.01 0 0\n[XSECTIONS]\nCX CIRCULAR 0.3")
    (part,) = [one for one in check_model(document_of(text.encode())) if one.code == "cut_off_outfall"]
    assert (part.name, part.count) == ("A1", 2)


def test_very_many_findings_of_a_kind_are_counted() -> None:
    lost = "\n".join(f"L{at} J1 X{at} 10 0.01 0 0" for at in range(MOST_OF_A_KIND + 50))
    issues = check_model(document_of(SWMM.replace("[XSECTIONS]", f"{lost}\n[XSECTIONS]").encode()))
    assert [one.count for one in issues if one.code == "more"] == [50, 50]  # nodes and cross-sections


@pytest.mark.data
@pytest.mark.skipif(not (DATA / "networks").is_dir(), reason="no real models here")
def test_the_two_models_that_are_wrong_on_purpose_and_only_they_have_errors() -> None:
    wrong = {}
    for path in sorted((DATA / "networks").glob("*/*.inp")):
        if errors := [one for one in check_model(read_document(path), path.parent) if one.severity == "error"]:
            wrong[path.name] = {(one.code, one.what) for one in errors}
    assert wrong["Example1.inp"] == {("undefined_gage", "TS1")}
    assert ("undefined_outlet", "NonExistantnode1") in wrong.pop("invalid_model.inp")
    assert list(wrong) == ["Example1.inp"]


def test_a_file_outside_the_folder_is_named(tmp_path: Path) -> None:
    text = SWMM.replace("TIMESERIES R1", 'FILE "../rain.dat" ST1 MM')
    (issue,) = [one for one in check_model(document_of(text.encode()), tmp_path) if one.code == "file_missing"]
    assert issue.what == "../rain.dat"

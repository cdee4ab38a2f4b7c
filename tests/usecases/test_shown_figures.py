"""What the command line shows of tables that went wrong once: digits, years, codes, whole numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.command_line.main import run

SMALL = "name,lon,lat,坡度,渗透系数,slope,depth\nA,120.3012345,36.1012345,0.003,0.0000123,0.0125,1.2345\n"
CODES = "name,lon,lat,建成年份,行政区划代码,year_built,邮编\nA,120.3,36.1,1998,370211,1998,266000\n"


def shown(capsys: pytest.CaptureFixture[str], path: Path, lang: str) -> list[str]:
    assert run(["query", str(path), "--lang", lang]) == 0
    return capsys.readouterr().out.splitlines()[1].split()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_small_numbers_and_degrees_are_shown_to_their_last_digit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lang: str
) -> None:
    (tmp_path / "small.csv").write_text(SMALL, encoding="utf-8")
    wanted = ["1", "A", "120.3012345", "36.1012345", "0.003", "1.23e-5", "0.0125", "1.2345"]
    assert shown(capsys, tmp_path / "small.csv", lang) == wanted


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_years_and_codes_are_shown_as_they_are_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lang: str
) -> None:
    (tmp_path / "codes.csv").write_text(CODES, encoding="utf-8")
    assert shown(capsys, tmp_path / "codes.csv", lang) == [
        "1",
        "A",
        "120.3",
        "36.1",
        "1998",
        "370211",
        "1998",
        "266000",
    ]


def test_the_extent_of_degrees_keeps_their_digits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "small.csv").write_text(SMALL, encoding="utf-8")
    assert run(["info", str(tmp_path / "small.csv"), "--lang", "en"]) == 0
    assert "120.3012345, 36.1012345" in capsys.readouterr().out

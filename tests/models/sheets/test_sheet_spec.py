"""Pages as data."""

from __future__ import annotations

import pytest

from models.sheets.spec import PAPERS, SheetSpec


@pytest.mark.parametrize("paper", PAPERS)
def test_a_page_lies_on_its_long_side_or_stands(paper: str) -> None:
    short, long = PAPERS[paper]
    assert SheetSpec("s", paper=paper).size_mm == (long, short)
    assert SheetSpec("s", paper=paper, landscape=False).size_mm == (short, long)
    assert long / short == pytest.approx(2**0.5, abs=0.005)

"""Real layers with two mistakes at a time: never surely wrong. benchmarks/crs_matrix.py prints the whole table."""

from __future__ import annotations

import sys

import pytest

from models.crs.doctor.examine import examine
from tests.support.crs import mistakes as crs_mistakes
from tests.support.crs.judging import judged
from tests.support.paths import DATA

#: Every so many of the pairs is tried here; all of them in the benchmark.
EVERY = 6


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.skipif(not DATA.is_dir(), reason="no shared data")
def test_of_real_layers_with_two_mistakes_95_of_100_are_told_and_none_surely_wrong(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = [crs_mistakes.scene(DATA, name) for name in crs_mistakes.SCENES]
    scenes = [scene for scene in found if scene is not None]
    assert len(scenes) >= 6
    judgements = [
        (case.pair, judged(case, examine(case.seen, case.around)))
        for number, case in enumerate(crs_mistakes.cases(scenes, 1)) if number // 2 % EVERY == 0
    ]  # fmt: skip
    right = sum(one.right for _, one in judgements)
    with capsys.disabled():
        sys.stdout.write(f"\nTwo mistakes at a time: {right}/{len(judgements)} right\n")
    assert not [f"{pair}: {one.text}" for pair, one in judgements if one.wrong]
    assert right >= 0.95 * len(judgements), "\n".join(f"{p}: {one.text}" for p, one in judgements if not one.right)

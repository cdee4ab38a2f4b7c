"""The CRS doctor before real layers with two mistakes at a time.

Run: ``python benchmarks/crs_matrix.py DATA [--each 2] [--only WORD] [--wrong]``; DATA is the folder of shared data.

What is counted
---------------
right
    Beside the true layer the verdict must put every point within a metre of where it is. Alone too, unless one of the
    mistakes is hidden (numbers and label do not show it, as a web map's shift): then the truth must be among the
    candidates and the verdict below 0.9; of two hidden ones only that is asked. Old datums, which only local parameters
    undo: below 0.9 and within 150 m.
wrong
    A verdict of 0.9 or more that puts the layer elsewhere. There must be none.
done
    Layers that would be moved without asking, though a second, hidden mistake leaves them elsewhere.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from models.crs.doctor.examine import examine
from tests.support.crs import mistakes as crs_mistakes
from tests.support.crs.judging import Judged, judged


def main() -> int:
    """Print the table; 1 where a verdict of 0.9 or more is wrong, or fewer than 95 of 100 are right."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--each", type=int, default=2, help="scenes a pair is tried at")
    parser.add_argument("--only", default="", help="pairs whose name has this word")
    parser.add_argument("--wrong", action="store_true", help="list what is not right")
    asked = parser.parse_args()
    found = [crs_mistakes.scene(asked.data, name) for name in crs_mistakes.SCENES]
    scenes = [one for one in found if one is not None]
    rows: dict[str, list[Judged]] = defaultdict(list)
    began = time.perf_counter()
    for case in crs_mistakes.cases(scenes, asked.each):
        if asked.only in case.pair:
            rows[case.pair].append(judged(case, examine(case.seen, case.around)))
    everything = [one for row in rows.values() for one in row]
    print(f"{'pair':58} alone  beside  surest  wrong  done")
    for pair, row in rows.items():
        alone, beside = ([one for one in row if one.is_near == near] for near in (False, True))
        print(
            f"{pair:58} {sum(o.right for o in alone)}/{len(alone)}    {sum(o.right for o in beside)}/{len(beside)}"
            f"     {max(o.sure for o in row):.2f}    {sum(o.wrong for o in row)}      {sum(o.done for o in row)}"
        )
        for one in row if asked.wrong else ():
            if not one.right:
                print(f"      {one.text}")
    total, right = len(everything), sum(one.right for one in everything)
    for near, name in ((False, "alone"), (True, "beside the true layer")):
        part = [one for one in everything if one.is_near == near]
        print(f"{name}: {sum(o.right for o in part)} of {len(part)} right")
    wrong, done = sum(one.wrong for one in everything), sum(one.done for one in everything)
    seconds = time.perf_counter() - began
    print(
        f"{len(rows)} pairs, {total} files: {right} right ({100 * right / total:.1f} %), {wrong} wrong at 0.9 or more,"
    )
    print(f"{done} moved unasked but not to the place; {seconds:.0f} s")
    return 0 if not wrong and right >= 0.95 * total else 1


if __name__ == "__main__":
    raise SystemExit(main())

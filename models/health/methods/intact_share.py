"""Share of components in good state among those whose state is known: manhole covers."""

from __future__ import annotations

from typing import Any

import numpy as np

from models.facilities import register
from models.health import coverage
from models.health.coverage import Floats
from models.health.editions import IndicatorDef, Threshold
from models.health.partition import CODE_EDITION, COVER, Measured, Method, Need, Partition, Split, objects


def measure(partition: Partition, definition: IndicatorDef) -> Measured:
    """Return covers in good state and covers of known state by unit; problems are the covers that are not.

    Covers that are out of use stand on neither side, and are not among those whose state should be known.
    """
    rules = definition.parameters
    every = partition.frames["facilities"]
    covers = every[every[COVER].to_numpy(bool)].reset_index(drop=True)
    status = register.status_of(covers).astype(str)
    unit = coverage.district_of(covers["_shape"], partition.shapes)
    here = partition.counts(unit) & ~np.isin(status, rules["out_states"])
    known = here & ~np.isin(status, rules["unknown_states"])
    good = known & np.isin(status, rules["good_states"])
    bad, fine = np.flatnonzero(known & ~good), np.flatnonzero(good)
    severity = np.array([register.states()[name].severity for name in status], dtype=float)

    def tally(chosen: Any) -> Floats:
        return np.bincount(unit[chosen], minlength=len(partition.units)).astype(float)

    reasons = np.array([f"cover_{name}" for name in status], dtype=object)
    return Measured(
        tally(good),
        tally(known),
        factor=100.0,
        seen=tally(here),
        good=objects(covers, fine, unit[fine], reasons[fine]),
        bad=objects(covers, bad, unit[bad], reasons[bad], None, severity[bad], loss=1.0),
        used={"facilities": covers[here]},
    )


def thresholds(definition: IndicatorDef) -> list[Threshold]:
    """Return which states count as good, and which take a cover out of the count."""
    rules = definition.parameters
    return [Threshold(name, {"states": rules[name]}) for name in ("good_states", "out_states")]


def needs(_: IndicatorDef) -> list[Need]:
    """Return the code and its edition, which tell covers from lamps, and the state."""
    return [Need("facilities", register.CODE_FIELDS), Need("facilities", (CODE_EDITION,)),
            Need("facilities", register.STATE_FIELDS)]  # fmt: skip


METHOD = Method(
    measure,
    thresholds,
    {"facilities": (*register.CODE_FIELDS, *register.STATE_FIELDS, CODE_EDITION, COVER)},
    needs=needs,
    split=Split(own=lambda _: ("facilities",)),
)

"""What a result is known by on paper: a short hash of its figures and of what they were worked out from."""

from __future__ import annotations

import hashlib
import json

from models.health.results import IndicatorResult, UnitValue

#: Signs of a hash as it is printed.
SIGNS = 12


def result_hash(result: IndicatorResult) -> str:
    """Return the hash of a result: the same figures from the same inputs have the same one, whenever they were made.

    Every value by unit goes in with numerator, denominator and coverage, and the stamp: definition, CRS and
    fingerprints of what was read. When it was computed and by which version of the program does not.
    """
    stamp = result.stamp
    told = [
        result.code, result.edition, result.origin, result.reading, result.definitions, _told(result.city),
        [_told(one) for one in result.units], [_told(one) for one in result.estates], stamp.definition, stamp.crs,
        [[read.layer_id, read.role, sorted(read.fields.items())] for read in stamp.layers],
    ]  # fmt: skip
    raw = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    return hashlib.sha256(raw).hexdigest()[:SIGNS]


def _told(unit: UnitValue) -> list[object]:
    return [unit.unit_code, unit.unit_oid, unit.value, unit.numerator, unit.denominator, unit.coverage, unit.grade]

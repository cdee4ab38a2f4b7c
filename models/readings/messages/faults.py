"""What is wrong with messages, by kind and counted: a source that sends nonsense all day fills no memory and no log."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

#: In the order in which they are shown; ``live.fault.<kind>`` is the word.
KINDS = (
    "too_large", "not_json", "too_many", "topic", "no_sensor", "no_quantity", "bad_name", "no_value", "not_a_number",
    "not_finite", "no_time", "bad_time", "no_zone", "too_old", "too_new", "unit", "too_many_channels",
)  # fmt: skip
_ODD = re.compile(r"[^\x20-\x7e\u00a0-\u2027\u2030-\u205f\u2070-\ufdff\ufe30-\ufefe\uff00-\uffef]")


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of what was wrong.

    Parameters
    ----------
    count : int
        Of messages, or of readings in them.
    first : str
        The first one, shortened, without control characters.
    last_us : int
        When the last one came.
    """

    count: int
    first: str
    last_us: int


class Faults:
    """Counts what is wrong, by kind."""

    def __init__(self) -> None:
        self._found: dict[str, Fault] = {}

    def add(self, kind: str, example: object, time_us: int, count: int = 1) -> None:
        """Count one kind; the example of the first is kept."""
        before = self._found.get(kind)
        self._found[kind] = (
            Fault(count, shown(example), time_us)
            if before is None
            else Fault(before.count + count, before.first, time_us)
        )

    def by_kind(self) -> Mapping[str, Fault]:
        """Return what was found, in the order of :data:`KINDS`."""
        return {kind: self._found[kind] for kind in KINDS if kind in self._found}

    @property
    def total(self) -> int:
        """Return how many there were."""
        return sum(fault.count for fault in self._found.values())


def shown(example: object, most: int = 80) -> str:
    """Return a piece of a stranger's message as it may be shown: short, of one line, without control characters."""
    text = example[:400].decode("utf-8", "replace") if isinstance(example, bytes) else str(example)[:400]
    text = _ODD.sub("�", text)
    return text if len(text) <= most else text[: most - 1] + "…"

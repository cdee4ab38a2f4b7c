"""Severities (级别) of alarms, from ``resources/standards/alarms/severities.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from resources.standards import standard


@dataclass(frozen=True, slots=True)
class Severity:
    """One severity.

    Parameters
    ----------
    id : str
        As rules and alarms hold it.
    rank : int
        The greater, the graver.
    grade : int
        Level of the monitoring event that it is exchanged as: 1, 2, 3.
    zh, en : str
        Short name.
    long_zh, long_en : str
    """

    id: str
    rank: int
    grade: int
    zh: str
    en: str
    long_zh: str
    long_en: str

    def name(self, lang: str) -> str:
        """Return the short name in a language."""
        return self.zh if lang == "zh" else self.en


@lru_cache(maxsize=1)
def severities() -> Mapping[str, Severity]:
    """Return the severities by id, gravest first."""
    rows = sorted(standard("alarms/severities")["severity"], key=lambda row: -row["rank"])
    names = tuple(Severity.__dataclass_fields__)
    return MappingProxyType({row["id"]: Severity(**{name: row[name] for name in names}) for row in rows})


def rank(severity: str) -> int:
    """Return how grave a severity is; 0 for one that nobody knows."""
    found = severities().get(severity)
    return 0 if found is None else found.rank

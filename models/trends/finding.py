"""What a test found, or why it was not made: nothing is a finding without its n, its p, and its q over all tests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from resources.standards import standard


@dataclass(frozen=True, slots=True)
class Finding:
    """One test of one subject.

    Parameters
    ----------
    kind : str
        ``"trend"``, ``"hour"``, ``"weekday"``, ``"repeat"``, ``"hot_spot"``, ``"rain"``, ``"ageing"``.
    subject : str
        Of what: code of a device, class of cases, name of a unit.
    test : str
        Name of the test.
    n : int
        Observations; ``n_effective`` of them are independent where series remember themselves.
    p, q : float
        Of the test, and after correction over all tests of the run; NaN where it was not made.
    effect : float
        In ``unit``: slope a year, share, ratio, correlation, z.
    unit : str
    weights : str
        Spatial weights, where there are any.
    refused : str
        Why no test was made, a word key ``trends.refused.<reason>``; empty where it was.
    facts : tuple of (str, object)
        What the sentence says besides.
    """

    kind: str
    subject: str
    test: str
    n: int
    p: float = float("nan")
    q: float = float("nan")
    effect: float = float("nan")
    unit: str = ""
    n_effective: float = float("nan")
    weights: str = ""
    refused: str = ""
    facts: tuple[tuple[str, Any], ...] = ()

    @property
    def holds(self) -> bool:
        """Whether it is a finding after correction."""
        return bool(self.q < standard("trends")["alpha"]["q"])

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-ready form."""
        numbers = {name: getattr(self, name) for name in ("p", "q", "effect", "n_effective")}
        return {
            "kind": self.kind, "subject": self.subject, "test": self.test, "n": self.n, "unit": self.unit,
            "weights": self.weights, "refused": self.refused, "holds": self.holds, **dict(self.facts),
            **{name: None if np.isnan(value) else value for name, value in numbers.items()},
        }  # fmt: skip


def least(name: str) -> float:
    """Return a least number of ``resources/standards/trends.toml``."""
    return float(standard("trends")["least"][name])


def corrected(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings with q over all tests that were made (Benjamini–Hochberg), the surest first, refusals last."""
    every = tuple(findings)
    made = [one for one in every if not np.isnan(one.p)]
    from scipy.stats import false_discovery_control  # no start needs it

    q = false_discovery_control([one.p for one in made]) if made else []
    told = [replace(one, q=float(value)) for one, value in zip(made, q, strict=True)]
    refused = [one for one in every if np.isnan(one.p)]
    return (*sorted(told, key=lambda one: (one.q, one.p, one.kind, one.subject)), *refused)

"""The verdict on a layer's CRS: finding, reasons, confidence, correction applied, alternatives.

Everything here is a frozen value of numbers and codes, kept with the layer in the project. Sentences are made where
they are shown: a reason ``("prefix_seen", {"zone": 39})`` is the word ``crs_doctor.reason.prefix_seen``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from models.crs.doctor.steps import Step, height_offset_m

#: From here on a verdict counts as confident: it may be applied without asking.
CONFIDENT = 0.8
#: From here on what it says is done without asking; it can be taken back with one click.
ACTS = 0.9
#: A file's own word with less than this is ruled out by its numbers.
_RULED_OUT = 0.02

Fact = str | float | int


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of a verdict.

    Parameters
    ----------
    code : str
        ``crs_doctor.reason.<code>`` is its sentence.
    facts : tuple of (str, value)
        Named values of the sentence; a tuple, so that reasons can be compared and kept in sets.
    """

    code: str
    facts: tuple[tuple[str, Fact], ...] = ()

    @classmethod
    def of(cls, code: str, **facts: Fact) -> Reason:
        """Return a reason with its facts in their order."""
        return cls(code, tuple(facts.items()))

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-ready form."""
        return {"code": self.code, "facts": dict(self.facts)}


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to understand a layer's numbers.

    Parameters
    ----------
    code : str
        What it would mean: ``"fine"``, ``"swapped"``, ``"gcj02"`` …; ``crs_doctor.code.<code>`` is its word.
    crs : str
        CRS in which the numbers stand after the steps.
    sure : float
        0…1; of all candidates together at most 1.
    steps : tuple of Step
        What has to be done to the numbers first.
    """

    code: str
    crs: str
    sure: float
    steps: tuple[Step, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-ready form."""
        return {
            "code": self.code,
            "crs": self.crs,
            "sure": round(self.sure, 3),
            "steps": [step.as_dict() for step in self.steps],
        }

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Candidate:
        """Rebuild what :meth:`as_dict` wrote."""
        return cls(str(row["code"]), str(row["crs"]), float(row["sure"]), steps_of(row.get("steps", ())))


@dataclass(frozen=True, slots=True)
class Lift:
    """What could be added to a layer's heights, so that they stand on the heights of the project.

    Parameters
    ----------
    code : str
        ``"h1956"`` or ``"h1985"`` (from the one Yellow Sea datum to the other, by name), ``"ellipsoid"`` (named
        ellipsoidal: the geoid's height estimated from the terrain), ``"offset"`` (a constant from the terrain that
        nothing explains); ``crs_doctor.lift.<code>`` is its sentence.
    metres : float
        To add.
    spread_m : float
        How far single places scatter about that, or how far local networks are known to differ.
    count : int
        Places compared, 0 where it comes from a name alone.
    """

    code: str
    metres: float
    spread_m: float = 0.0
    count: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-ready form."""
        return {"code": self.code, "metres": self.metres, "spread_m": self.spread_m, "count": self.count}

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Lift:
        """Rebuild what :meth:`as_dict` wrote."""
        return cls(str(row["code"]), float(row["metres"]), float(row.get("spread_m", 0.0)), int(row.get("count", 0)))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the doctor says of one layer.

    Parameters
    ----------
    code : str
        ``"fine"``, ``"cannot_tell"``, or what is wrong; see :data:`models.crs.doctor.examine.CODES`.
    crs : str
        CRS in which the numbers stand after ``steps``; empty where it cannot tell.
    sure : float
        0…1.
    declared : str
        What the file declares, empty where it declares nothing.
    reasons : tuple of Reason
    steps : tuple of Step
        What has to be done to the numbers before they stand in ``crs``.
    done : str
        ``"nothing"`` (all was well, or nothing can be done), ``"applied"``, ``"proposed"``, ``"accepted"`` or
        ``"changed"`` (a person confirmed it, or chose otherwise).
    alternatives : tuple of Candidate
        Most likely first, without the verdict itself.
    vertical : str
        Height datum as believed (EPSG code), empty where nothing is known.
    lift : Lift or None
        What could be done to the heights; never done without asking.
    """

    code: str
    crs: str = ""
    sure: float = 0.0
    declared: str = ""
    reasons: tuple[Reason, ...] = ()
    steps: tuple[Step, ...] = ()
    done: str = "nothing"
    alternatives: tuple[Candidate, ...] = ()
    vertical: str = ""
    lift: Lift | None = None

    @property
    def is_confident(self) -> bool:
        """Whether it is certain enough to be stated without a question mark."""
        return self.sure >= CONFIDENT

    @property
    def differs(self) -> bool:
        """Whether it says anything else than the file itself."""
        return bool(self.steps) or (self.code not in ("fine", "cannot_tell") and self.crs != self.declared)

    @property
    def acts(self) -> bool:
        """Whether what it says is done without asking.

        That is so where it is as good as certain; and where the numbers cannot be what the file says and one plain
        reading explains them: axes, zone numbers, units. A shift by hundreds of metres is never undone on a guess.
        """
        if not self.differs or not self.crs:
            return False
        ruled_out = not any(one.code == "fine" and one.sure >= _RULED_OUT for one in self.alternatives)
        is_plain = bool(self.declared) and not any(step.name in ("gcj02", "bd09") for step in self.steps)
        return self.sure >= ACTS or (self.is_confident and ruled_out and is_plain)

    @property
    def asks(self) -> bool:
        """Whether a person should look: something else is meant than the file says, or nobody knows where it stands."""
        return self.differs or self.code == "local_grid"

    def as_candidate(self) -> Candidate:
        """Return what it says as one candidate among the others."""
        return Candidate(self.code, self.crs, self.sure, self.steps)

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-ready form."""
        return {
            "code": self.code,
            "crs": self.crs,
            "sure": round(self.sure, 3),
            "declared": self.declared,
            "reasons": [reason.as_dict() for reason in self.reasons],
            "steps": [step.as_dict() for step in self.steps],
            "done": self.done,
            "alternatives": [one.as_dict() for one in self.alternatives],
            "vertical": self.vertical,
            "lift": None if self.lift is None else self.lift.as_dict(),
        }

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Verdict:
        """Rebuild what :meth:`as_dict` wrote."""
        return cls(
            code=str(row["code"]),
            crs=str(row.get("crs", "")),
            sure=float(row.get("sure", 0.0)),
            declared=str(row.get("declared", "")),
            reasons=tuple(Reason(str(r["code"]), tuple(dict(r["facts"]).items())) for r in row.get("reasons", ())),
            steps=steps_of(row.get("steps", ())),
            done=str(row.get("done", "nothing")),
            alternatives=tuple(Candidate.from_dict(one) for one in row.get("alternatives", ())),
            vertical=str(row.get("vertical", "")),
            lift=Lift.from_dict(row["lift"]) if row.get("lift") else None,
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a layer's numbers stand, otherwise than its file says.

    Parameters
    ----------
    crs : str
        CRS of the data after the steps.
    steps : tuple of Step
    read_crs : str
        CRS of the data as it was read, to which taking the standing off leads back.
    by : str
        ``"doctor"``, ``"person"`` or ``"points"`` (fitted from control points).
    """

    crs: str
    steps: tuple[Step, ...] = ()
    read_crs: str = ""
    by: str = "doctor"

    @property
    def lift_m(self) -> float:
        """Return the metres that were added to heights."""
        return height_offset_m(self.steps)

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-ready form."""
        return {"crs": self.crs, "steps": [s.as_dict() for s in self.steps], "read_crs": self.read_crs, "by": self.by}

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Standing:
        """Rebuild what :meth:`as_dict` wrote."""
        return cls(
            str(row["crs"]), steps_of(row.get("steps", ())), str(row.get("read_crs", "")), str(row.get("by", ""))
        )


@dataclass(frozen=True, slots=True)
class UserCrs:
    """A coordinate system that somebody defined in this project: a city's own plane, a fitted one.

    Parameters
    ----------
    name : str
        As shown.
    wkt : str
        WKT 2, which GDAL, PROJ and QGIS read.
    note : str
        Where its parameters come from.
    """

    name: str
    wkt: str
    note: str = ""


def steps_of(rows: Iterable[Mapping[str, Any]]) -> tuple[Step, ...]:
    """Rebuild steps."""
    return tuple(Step.from_dict(row) for row in rows)


def verdict_text(verdict: Verdict | None) -> str | None:
    """Return a verdict as a project file keeps it."""
    return None if verdict is None else json.dumps(verdict.as_dict(), ensure_ascii=False)


def standing_text(standing: Standing | None) -> str | None:
    """Return a standing as a project file keeps it."""
    return None if standing is None else json.dumps(standing.as_dict(), ensure_ascii=False)

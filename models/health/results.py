"""What an indicator came to: values by unit, the objects on both sides of it, and what went into it.

A result is part of the project's state: it is undone, saved and opened like everything else, and leads to its objects
without being computed again.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from models.core.errors import UserError
from models.health.editions import Benchmark, IndicatorDef, Threshold, indicator
from models.project.selection import Keys, ObjectKey

#: Object id of the row over all districts.
CITY_OID = -1


@dataclass(frozen=True, slots=True)
class UnitValue:
    """The value of an indicator for one district, for an estate or for the city.

    Parameters
    ----------
    unit_layer, unit_oid : str, int
        Key of the district; :data:`CITY_OID` for the city.
    unit_code, unit_name, unit_name_en : str
    value : float or None
        In the indicator's unit; None means no data.
    numerator, denominator : float or None
        What is divided; of a count, the figure and how many objects were looked at.
    coverage : float or None
        Share of the inputs that exist here, 0…1, as far as the layers and the survey records tell; None where the
        layers show no gap and nobody recorded how complete they are.
    status : str
        ``"ok"``, ``"partial"`` (a value from incomplete inputs), ``"unstated"`` (coverage is None) or ``"no_data"``.
    reason : str
        Why there is no data: ``"no_layer:<role>,…"``, ``"no_field:<role>.<field>,…"`` (nothing tells which objects
        count), ``"not_surveyed"``, ``"unknown_values"`` or ``"nothing_to_measure"``.
    grade : str
        Against the first benchmark that holds for the city: ``"met"``, ``"not_met"``, ``"no_benchmark"``,
        ``"no_profile"`` (the class of the city decides and is not filled in), ``"not_applicable"`` (the indicator is
        not meant for such a city) or ``"no_data"``.
    """

    unit_layer: str
    unit_oid: int
    unit_code: str
    unit_name: str
    unit_name_en: str
    value: float | None
    numerator: float | None
    denominator: float | None
    coverage: float | None
    status: str
    reason: str = ""
    grade: str = "no_data"

    @property
    def key(self) -> ObjectKey:
        """Return the key of the district."""
        return ObjectKey(self.unit_layer, self.unit_oid)

    def title(self, lang: str) -> str:
        """Return the district's name in a language."""
        return self.unit_name_en if lang == "en" and self.unit_name_en else self.unit_name


@dataclass(frozen=True, slots=True)
class Problem:
    """One object that makes an indicator bad.

    Parameters
    ----------
    key : ObjectKey
        The parcel, cover or district; where to fly.
    reason : str
        ``"parcel_uncovered"``, ``"cover_damaged"`` (and the other states), ``"below_benchmark"``.
    value : float or None
        How bad: share of the parcel out of reach (0…1), density of the district.
    code, name, name_en : str
        As the object's own table gives them.
    unit_oid : int
        The district in which it lies.
    loss : float or None
        What is missing here, in the unit of the indicator's numerator (``quantity_unit``): land of the parcel out of
        reach, one cover, the kilometres that a district lacks to its benchmark. None in results of elder programs.
    loss_share : float or None
        That against what the whole city lacks, 0…1; see :func:`models.health.grading.graded`.
    beyond_m : float or None
        How far beyond the service radius of the nearest facility it lies, metres; None where the method knows no
        distance.
    """

    key: ObjectKey
    reason: str
    value: float | None = None
    code: str = ""
    name: str = ""
    name_en: str = ""
    unit_oid: int = CITY_OID
    loss: float | None = None
    loss_share: float | None = None
    beyond_m: float | None = None

    def title(self, lang: str) -> str:
        """Return the object's name, or its code, in a language."""
        return (self.name_en if lang == "en" and self.name_en else self.name) or self.code


@dataclass(frozen=True, slots=True)
class GoodObjects:
    """The objects that make an indicator good for one reason.

    Parameters
    ----------
    reason : str
        ``"parcel_covered"``, ``"site"`` (a facility that serves), ``"cover_intact"``, ``"meets_benchmark"``.
    keys : Keys
    partial : mapping of ObjectKey to float
        What is missing at those that are good only in part, in the unit of the indicator's numerator: together with the
        losses of the problems it is what the numerator lacks to the denominator.
    """

    reason: str
    keys: Keys
    partial: Mapping[ObjectKey, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LayerRead:
    """What a result read of one layer.

    Parameters
    ----------
    layer_id, role : str
    fields : mapping of str to str
        Fingerprint by field, as :class:`models.project.fingerprints.Fingerprints` gives them.
    """

    layer_id: str
    role: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Stamp:
    """All that a result depends on: while an indicator's stamp is this one, the result is true.

    Parameters
    ----------
    definition : str
        Fingerprint of the indicator's row in its edition: formula, thresholds, parameters. Empty where a result was
        kept before there were stamps; such a result is old.
    crs : str
        In which everything was measured.
    layers : tuple of LayerRead
    """

    definition: str = ""
    crs: str = ""
    layers: tuple[LayerRead, ...] = ()

    def holds(self, now: Stamp | None, absent: Container[str] = ()) -> bool:
        """Whether a result of this stamp is still true.

        Parameters
        ----------
        now : Stamp or None
            What it would read now; None where that cannot be said.
        absent : container of str
            Ids of layers whose data is not here (a linked file that is still read, or is missing): of what was read of
            them nobody can say that it changed.
        """
        if now is None or (self.definition, self.crs) != (now.definition, now.crs):
            return False
        return [read for read in self.layers if read.layer_id not in absent] == list(now.layers)


@dataclass(frozen=True, slots=True)
class InputUsed:
    """How many objects of a layer went into a result."""

    layer_id: str
    role: str
    count: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A shape that explains a result on the map, in the project's CRS.

    Parameters
    ----------
    kind : str
        ``"site"`` (a facility that counts) or ``"uncovered"`` (a parcel's part out of reach).
    geometry : shapely geometry
    key : ObjectKey or None
        The object it belongs to.
    """

    kind: str
    geometry: Any
    key: ObjectKey | None = None


@dataclass(frozen=True, slots=True)
class IndicatorResult:
    """All that is known of one indicator: values, what makes them bad, and how they came about.

    Parameters
    ----------
    code, edition : str
    units : tuple of UnitValue
        One a district, in the order of the district layer.
    city : UnitValue
    problems : tuple of Problem
        Worst first.
    inputs : tuple of InputUsed
    thresholds : tuple of Threshold
    estates : tuple of UnitValue
        Values by estate or community (小区/社区); empty where there is no layer of them.
    origin : str
        ``"computed"`` from layers, ``"entered"`` by a person or ``"imported"`` with a table.
    reading : str
        By which reading of the standard; empty where there is only one.
    made_at, program : str
        When (ISO 8601) and by which version of the program; no part of what makes two results equal.
    beside : mapping of str to tuple of UnitValue
        The figures by the other readings of the standard, which do not count: by district, the city's last.
    parameters : mapping
        What the method read of the edition: radii, classes, limits, those of the reading among them; empty in results
        of elder programs. No part of what makes two results equal either, as the stamp is.
    definitions : str
        Fingerprint of the definitions by which it was worked out where they were signed off (口径冻结), else empty.
    defined : IndicatorDef or None
        What the indicator is, as the project defines it; not kept in the file, but found again there.
    good : tuple of GoodObjects
        The other side of ``problems``.
    stamp : Stamp
    marks : tuple of Mark
        Shapes for the map; not kept, and no part of what makes two results equal.
    """

    code: str
    edition: str
    units: tuple[UnitValue, ...]
    city: UnitValue
    problems: tuple[Problem, ...] = ()
    inputs: tuple[InputUsed, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    estates: tuple[UnitValue, ...] = ()
    origin: str = "computed"
    reading: str = ""
    made_at: str = field(default="", compare=False)
    program: str = field(default="", compare=False)
    beside: Mapping[str, tuple[UnitValue, ...]] = field(default_factory=dict, repr=False)
    definitions: str = field(default="", compare=False)
    defined: IndicatorDef | None = field(default=None, repr=False, compare=False)
    parameters: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    good: tuple[GoodObjects, ...] = field(default=(), repr=False)
    stamp: Stamp = field(default_factory=Stamp, repr=False)
    marks: tuple[Mark, ...] = field(default=(), repr=False, compare=False)

    @property
    def problem_keys(self) -> Keys:
        """Return the objects that make the indicator bad."""
        by_layer: dict[str, list[int]] = {}
        for problem in self.problems:
            by_layer.setdefault(problem.key.layer, []).append(problem.key.oid)
        return Keys((layer, np.unique(np.array(oids, dtype=np.int64))) for layer, oids in by_layer.items())

    @property
    def lacks_measures(self) -> bool:
        """Whether nobody worked out what the objects explain: the result of an elder program."""
        return any(problem.loss is None for problem in self.problems)

    @property
    def definition(self) -> IndicatorDef:
        """Return what the indicator was when this was worked out; where that was not kept, what its edition says."""
        return self.defined or indicator(self.code, self.edition)

    @property
    def is_known(self) -> bool:
        """Whether anybody says what the indicator is: nobody does of one of a later version, or taken out since."""
        try:
            return bool(self.definition.code)
        except UserError:
            return False

    @property
    def benchmarks(self) -> tuple[Benchmark, ...]:
        """Return the benchmarks that held for the city when this was computed, the one that grades first."""
        return tuple(
            Benchmark(rule.facts["value"], rule.facts["op"], rule.facts["zh"], rule.facts["en"], rule.source,
                      rule.uncertain)
            for rule in self.thresholds if rule.code == "benchmark"
        )  # fmt: skip

"""Editions of the health-check indicator set, read from data.

Names, formulas and limits change between editions, and provinces and cities may set their own limits; therefore nothing
of this stands in code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from models.core.errors import UserError
from models.health.profile import CityProfile
from resources.standards import folders_in, standard, standards_in

#: Units of numerators that are the same in every language.
METRIC = ("m²", "km")

#: The field of :attr:`Benchmark.applies` that speaks of the indicator's reading instead of the city.
READING = "reading"


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A value against which a result is held.

    Parameters
    ----------
    value : float
        In the indicator's unit.
    op : str
        ``">="`` or ``"<="``.
    name, name_en : str
        Whose aim it is.
    source : str
        Document and clause.
    uncertain : bool
        Whether the source could not be read.
    applies : mapping of str to tuple of str
        Fields of the city profile → classes for which it holds; empty where it holds for every city. The field
        :data:`READING` names readings of the indicator.
    """

    value: float
    op: str
    name: str
    name_en: str
    source: str
    uncertain: bool
    applies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def met(self, value: float) -> bool:
        """Whether a value meets it."""
        return value >= self.value if self.op == ">=" else value <= self.value

    def title(self, lang: str) -> str:
        """Return its name in a language."""
        return self.name_en if lang == "en" else self.name

    @property
    def threshold(self) -> Threshold:
        """Return it as a rule that goes into a result."""
        facts = {"value": self.value, "op": self.op, "zh": self.name, "en": self.name_en}
        return Threshold("benchmark", facts, self.source, self.uncertain)


@dataclass(frozen=True, slots=True)
class Threshold:
    """A rule that went into a result, and where it comes from.

    Parameters
    ----------
    code : str
        ``health.threshold.<code>`` is its sentence.
    facts : mapping
        Values for the sentence.
    source : str
        Document and clause; empty for a rule of our own.
    uncertain : bool
    """

    code: str
    facts: Mapping[str, Any]
    source: str = ""
    uncertain: bool = False


@dataclass(frozen=True, slots=True)
class InputDef:
    """A layer that an indicator needs, by its role in the city."""

    role: str
    name: str
    name_en: str

    def title(self, lang: str) -> str:
        """Return what it is in a language."""
        return self.name_en if lang == "en" else self.name


@dataclass(frozen=True, slots=True)
class Reading:
    """One of several ways in which the standard itself defines an indicator (两种口径).

    Parameters
    ----------
    id : str
    name, name_en : str
    formula, formula_en : str
    source : str
        Where in the document it stands.
    parameters : mapping
        What the method reads instead of, or beside, the indicator's own parameters.
    """

    id: str
    name: str
    name_en: str
    formula: str = ""
    formula_en: str = ""
    source: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def title(self, lang: str) -> str:
        """Return its name in a language."""
        return self.name_en if lang == "en" else self.name


@dataclass(frozen=True, slots=True)
class CheckItem:
    """One thing that is looked for at an object (体检内容).

    Parameters
    ----------
    id : str
        ``"03-3"``: number of the indicator and of the item.
    name, name_en : str
    severity, prevalence, urgency : int
        Usual weight of a finding, 1…5; 0 where nobody said. A city may set its own.
    source : str
    """

    id: str
    name: str
    name_en: str
    severity: int = 0
    prevalence: int = 0
    urgency: int = 0
    source: str = ""

    def title(self, lang: str) -> str:
        """Return its name in a language."""
        return self.name_en if lang == "en" else self.name


@dataclass(frozen=True, slots=True)
class EvidenceGrade:
    """How far a source of figures can be trusted (证据等级), A best.

    Parameters
    ----------
    id : str
        ``"A"`` … ``"E"``.
    name, name_en : str
    finding : bool
        Whether what rests on it alone may be written down as a finding.
    """

    id: str
    name: str
    name_en: str
    finding: bool

    def title(self, lang: str) -> str:
        """Return its name in a language."""
        return self.name_en if lang == "en" else self.name


@dataclass(frozen=True, slots=True)
class IndicatorDef:
    """One indicator of an edition.

    Parameters
    ----------
    code : str
        ``"HC25-25"``: edition and number.
    number : int
        In its edition.
    edition : str
        The edition it comes from; ``"2021"`` for one that was kept from there.
    name, name_en : str
    dimension : str
        ``"housing"``, ``"community"``, ``"block"``, ``"city"`` or ``"rectification"``.
    aspect, aspect_en : str
        Second level of the dimension (方面).
    section, section_en : str
        Third level, where there is one.
    unit, unit_en : str
    direction : str
        ``"up"`` (more is better), ``"down"`` or ``"context"``.
    computed : bool
        Whether this program works it out from layers.
    rank : int
        Place among the computed ones where they are listed, lowest first.
    method : str
        Which module of :mod:`models.health.methods` does.
    formula, formula_en : str
        In words.
    numerator, numerator_en, denominator, denominator_en : str
        What is divided.
    quantity_unit, quantity_unit_en, denominator_unit, denominator_unit_en : str
        Units of numerator and denominator.
    survey_themes : tuple of str
        Themes of the survey table without which a district has no data.
    inputs : tuple of InputDef
    benchmarks : tuple of Benchmark
        Of those that hold for the city, the first is the one a result is graded by.
    parameters : mapping
        Radii, classes, rules: what the method reads.
    uncertain : bool
        Whether the formula itself could not be checked.
    form : str
        What the value is: ``"ratio"`` (numerator ÷ denominator) or ``"count"`` (the numerator; the denominator says of
        how many).
    extent : str
        For what area it is stated: ``"municipal"`` (市辖区), ``"built_up"`` (建成区), ``"boundary"`` (城镇开发边界),
        ``"block"`` (街区), ``"community"`` (小区/社区) or ``"building"`` (楼栋).
    kind : str
        ``"bottom_line"`` (底线型), ``"improvement"`` (提升型) or empty.
    readings : tuple of Reading
        The first is the default; empty where there is only one.
    check_items : tuple of CheckItem
    questions : tuple of str
        Ids of the questions of the residents' questionnaire that speak of it.
    evidence, evidence_en : tuple of str
        What has to be handed in with a figure.
    evidence_grade : str
        Id of the :class:`EvidenceGrade` that such evidence has.
    department, department_en : str
        Who has it.
    source : str
        Document and clause of the definition.
    origin : str
        ``"national"``, ``"provincial"`` or ``"city"``.
    reading : str
        Id of the reading by which it is worked out; see :meth:`read_as`.
    applies : mapping of str to tuple of str
        Fields of the city profile → classes of the cities that it is meant for; empty where for all.
    applies_source : str
        Document and clause that says so.
    hidden : bool
        Whether the project left it out: it is defined and not asked.
    """

    code: str
    number: int
    edition: str
    name: str
    name_en: str
    dimension: str
    aspect: str
    aspect_en: str
    unit: str
    unit_en: str
    direction: str
    computed: bool = False
    rank: int = 0
    method: str = ""
    formula: str = ""
    formula_en: str = ""
    numerator: str = ""
    numerator_en: str = ""
    denominator: str = ""
    denominator_en: str = ""
    quantity_unit: str = ""
    quantity_unit_en: str = ""
    denominator_unit: str = ""
    denominator_unit_en: str = ""
    survey_themes: tuple[str, ...] = ()
    inputs: tuple[InputDef, ...] = ()
    benchmarks: tuple[Benchmark, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    uncertain: bool = False
    form: str = "ratio"
    extent: str = ""
    kind: str = ""
    readings: tuple[Reading, ...] = ()
    check_items: tuple[CheckItem, ...] = ()
    questions: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    evidence_en: tuple[str, ...] = ()
    evidence_grade: str = ""
    department: str = ""
    department_en: str = ""
    source: str = ""
    origin: str = "national"
    reading: str = ""
    applies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    applies_source: str = ""
    section: str = ""
    section_en: str = ""
    hidden: bool = False

    def read_as(self, reading: str) -> IndicatorDef:
        """Return it by one of its readings: parameters and formula of that reading lie over its own."""
        for one in self.readings:
            if one.id == reading:
                return replace(
                    self,
                    reading=one.id,
                    parameters={**self.parameters, **one.parameters},
                    formula=one.formula or self.formula,
                    formula_en=one.formula_en or self.formula_en,
                )
        return self

    @property
    def other_readings(self) -> tuple[IndicatorDef, ...]:
        """Return it by each of its readings that does not hold."""
        return tuple(self.read_as(one.id) for one in self.readings if one.id != self.reading)

    def applicable(self, profile: CityProfile) -> bool:
        """Whether it is meant for a city; a class that nobody filled in rules nothing out."""
        return all(profile.of(name) in ("", *known) for name, known in self.applies.items())

    def benchmarks_for(self, profile: CityProfile) -> tuple[Benchmark, ...]:
        """Return the benchmarks that hold for a city, the one that grades first."""
        return tuple(
            row for row in self.benchmarks
            if all(self._class(name, profile) in known for name, known in row.applies.items())
        )  # fmt: skip

    def undecided(self, profile: CityProfile) -> tuple[str, ...]:
        """Return the fields of the city profile that decide over the grade and are not filled in."""
        fields = [name for name in self.applies if not profile.of(name)]
        for row in self.benchmarks:
            classes = {name: self._class(name, profile) for name in row.applies}
            if all(classes[name] in ("", *known) for name, known in row.applies.items()):
                unknown = [name for name, one in classes.items() if not one and name != READING]
                fields += unknown
                if not unknown:
                    break
        return tuple(dict.fromkeys(fields))

    def _class(self, name: str, profile: CityProfile) -> str:
        return self.reading if name == READING else profile.of(name)

    @property
    def profile_fields(self) -> tuple[str, ...]:
        """Return the fields of the city profile that decide over benchmark and applicability."""
        named = (*self.applies, *(name for row in self.benchmarks for name in row.applies))
        return tuple(dict.fromkeys(name for name in named if name != READING))

    def title(self, lang: str) -> str:
        """Return the name in a language."""
        return self.name_en if lang == "en" else self.name

    def unit_text(self, lang: str) -> str:
        """Return the unit in a language."""
        return self.unit_en if lang == "en" else self.unit

    def quantity_text(self, lang: str) -> str:
        """Return the unit of the numerator in a language; what is counted has none in English."""
        return self.quantity_unit_en if lang == "en" and self.quantity_unit not in METRIC else self.quantity_unit

    def denominator_text(self, lang: str) -> str:
        """Return the unit of the denominator in a language."""
        return (
            self.denominator_unit_en if lang == "en" and self.denominator_unit not in METRIC else self.denominator_unit
        )

    def formula_text(self, lang: str) -> str:
        """Return the formula in words."""
        return self.formula_en if lang == "en" else self.formula


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of the indicator set.

    Parameters
    ----------
    id : str
        ``"2025"``.
    name, name_en, issued, source : str
    indicators : mapping of str to IndicatorDef
        By code, in the order of the edition.
    dimensions : mapping of str to (str, str)
        Chinese and English names by id.
    complete_share : float
        From this share of known inputs on, a value counts as complete.
    city : tuple of str
        What the row over all districts is called, Chinese and English.
    evidence_grades : tuple of EvidenceGrade
        Best first.
    note, note_en : str
        What has to be known of it: what is not settled.
    """

    id: str
    name: str
    name_en: str
    issued: str
    source: str
    indicators: Mapping[str, IndicatorDef]
    dimensions: Mapping[str, tuple[str, str]]
    complete_share: float
    city: tuple[str, str] = ("", "")
    evidence_grades: tuple[EvidenceGrade, ...] = ()
    note: str = ""
    note_en: str = ""

    @property
    def computed(self) -> tuple[str, ...]:
        """Return the codes of what this program works out, in the order in which they are listed."""
        rows = [row for row in self.indicators.values() if row.computed]
        return tuple(row.code for row in sorted(rows, key=lambda row: row.rank))

    def title(self, lang: str) -> str:
        """Return the edition's name in a language."""
        return self.name_en if lang == "en" else self.name


@dataclass(frozen=True, slots=True)
class EditionTables:
    """An edition as its tables say it, before anything is made of it: what people change, export and import.

    Parameters
    ----------
    about : mapping
        ``edition``, ``dimension``, ``city``, ``complete``, ``evidence_grade``.
    rows : mapping of str to mapping
        The row of each indicator by code, with how it is worked out (``method`` and its keys) where anybody said.
    """

    about: Mapping[str, Any]
    rows: Mapping[str, Mapping[str, Any]]


@lru_cache(maxsize=8)
def edition_tables(name: str = "2025") -> EditionTables:
    """Return the tables of ``resources/standards/health/<name>/`` put together.

    ``edition.toml`` says what it is. Every other table has definitions (``[[indicator]]``) or, by code, how indicators
    are worked out from layers (``[method."HC25-25"]``).

    Raises
    ------
    UserError
        ``health.no_edition``.
    """
    if name not in folders_in("health"):  # a project of somebody's making may name any path
        raise UserError("health.no_edition", edition=name)
    folder = f"health/{name}"
    tables = [standard(f"{folder}/{table}") for table in standards_in(folder)]
    about = next(table for table in tables if "edition" in table)
    methods = {code: row for table in tables for code, row in table.get("method", {}).items()}
    rows = [row | methods.get(row["code"], {}) for table in tables for row in table.get("indicator", ())]
    return EditionTables(about, {row["code"]: row for row in rows})


@lru_cache(maxsize=8)
def edition(name: str = "2025") -> Edition:
    """Return an edition as its tables say it.

    Raises
    ------
    UserError
        ``health.no_edition``.
    """
    return edition_of(edition_tables(name))


def edition_of(tables: EditionTables) -> Edition:
    """Return the edition that tables describe.

    Raises
    ------
    KeyError, TypeError, ValueError
        For a row that is no definition.
    """
    own = tables.about["edition"]
    found = [indicator_of(row, own["id"]) for row in tables.rows.values()]
    found.sort(key=lambda row: (row.edition != own["id"], row.number))
    return Edition(
        id=own["id"],
        name=own["name"],
        name_en=own["name_en"],
        issued=own["issued"],
        source=own["source"],
        indicators={row.code: row for row in found},
        dimensions={row["id"]: (row["zh"], row["en"]) for row in tables.about["dimension"]},
        complete_share=tables.about["complete"]["share"],
        city=(tables.about["city"]["zh"], tables.about["city"]["en"]),
        evidence_grades=tuple(EvidenceGrade(**_named(row)) for row in tables.about.get("evidence_grade", ())),
        note=own.get("note", ""),
        note_en=own.get("note_en", ""),
    )


def indicator(code: str, edition_name: str = "2025") -> IndicatorDef:
    """Return one indicator of an edition.

    Raises
    ------
    UserError
        ``health.no_indicator``.
    """
    book = edition(edition_name)
    try:
        return book.indicators[code]
    except KeyError:
        known = ", ".join(book.computed)
        raise UserError("health.no_indicator", indicator=code, edition=edition_name, known=known) from None


def indicator_of(row: Mapping[str, Any], edition_id: str) -> IndicatorDef:
    """Return the indicator that a row of a table describes.

    Raises
    ------
    KeyError, TypeError, ValueError
        For a row that is no definition.
    """
    plain = {name: row[name] for name in row if name in IndicatorDef.__dataclass_fields__}
    plain |= {
        "edition": row.get("edition", edition_id),
        "computed": bool(row.get("method")),
        "survey_themes": tuple(row.get("survey_themes", ())),
        "inputs": tuple(InputDef(item["role"], item["zh"], item["en"]) for item in row.get("input", ())),
        "applies": _classes(row.get("applies", {})),
        "questions": tuple(row.get("questions", ())),
        "evidence": tuple(row.get("evidence", ())),
        "evidence_en": tuple(row.get("evidence_en", ())),
        "readings": tuple(Reading(**_named(item)) for item in row.get("readings", ())),
        "check_items": tuple(CheckItem(**_named(item)) for item in row.get("check_items", ())),
        "benchmarks": tuple(
            Benchmark(
                item["value"], item["op"], item["zh"], item["en"], item["source"], item["uncertain"],
                _classes(item.get("applies", {})),
            )
            for item in row.get("benchmark", ())
        ),
    }  # fmt: skip
    return IndicatorDef(**plain)


def _classes(applies: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(classes) for name, classes in applies.items()}


def _named(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with its two names under the names of the fields."""
    return {{"zh": "name", "en": "name_en"}.get(name, name): value for name, value in item.items()}

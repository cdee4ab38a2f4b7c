"""What people say of the city health check beside the layers: kept in the project, undone and saved with it.

Each field is a tuple of frozen dataclasses (or a text), so that :mod:`models.store.rows.state_rows` can write and read
it without knowing what it is: a row of the project file each. A row that nobody can read is left out and named.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from models.health.collection.batches import Batch, RecordDecision, Return
from models.health.definitions.changes import Change
from models.health.definitions.freeze import Freeze
from models.health.definitions.stars import StarSet
from models.health.entered.values import Counting, EnteredValue
from models.health.judging.decisions import Decision, OverallDecision
from models.health.judging.rules import RuleChange
from models.health.judging.yardsticks import Figure
from models.health.lists.rows import LedgerRow, ProblemRow, ProjectRow
from models.health.mapping.field_names import FieldName
from models.health.patterns.rules import PatternWeight
from models.health.scenario.scenario import Scenario
from models.health.units.unit_sets import SampledUnit, StoodAside, UnitSet
from models.health.years.record import YearRecord


@dataclass(frozen=True, slots=True)
class ChosenReading:
    """By which of its readings an indicator is worked out.

    Parameters
    ----------
    code, reading : str
    """

    code: str
    reading: str


@dataclass(frozen=True, slots=True)
class HealthState:
    """What people said of the health check.

    Parameters
    ----------
    edition : str
        The edition that is in force in this project.
    readings : tuple of ChosenReading
        For indicators with two readings; the first reading of the standard holds where nothing was chosen.
    changes : tuple of Change
        What people changed in the definitions, one after another: the log, and what holds.
    freezes : tuple of Freeze
        When the definitions were signed off, and when that was lifted.
    star_sets : tuple of StarSet
        Sets of star items that were imported.
    unit_sets : tuple of UnitSet
        Check units: at most one draft a level, and the versions that were accepted, oldest first.
    stood_aside : tuple of StoodAside
        Administrative layers whose place check units took.
    sampled : tuple of SampledUnit
        Units that were sampled, not checked whole.
    judging_rules : tuple of RuleChange
        How this project proposes grades otherwise than the program.
    figures : tuple of Figure
        What values are held against: last year, targets, comparable cities, satisfaction.
    decisions : tuple of Decision
        What persons decided of indicators, one after another.
    overall_decisions : tuple of OverallDecision
        What they decided of dimensions and of all.
    entered : tuple of EnteredValue
        Values that people entered or imported, one an indicator and unit.
    counting : tuple of Counting
        Which counts where an indicator has a computed and an entered value.
    batches, returns, record_decisions : tuple of Batch, Return, RecordDecision
        Forms that went into the field, what came back, and what was decided where two people saw it differently.
    field_names : tuple of FieldName
        Columns of layers that are read under the names that indicators know.
    ledger : tuple of LedgerRow
        What was found at which object; up to tens of thousands, therefore no part of the hash.
    problems : tuple of ProblemRow
        Problem list and suggestion list.
    renewal_projects : tuple of ProjectRow
    scenarios : tuple of Scenario
        What was tried and kept.
    years : tuple of YearRecord
        What checks came to: of years that were closed here, and of other years and cities that were taken in.
    base_year : str
        Id of the record that the present check is held against; empty for the latest one of this city.
    pattern_weights : tuple of PatternWeight
        How much the components of the priority of renewal count, where this project says otherwise than the rules.
    """

    edition: str = "2025"
    readings: tuple[ChosenReading, ...] = ()
    unit_sets: tuple[UnitSet, ...] = field(default=(), hash=False)
    changes: tuple[Change, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    star_sets: tuple[StarSet, ...] = ()
    stood_aside: tuple[StoodAside, ...] = ()
    sampled: tuple[SampledUnit, ...] = ()
    judging_rules: tuple[RuleChange, ...] = ()
    figures: tuple[Figure, ...] = ()
    decisions: tuple[Decision, ...] = ()
    overall_decisions: tuple[OverallDecision, ...] = ()
    entered: tuple[EnteredValue, ...] = ()
    counting: tuple[Counting, ...] = ()
    batches: tuple[Batch, ...] = ()
    returns: tuple[Return, ...] = ()
    record_decisions: tuple[RecordDecision, ...] = ()
    field_names: tuple[FieldName, ...] = ()
    ledger: tuple[LedgerRow, ...] = field(default=(), hash=False)
    problems: tuple[ProblemRow, ...] = field(default=(), hash=False)
    renewal_projects: tuple[ProjectRow, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    years: tuple[YearRecord, ...] = field(default=(), hash=False)
    base_year: str = ""
    pattern_weights: tuple[PatternWeight, ...] = ()

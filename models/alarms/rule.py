"""Alarm rules (报警规则): what must be true, for how long and when, for an alarm to be raised, and what clears it.

Invariants
----------
1. A rule is data: frozen dataclasses that TOML and the project file hold as they are. Which kind a condition is shows
   in its fields (``quantity`` and ``op``, ``silent``, ``all``, ``any``, ``none``).
2. A rule speaks of one facility: quantities of its devices, numbers of its register, values of a neighbour.
3. What is not known is neither true nor false: it raises nothing and clears nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

#: What a reading is compared by.
OPERATORS = (">", ">=", "<", "<=", "==", "!=")
#: What of a quantity is compared: the reading itself; how fast it changed since the reading before (per ``over_s``);
#: how much it changed, its sum, its mean over the last ``over_s``.
MEASURES = ("value", "rate", "change", "sum", "mean")
#: How a condition must hold before it raises an alarm.
HOLDS = ("simple", "duration", "repeating")
#: Which neighbour a value is compared with; who is whose neighbour is a fact that is given with the channels.
NEIGHBOURS = ("nearest", "upstream", "same_class")


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison of one quantity with a threshold.

    The threshold is ``value``, or ``factor`` × fact + ``value``, or ``factor`` × the neighbour's reading + ``value``.

    Parameters
    ----------
    quantity : str
        Id of a quantity (``resources/standards/quantities.toml``).
    op : str
        One of ``OPERATORS``.
    value : float
        In the unit of the quantity; with ``fact`` or ``neighbour`` what is added.
    fact : str
        A number of the facility's register (``"depth_m"``), empty for none. A facility without it is not judged.
    neighbour : str
        One of ``NEIGHBOURS``, empty for none.
    factor : float
    measure : str
        One of ``MEASURES``.
    over_s : float
        The span of ``measure``, seconds.
    hysteresis : float
        How far a value must come back behind the threshold before the comparison is no longer true.
    """

    quantity: str
    op: str
    value: float = 0.0
    fact: str = ""
    neighbour: str = ""
    factor: float = 1.0
    measure: str = "value"
    over_s: float = 0.0
    hysteresis: float = 0.0


@dataclass(frozen=True, slots=True)
class Silent:
    """No message of a quantity (无心跳): true by the clock alone. It stands alone in its level.

    Parameters
    ----------
    silent : str
        Id of the quantity that should report; ``"*"`` for any of the device.
    periods : float
        How many reporting periods of the channel may pass.
    seconds : float
        How long where nobody states the period, seconds; 0 leaves such channels alone.
    """

    silent: str
    periods: float = 2.0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class AllOf:
    """True where all of its parts are (AND)."""

    all: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True where one of its parts is (OR)."""

    any: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class NoneOf:
    """True where none of its parts is (NOT)."""

    none: tuple[Condition, ...]


Condition: TypeAlias = Compare | Silent | AllOf | AnyOf | NoneOf


@dataclass(frozen=True, slots=True)
class Hold:
    """How a condition must hold.

    Parameters
    ----------
    kind : str
        ``"simple"``: true at once. ``"duration"``: true without a break for ``seconds``, seen by at least ``times``
        readings; it begins by the clock, without a new message. ``"repeating"``: ``times`` readings (or onsets) within
        ``seconds``.
    seconds : float
    times : int
    onsets : bool
        Whether a repeating condition counts how often it became true instead of each reading.
    """

    kind: str = "simple"
    seconds: float = 0.0
    times: int = 1
    onsets: bool = False


@dataclass(frozen=True, slots=True)
class Level:
    """What raises an alarm of one severity.

    Parameters
    ----------
    severity : str
        Id of a row of ``resources/standards/alarms/severities.toml``.
    condition : Condition
    hold : Hold
    """

    severity: str
    condition: Condition
    hold: Hold = Hold()


@dataclass(frozen=True, slots=True)
class Clear:
    """What clears an alarm (解除) once no level holds any more.

    Without a condition and without ``quiet_s`` an alarm clears as soon as no level holds.

    Parameters
    ----------
    condition : Condition or None
    hold : Hold
    quiet_s : float
        Clear by non-recurrence: no level held for so long, seconds; 0 for never.
    """

    condition: Condition | None = None
    hold: Hold = Hold()
    quiet_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a rule judges; outside its conditions are not true.

    Parameters
    ----------
    hours : tuple of str
        ``"19:30-05:00"`` in the project's zone, over midnight too; none for the whole day.
    days : tuple of int
        Days of the week, Monday = 1; none for all. A span over midnight belongs to the day on which it begins.
    holidays : str
        ``""`` as the days of the week say; ``"only"`` on public holidays and days off, ``"without"`` on working days
        (those made up for included).
    sun : str
        ``"night"`` from sunset to sunrise, ``"day"`` the rest, ``""`` for none.
    sun_margin_min : float
        How much later the span begins and earlier it ends, minutes.
    """

    hours: tuple[str, ...] = ()
    days: tuple[int, ...] = ()
    holidays: str = ""
    sun: str = ""
    sun_margin_min: float = 0.0


@dataclass(frozen=True, slots=True)
class AlarmRule:
    """One type of alarm.

    Parameters
    ----------
    id : str
        Type of the alarm: a facility has at most one active alarm of it.
    name, name_en : str
    levels : tuple of Level
        The gravest that holds counts; their order does not matter.
    clear : Clear
    schedule : Schedule or None
    scene : str
        Topic it is listed under (``"manholes"``, ``"drainage"``, ``"lamps"`` …).
    kinds : tuple of str
        Kinds of device (``kind`` of the layer of sensors) that it judges; none for all.
    enabled : bool
    steps_down : bool
        Whether severity falls when only a lower level holds; without it the gravest stays until the alarm clears.
    judges_bad : bool
        Whether readings that are marked as bad are judged too.
    max_age_s : float
        How long a reading stands for what follows, seconds; 0 for three periods of its channel.
    edition, source, certainty, note, note_en : str
        Where it comes from: document, edition, clause; ``"our rule"`` where nobody else says it.
    """

    id: str
    name: str
    levels: tuple[Level, ...]
    name_en: str = ""
    clear: Clear = Clear()
    schedule: Schedule | None = None
    scene: str = ""
    kinds: tuple[str, ...] = ()
    enabled: bool = True
    steps_down: bool = True
    judges_bad: bool = False
    max_age_s: float = 0.0
    edition: str = ""
    source: str = ""
    certainty: str = ""
    note: str = ""
    note_en: str = ""

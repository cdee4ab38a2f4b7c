"""An alarm (报警): one type at one facility, with every time that it was active."""

from __future__ import annotations

from dataclasses import dataclass

from models.alarms.severities import rank
from models.project.selection import ObjectKey


@dataclass(frozen=True, slots=True)
class Activation:
    """One time that an alarm was active.

    Parameters
    ----------
    start_us : int
        The moment at which the rule was fulfilled, not that of the message; µs since 1970 UTC.
    end_us : int or None
        None while it lasts.
    course : tuple of (int, str)
        Severity from each moment on; the first is that of the start.
    peak : float or None
        The gravest reading of what raised it, at times at which the rule judges; None where the rule compares none (no
        message).
    peak_us : int or None
    quantity, unit : str
        Of the peak; a rule with several quantities may be fulfilled by another one each time.
    """

    start_us: int
    end_us: int | None
    course: tuple[tuple[int, str], ...]
    peak: float | None = None
    peak_us: int | None = None
    quantity: str = ""
    unit: str = ""

    @property
    def severity(self) -> str:
        """Return the severity that it has, or had at its end."""
        return self.course[-1][1]

    @property
    def gravest(self) -> str:
        """Return the gravest severity of its course."""
        return max((severity for _, severity in self.course), key=rank)

    def severity_at(self, moment_us: int) -> str:
        """Return the severity at a moment, empty where it was not active."""
        if moment_us < self.start_us or (self.end_us is not None and moment_us >= self.end_us):
            return ""
        return [severity for since, severity in self.course if since <= moment_us][-1]


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Somebody has seen an activation (确认).

    Parameters
    ----------
    start_us : int
        Start of the activation; the next one is not acknowledged by it.
    at_us : int
    who, remark : str
    """

    start_us: int
    at_us: int
    who: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Silence:
    """An alarm that shall not draw attention (静默); it is judged and listed as before.

    Parameters
    ----------
    from_us : int
    until_us : int or None
        None until the alarm clears.
    at_us : int
    who, remark : str
    """

    from_us: int
    until_us: int | None
    at_us: int
    who: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One type of alarm at one facility.

    Parameters
    ----------
    id : str
        ``"<rule>@<sensor>"``: the same in live and replay, in every run.
    rule : str
        Id of the rule.
    sensor : str
        Code of the device that was judged.
    key : ObjectKey or None
        The facility; None where the device belongs to none.
    quantity, unit : str
        Of the last peak.
    activations : tuple of Activation
        Never empty, oldest first.
    acknowledgements : tuple of Acknowledgement
    silences : tuple of Silence
    """

    id: str
    rule: str
    sensor: str
    key: ObjectKey | None
    quantity: str
    unit: str
    activations: tuple[Activation, ...]
    acknowledgements: tuple[Acknowledgement, ...] = ()
    silences: tuple[Silence, ...] = ()

    @property
    def last(self) -> Activation:
        """Return the activation that began last."""
        return self.activations[-1]

    @property
    def is_active(self) -> bool:
        """Whether it lasts."""
        return self.last.end_us is None

    @property
    def severity(self) -> str:
        """Return the severity of the last activation."""
        return self.last.severity

    @property
    def acknowledged(self) -> Acknowledgement | None:
        """Return who acknowledged the last activation, None while nobody did."""
        return next((one for one in reversed(self.acknowledgements) if one.start_us == self.last.start_us), None)

    def at(self, moment_us: int) -> Activation | None:
        """Return the activation of a moment, None where it was not active."""
        return next((one for one in reversed(self.activations) if one.severity_at(moment_us)), None)

    def is_silent(self, moment_us: int) -> bool:
        """Whether it draws no attention at a moment."""
        return any(self._holds(one, moment_us) for one in self.silences)

    def _holds(self, silence: Silence, moment_us: int) -> bool:
        if moment_us < silence.from_us:
            return False
        if silence.until_us is not None:
            return moment_us < silence.until_us
        ends = [one.end_us for one in self.activations if one.start_us <= silence.from_us]
        return bool(ends) and (ends[-1] is None or moment_us < ends[-1])


@dataclass(frozen=True, slots=True)
class Change:
    """What the engine tells: an alarm was raised, changed its severity, or cleared.

    Parameters
    ----------
    kind : str
        ``"raised"``, ``"severity"``, ``"cleared"``.
    time_us : int
        The moment it holds from.
    alarm : str
        Id of the alarm.
    rule, sensor : str
    key : ObjectKey or None
    severity : str
        From now on; at ``"cleared"`` the last one.
    value : float or None
        The reading at that moment.
    activation : Activation
        As it stands now.
    """

    kind: str
    time_us: int
    alarm: str
    rule: str
    sensor: str
    key: ObjectKey | None
    severity: str
    value: float | None
    activation: Activation


@dataclass(frozen=True, slots=True)
class RuleCounts:
    """What a rule would have raised in a span (试算).

    Parameters
    ----------
    rule : str
    start_us, end_us : int
    judged : int
        How many facilities it could judge.
    unjudged : int
        How many have the quantity but lack a number that the rule needs (coverage).
    by_severity : tuple of (str, int)
        Activations by their gravest severity, gravest first.
    by_facility : tuple of (str, int)
        Sensors with the most activations, most first, at most 50.
    activations : int
    facilities : int
        How many were in alarm at least once.
    most_at_once : int
    median_s, longest_s : float or None
        How long activations lasted (those at the end of the span until there); None without one.
    matches_everything : bool
        Whether so many facilities were in alarm at once that the rule says nothing.
    """

    rule: str
    start_us: int
    end_us: int
    judged: int
    unjudged: int
    by_severity: tuple[tuple[str, int], ...]
    by_facility: tuple[tuple[str, int], ...]
    activations: int
    facilities: int
    most_at_once: int
    median_s: float | None
    longest_s: float | None
    matches_everything: bool = False


@dataclass(frozen=True, slots=True)
class Alarms:
    """What a replay found.

    Parameters
    ----------
    alarms : tuple of Alarm
        By their first start, then id.
    start_us, end_us : int
    counts : tuple of RuleCounts
        One a rule.
    skipped_bad : int
        Readings that were not judged, since they are marked as bad.
    """

    alarms: tuple[Alarm, ...]
    start_us: int
    end_us: int
    counts: tuple[RuleCounts, ...] = ()
    skipped_bad: int = 0

"""How each indicator of a project is answered: computed, entered, imported, missing or not applicable, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from models.health.availability import Availability
from models.health.editions import IndicatorDef
from models.health.results import IndicatorResult

#: How an indicator is answered.
State = Literal["computed", "entered", "imported", "missing", "not_applicable"]
STATES: tuple[State, ...] = ("computed", "entered", "imported", "missing", "not_applicable")


@dataclass(frozen=True, slots=True)
class Answer:
    """How one indicator is answered.

    Parameters
    ----------
    definition : IndicatorDef
    state : str
        One of :data:`STATES`.
    reason : str
        Why there is no value, as :attr:`models.health.results.UnitValue.reason` says it; ``"not_yet_computed"`` where
        all is there and nobody computed, ``"no_method"`` where no layer answers it and nobody entered a value.
    availability : Availability
    counting : IndicatorResult or None
        The result that counts.
    computed, entered : IndicatorResult or None
        Both, where both are there.
    is_decided : bool
        Whether a person said which of the two counts.
    """

    definition: IndicatorDef
    state: State
    reason: str
    availability: Availability
    counting: IndicatorResult | None = None
    computed: IndicatorResult | None = None
    entered: IndicatorResult | None = None
    is_decided: bool = False

    @property
    def has_both(self) -> bool:
        """Whether a computed and an entered value of the city stand beside each other."""
        return self.difference is not None

    @property
    def difference(self) -> float | None:
        """Return the entered value of the city less the computed one, None where one of them is not there."""
        if self.computed is None or self.entered is None:
            return None
        one, other = self.entered.city.value, self.computed.city.value
        return None if one is None or other is None else one - other


def answer(
    definition: IndicatorDef,
    availability: Availability,
    computed: IndicatorResult | None,
    entered: IndicatorResult | None,
    counting: IndicatorResult | None,
    decided: Mapping[str, str],
) -> Answer:
    """Return how an indicator is answered.

    Parameters
    ----------
    definition : IndicatorDef
    availability : Availability
    computed, entered, counting : IndicatorResult or None
        What was computed last, what the entered values come to, and which of them counts.
    decided : mapping of str to str
        By code: what a person let count.
    """
    made = (availability, counting, computed, entered, definition.code in decided)
    has_values = counting is not None and _has_values(counting)
    if counting is not None and has_values:
        state: State = "computed"
        if counting.origin in ("entered", "imported"):
            state = "imported" if counting.origin == "imported" else "entered"
        return Answer(definition, state, "", *made)
    if availability.standing == "not_applicable":
        return Answer(definition, "not_applicable", "not_applicable", *made)
    return Answer(definition, "missing", _why(availability, counting), *made)


def _has_values(result: IndicatorResult) -> bool:
    return any(one.value is not None for one in (result.city, *result.units, *result.estates))


def _why(availability: Availability, counting: IndicatorResult | None) -> str:
    """Return why there is no value: what is missing now, before what was missing when it was computed."""
    if availability.layers:
        return f"no_layer:{','.join(availability.layers)}"
    if availability.fields:
        return f"no_field:{','.join(availability.fields)}"
    if availability.standing == "not_computed":
        return "no_method"
    if counting is None:
        return "not_yet_computed"
    return counting.city.reason or "nothing_to_measure"

"""What a project holds of facilities in time, beside the layers: kept, undone and saved with it.

Readings and alarms are not here: they lie in the store beside the project (:mod:`models.readings`), for they come by
the thousand a second and nobody undoes them. What *people* say of them is here. Each field is a tuple of frozen
dataclasses (or one of them), so that :mod:`models.store.rows.state_rows` can write and read it without knowing what it
is: a row of the project file each.
"""

from __future__ import annotations

from dataclasses import dataclass

from models.alarms.rule import AlarmRule
from models.cases.command.order import Order
from models.cases.command.resource import Resource
from models.cases.deadline import CaseLimit, YearDays
from models.cases.denominator import Denominator
from models.cases.step import CaseStep
from models.exchange.state import NOT_SAID, ExchangeState
from models.readings.source import LiveSource
from models.timeline.zone import CHINA, ZoneSetting


@dataclass(frozen=True, slots=True)
class OperationsState:
    """What people said of sources, alarm rules, cases and crews.

    Parameters
    ----------
    zone : ZoneSetting
        In which times are shown and written.
    alarm_rules : tuple of AlarmRule
        The project's own, and the program's as they were changed here (same id).
    sources : tuple of LiveSource
        Where readings come from; without user and password.
    case_steps : tuple of CaseStep
        What was done with cases, oldest first.
    case_limits : tuple of CaseLimit
        Time limits of the city, before those of the program.
    case_years : tuple of YearDays
        Working days of years that the program does not know.
    case_denominators : tuple of Denominator
        Which cases a rate is taken of, where the city set it.
    resources : tuple of Resource
        Crews, pumps, vehicles and stores.
    orders : tuple of Order
        Who was sent where, oldest first.
    exchange : ExchangeState
        Who this project speaks for between the levels, and what it knows of others.
    """

    zone: ZoneSetting = CHINA
    alarm_rules: tuple[AlarmRule, ...] = ()
    sources: tuple[LiveSource, ...] = ()
    case_steps: tuple[CaseStep, ...] = ()
    case_limits: tuple[CaseLimit, ...] = ()
    case_years: tuple[YearDays, ...] = ()
    case_denominators: tuple[Denominator, ...] = ()
    resources: tuple[Resource, ...] = ()
    orders: tuple[Order, ...] = ()
    exchange: ExchangeState = NOT_SAID

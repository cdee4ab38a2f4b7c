"""What the judging of readings is told beside them: whose channels they are, numbers of facilities, neighbours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from models.project.selection import ObjectKey
from models.timeline.zone import DEFAULT_ZONE


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the facilities whose channels are judged.

    Parameters
    ----------
    places : mapping of int to ObjectKey
        By channel: the facility; a channel without one is judged by its device.
    numbers : mapping of str to mapping of ObjectKey to float
        By name of the fact (``"depth_m"``): the number of each facility that has it.
    neighbours : mapping of str to mapping of ObjectKey to ObjectKey
        By kind (:data:`models.alarms.rule.NEIGHBOURS`): the neighbour of each facility that has one.
    zone : str
        Zone in which schedules are read.
    lat_deg, lon_deg : float
        Where the sun rises and sets for schedules.
    kinds : mapping of int to str
        By channel: kind of its device, for rules that judge some kinds only.
    """

    places: Mapping[int, ObjectKey] = field(default_factory=dict)
    numbers: Mapping[str, Mapping[ObjectKey, float]] = field(default_factory=dict)
    neighbours: Mapping[str, Mapping[ObjectKey, ObjectKey]] = field(default_factory=dict)
    zone: str = DEFAULT_ZONE
    lat_deg: float = 36.65
    lon_deg: float = 117.12
    kinds: Mapping[int, str] = field(default_factory=dict)

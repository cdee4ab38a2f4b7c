"""Who and what can be sent: crews, pumps, vehicles, stores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from models.core.errors import UserError
from models.views.camera import Vector

#: Crew (班组), pump (泵车、移动泵), vehicle (车辆), store of materials (物资库).
KINDS: Final = ("crew", "pump", "vehicle", "store")
#: Free, on an order, not on duty.
STATES: Final = ("free", "busy", "off")


@dataclass(frozen=True, slots=True)
class Resource:
    """One crew, pump, vehicle or store.

    Parameters
    ----------
    id : str
        Number in the city's own list; never given twice.
    kind : str
        One of :data:`KINDS`; anything else is shown as it is and sent nowhere.
    name : str
    phone : str
        Personal (``resources/standards/personal_fields.toml``, kind ``contact``): never on the picture, in no export
        but the order itself, and taken out of a redacted package.
    state : str
        One of :data:`STATES`.
    capacity : float or None
        What it can do, in ``capacity_unit``; None where nobody says.
    capacity_unit : str
        ``"m³/h"`` of a pump, ``"p"`` (people) of a crew …
    home : (E, N, H) or None
        Where it stands when nothing is heard of it, project CRS, metres.
    terminal : str
        Number of its BeiDou terminal, as positions name it; empty for none.
    """

    id: str
    kind: str
    name: str
    phone: str = ""
    state: str = "free"
    capacity: float | None = None
    capacity_unit: str = ""
    home: Vector | None = None
    terminal: str = ""


def asked_resource(one: Resource) -> None:
    """Refuse a resource of a kind or state that nobody knows.

    Raises
    ------
    UserError
        ``command.unknown_kind``.
    """
    if one.kind not in KINDS or one.state not in STATES:
        raise UserError("command.unknown_kind", file=one.id, kind=f"{one.kind} {one.state}", row=0)

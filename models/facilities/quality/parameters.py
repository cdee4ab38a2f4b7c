"""What each kind of check may be told: the parameters of a rule, their types and bounds.

A rule file is checked against this table before anything is judged, and the form of a rule is made from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

ParameterType = Literal["number", "text", "texts", "rows", "flag", "role", "expression", "pattern"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a kind of check.

    Parameters
    ----------
    name : str
        Its unit is in it: ``most_m``.
    type : str
        ``"rows"`` is a table: a list of mappings of numbers and texts.
    default : object
        None: it must be given.
    least, most : float
        Bounds of a number.
    """

    name: str
    type: ParameterType
    default: Any = None
    least: float = -1e12
    most: float = 1e12


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of check.

    Parameters
    ----------
    parameters : tuple of Parameter
    roles : tuple of str
        Layers that it can judge; empty for any.
    unit : str
        Of the value and the limit it gives.
    """

    parameters: tuple[Parameter, ...] = ()
    roles: tuple[str, ...] = ()
    unit: str = ""


def _m(name: str, default: float | None = None, least: float = 0.0, most: float = 10_000.0) -> Parameter:
    return Parameter(name, "number", default, least, most)


_PIPES = ("pipes",)
_NODES = ("pipe_nodes",)
_FIELD = Parameter("field", "text")
_ROWS = Parameter("rows", "rows")

#: Every kind of check by name. :mod:`models.facilities.quality.gate` names the function of each.
KINDS: dict[str, Kind] = {
    # values of one row
    "required": Kind((Parameter("fields", "texts"),)),
    "domain": Kind((_FIELD, Parameter("values", "texts", ()), Parameter("table", "text", ""))),
    "range": Kind((_FIELD, Parameter("least", "number", -1e12), Parameter("most", "number", 1e12),
                   Parameter("open", "flag", False))),
    "pattern": Kind((_FIELD, Parameter("pattern", "pattern"))),
    "date_order": Kind((Parameter("first", "text"), Parameter("second", "text"),
                        Parameter("not_in_future", "flag", True))),
    "expression": Kind((Parameter("expression", "expression"),)),
    # values among rows
    "unique": Kind((Parameter("fields", "texts"),)),
    "code": Kind((_FIELD,), ("facilities",)),
    "reference": Kind((_FIELD, Parameter("role", "role"), Parameter("key", "text"))),
    # places
    "inside": Kind((Parameter("role", "role"), _m("margin_m", 0.0)), unit="m"),
    "carriageway": Kind((_m("margin_m", 0.5),), unit="m"),
    "nearest": Kind((Parameter("role", "role"), Parameter("of_kinds", "texts", ()), _m("most_m"), _m("known_m", 0.0)),
                    unit="m"),
    "linked_distance": Kind((_FIELD, Parameter("role", "role"), Parameter("key", "text"), _m("most_m")), unit="m"),
    "duplicate": Kind((_m("within_m", 0.1, 0.0, 100.0),), unit="m"),
    "own_area": Kind((_FIELD, Parameter("role", "role"), Parameter("key", "text"), _m("most_m", 1.0)), unit="m"),
    # pipes as lines and as a network
    "length": Kind((_m("least_m", 0.05),), _PIPES, "m"),
    "overlap": Kind((_m("within_m", 0.05, 0.0, 10.0),), _PIPES, "m"),
    "ends": Kind((_m("most_m", 0.5),), _PIPES, "m"),
    "end_type": Kind((Parameter("types", "texts"),), _PIPES),
    "unused": Kind((), _NODES),
    "sink": Kind((Parameter("types", "texts"),), _NODES),
    "cycle": Kind((), _PIPES),
    "mixing": Kind((Parameter("into", "texts"),), _PIPES),
    # drainage by slope
    "diameter": Kind((_m("least_mm"), _m("connection_mm", 0.0), Parameter("connection_types", "texts", ())), _PIPES,
                     "mm"),
    "slope": Kind((_ROWS,), _PIPES, "‰"),
    "velocity": Kind((_ROWS,), _PIPES, "m/s"),
    "cover": Kind((_m("carriageway_m"), _m("elsewhere_m")), _PIPES, "m"),
    "spacing": Kind((_ROWS, Parameter("types", "texts")), _PIPES, "m"),
    "narrowing": Kind((Parameter("steps", "number", 2, 0, 20), Parameter("series_mm", "rows")), _PIPES, "mm"),
    "adverse": Kind((_m("tolerance_m", 0.005),), _PIPES, "m"),
    "above_ground": Kind((_m("tolerance_m", 0.0), Parameter("except_types", "texts", ("outfall",))), _NODES, "m"),
}  # fmt: skip

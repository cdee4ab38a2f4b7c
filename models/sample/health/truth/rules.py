"""The rules of the indicators that read registers, written down again, reading by reading."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import shapely

from models.sample.health.truth.registers import (
    YEAR,
    Answer,
    Register,
    Row,
    both,
    either,
    is_empty,
    is_one_of,
    is_yes,
    number,
    year,
)  # fmt: skip

HOMES = "residential old_house"
OTHER_USES = "commercial education industrial medical office public other"
NETWORKS = "JS PS YS WS HS RQ RL"
OTHER_NETWORKS = "DL TX GY ZH BM QT"


def in_year(value: Any, empty: Answer = None) -> Answer:
    """Return whether a date lies in the year of the check."""
    return empty if (found := year(value)) is None else found == YEAR


def above(value: Any, limit: float) -> Answer:
    """Return whether a number is above a limit."""
    return None if (found := number(value)) is None else found > limit


def _construction(row: Row) -> Answer:
    return is_one_of(row["kind"], "construction", "urban_village")


def _going_on(row: Row) -> Answer:
    """Return whether a site was under construction in the year: begun by its end, not done before it."""
    begun, done = year(row["started_on"]), year(row["finished_on"])
    return both(_construction(row), None if begun is None else begun <= YEAR, True if done is None else done >= YEAR)


def _old_gas(row: Row) -> Answer:
    gas = is_one_of(row["kind"], "RQ", f"{NETWORKS} {OTHER_NETWORKS}".replace("RQ", ""))
    return both(gas, is_yes(row["old"]))


def _high_rise(factories: bool) -> Any:
    def answer(row: Row) -> Answer:
        home = both(is_one_of(row["use"], HOMES, OTHER_USES), above(row["height_m"], 27.0))
        uses = OTHER_USES if factories else OTHER_USES.replace("industrial", "")
        rest = f"{HOMES} industrial" if not factories else HOMES
        other = both(is_one_of(row["use"], uses, rest), above(row["height_m"], 24.0), above(row["storeys"], 1))
        return either(home, other)

    return answer


def _on_time(row: Row) -> Answer:
    if is_empty(row["closed_at"]) or is_empty(row["due_at"]):
        return None
    return datetime.fromisoformat(row["closed_at"]) <= datetime.fromisoformat(row["due_at"])


def registers(frames: Mapping[str, Any]) -> dict[str, dict[str, Register]]:
    """Return the rule of each indicator and reading; the reading is empty where there is only one."""
    quarters = frames["heritage"][frames["heritage"]["kind"] == "historic_quarter"].geometry.to_numpy()

    def in_quarter(row: Row) -> Answer:
        return bool(shapely.contains(quarters, row["_shape"].representative_point()).any())

    def project(themes: tuple[str, ...] = ("projects",), **told: Any) -> Register:
        return Register(("projects",), themes, is_count=False, factor=100.0, **told)

    pipes: dict[str, Any] = {"by_length": True, "is_count": False, "built_up": True, "factor": 100.0}
    fire: dict[str, Any] = {"counted": lambda row: is_yes(row["fire_monitoring"]), "is_count": False, "built_up": True,
                            "factor": 100.0}  # fmt: skip
    sites = ("drainage_sites", "sanitation_sites", "tunnel_sites", "crossings", "quarters")
    handled: dict[str, Any] = {"among": lambda row: in_year(row["closed_at"], False), "is_count": False,
                               "built_up": True, "per_land": True}  # fmt: skip
    return {
        "HC25-05": {"": Register(
            ("buildings",), ("buildings",), among=lambda row: is_one_of(row["use"], HOMES, OTHER_USES),
            amount=lambda row: number(row["flats"]), part=lambda row: number(row["incomplete_flats"]),
        )},
        "HC25-18": {"": Register(
            ("footways",), ("footways",), counted=lambda row: is_one_of(row["condition"], "poor", "good fair"),
            by_length=True,
        )},
        "HC25-31": {"": Register(
            ("water",), ("water",), counted=lambda row: is_one_of(row["black_odorous"], "light heavy", "none"),
            built_up=True,
        )},
        "HC25-36": {"": project(
            among=lambda row: both(_construction(row), in_year(row["started_on"])),
            amount=lambda row: number(row["floor_area_m2"]), part=lambda row: number(row["green_floor_area_m2"]),
        )},
        "HC25-37": {"": Register(
            ("heritage",), ("heritage",), counted=lambda row: is_yes(row["recorded"]), is_count=False, factor=100.0,
        )},
        "HC25-38": {"": Register(
            ("heritage",), ("heritage",), among=lambda row: row["kind"] == "historic_building",
            counted=lambda row: above(row["idle_months"], 5.5), is_count=False, factor=100.0,
        )},
        "HC25-39": {"": Register(
            ("events",), ("events",), counted=lambda row: is_yes(row["verified"]),
            among=lambda row: both(row["kind"] == "heritage_damage", in_year(row["happened_on"])),
        )},
        "HC25-40": {"": Register(
            ("events",), ("events",), counted=lambda row: is_yes(row["verified"]),
            among=lambda row: both(row["kind"] == "demolition", in_year(row["happened_on"]), in_quarter(row)),
        )},
        "HC25-41": {"": Register(("heritage",), ("heritage",), counted=lambda row: in_year(row["announced_on"]))},
        "HC25-44": {
            reading: project(
                among=lambda row, date=date, empty=empty: both(_construction(row), in_year(row[date], empty)),
                amount=lambda row: number(row["housing_units"]), part=lambda row: number(row["affordable_units"]),
                built_up=True,
            )
            for reading, date, empty in (("started", "started_on", None), ("supplied", "finished_on", False))
        },
        "HC25-45": {"": project(
            among=lambda row: both(row["kind"] == "urban_village", is_yes(row["needs_renewal"])),
            counted=lambda row: in_year(row["finished_on"], False),
        )},
        "HC25-46": {"": project(among=_going_on, part=lambda row: number(row["deaths"]), built_up=True)},
        "HC25-47": {"": Register(
            sites, ("ponding",), among=lambda row: is_one_of(row["kind"], "ponding_point"), built_up=True,
            counted=lambda row: both(is_one_of(row.get("severity"), "serious", "general"),
                                     is_one_of(row.get("state"), "open", "closed")),
        )},
        "HC25-51": {"": Register(
            ("structures",), ("structures",), built_up=False,
            among=lambda row: is_one_of(row["kind"], "bridge overpass footbridge", "tunnel underpass"),
            counted=lambda row: is_one_of(row["grade"], "D E", "A B C"),
        )},
        "HC25-52": {
            "all_old": Register(
                ("pipes",), ("pipes",), among=_old_gas, **pipes,
                counted=lambda row: False if (done := year(row["renewed_on"])) is None else done <= YEAR,
            ),
            "year_plan": Register(
                ("pipes",), ("pipes",), **pipes, counted=lambda row: in_year(row["renewed_on"], False),
                among=lambda row: both(_old_gas(row), False if is_empty(row["renewal_plan"])
                                       else int(row["renewal_plan"]) == YEAR),
            ),
        },
        "HC25-55": {"": Register(
            ("pipes",), ("pipes",), **pipes, among=lambda row: is_one_of(row["kind"], NETWORKS, OTHER_NETWORKS),
            counted=lambda row: is_yes(row["monitored"]),
        )},
        "HC25-56": {
            "works": project(
                among=_going_on, amount=lambda row: number(row["hazardous_works"]),
                part=lambda row: number(row["hazardous_works_monitored"]),
            ),
            "projects": project(among=_going_on, counted=lambda row: is_yes(row["monitored"])),
        },
        "HC25-57": {
            "civil": Register(("buildings",), ("buildings",), among=_high_rise(False), **fire),
            "all": Register(("buildings",), ("buildings",), among=_high_rise(True), **fire),
        },
        "HC25-59": {
            "handled": Register(("cases", "year_cases"), ("cases",), **handled),
            "on_time": Register(("cases", "year_cases"), ("cases",), counted=_on_time, **handled),
        },
    }  # fmt: skip

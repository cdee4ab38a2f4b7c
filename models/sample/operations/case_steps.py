"""What was done with the cases of the sample city: the log of their steps, with some cases in each of the seven."""

from __future__ import annotations

from typing import Any

import geopandas as gpd

from models.cases.flow import moves, state_of
from models.cases.step import CaseNow, CaseStep, after
from models.cases.table import cells_of
from models.cases.times import us_of
from models.core.value_text import text_or_empty

_MINUTE_US, _HOUR_US = 60_000_000, 3_600_000_000
#: What leads to a state, with the minutes after the report.
_WAY = (
    ("accept", 10),
    ("file", 25),
    ("dispatch", 45),
    ("handle", 120),
    ("feedback", 240),
    ("close", 300),
    ("evaluate", 1440),
)
_LENGTH = {"reported": 0, "dispatched": 3, "in_work": 4, "closed": 6}
#: Columns of which the log tells.
_TOLD = ("state", "department", "owner", "filed_at", "dispatched_at", "handled_at", "returns", "reworks", "rating")


def make(cases: gpd.GeoDataFrame, components: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, tuple[CaseStep, ...]]:
    """Return the cases with what their steps say, and the steps; report, deadline and closing stay as they are.

    Parameters
    ----------
    cases, components : GeoDataFrame
        As the sample has them; the department of a case is the one that keeps its component.
    """
    keepers = components.drop_duplicates("ObjID").set_index("ObjID")["DeptName3"]
    told: dict[str, list[Any]] = {name: [] for name in _TOLD}
    log: list[CaseStep] = []
    seen: dict[str, int] = {}
    for row in cases.to_dict("records"):
        state = state_of(row["state"])
        place = seen[state] = seen.get(state, 0) + 1
        mine = _steps(row, state, place, text_or_empty(keepers.get(row["component"])))
        now = CaseNow(str(row["taskNum"]), class_code=str(row["class_code"]), reported_us=us_of(row["reported_at"]))
        for step in mine:
            now = after(now, step, lambda *_: (None, ""))
        cells = cells_of(now)
        for name in _TOLD:
            told[name].append(cells[name])
        log += mine
    return cases.assign(**told), tuple(log)


def _steps(row: dict[str, Any], state: str, place: int, department: str) -> list[CaseStep]:
    """Return the steps of one case: of some states a few went less far, or one further."""
    number, begun = str(row["taskNum"]), us_of(row["reported_at"]) or 0
    closed, due = us_of(row.get("closed_at")), us_of(row.get("due_at")) or 0
    length = _LENGTH[state]
    if state == "reported" and place % 3 == 2:
        length = 1
    elif state == "dispatched" and place % 2 == 0:
        length = 2
    elif state == "in_work" and place % 3 == 0:
        length = 5
    elif state == "closed" and place % 3 == 0:
        length = 7
    found = [CaseStep(number, "collect", begun, "reported", role="collector", source="import", source_id=number)]
    for name, minutes in _WAY[:length]:
        time = begun + minutes * _MINUTE_US
        if closed is not None and name in ("feedback", "close", "evaluate"):
            time = closed + {"feedback": -_HOUR_US, "close": 0, "evaluate": 24 * _HOUR_US}[name]
        move = moves()[name]
        found.append(CaseStep(
            number, name, time, move.to, role=move.role, department=department if name == "dispatch" else "",
            note="已现场处置" if name == "feedback" else "", due_us=due if name == "file" else 0,
            rating=("good", "good", "bad")[place // 3 % 3] if name == "evaluate" else "",
        ))  # fmt: skip
        if name == "feedback" and place == 1:  # one came back for rework
            back = moves()["rework"]
            found.append(
                CaseStep(number, "rework", time + 10 * _MINUTE_US, back.to, role=back.role, reason="现场仍有破损")
            )
            found.append(CaseStep(number, name, time + 40 * _MINUTE_US, move.to, role=move.role, note="已更换"))
    return found

"""What an engine says in its report: errors and warnings with the object that they are about, balances of mass.

Reports of long runs are large; what is wanted stands at their beginning or is looked for line by line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

#: So many messages are kept of each kind; a run may warn at every step.
MOST_MESSAGES = 500
_SWMM = re.compile(r"^\s*(ERROR|WARNING) (\d+):\s*(.*)$")
_EPANET = re.compile(r"^\s*(?:Input )?(Error) (\d+):\s*(.*)$|^\s*(WARNING|System Error):?\s*(.*)$", re.IGNORECASE)
#: Where the object's name stands in a message.
_NAMES = (
    re.compile(r"undefined object (\S+)"),
    re.compile(r"(?:duplicate ID name|duplicate (?:ID )?(?:name|label)) (\S+)"),
    re.compile(r"\b(?:Node|Link|Conduit|Pump|Orifice|Weir|Outlet|Outfall|Subcatchment|Rain Gage|Time Series|Curve|"
               r"Junction|Storage|Regulator|Divider|Valve|Pipe|Tank|node|link|pump|valve|pipe|tank|pattern|curve)"
               r" (?:ID )?(\S+?)[.,;:]?(?:\s|$)"),
    re.compile(r"invalid keyword (\S+)"),
)  # fmt: skip
_LINE = re.compile(r"at line (\d+) of")
_CONTINUITY = re.compile(r"^\s*Continuity Error \(%\)\s*\.*\s*(-?[\d.]+(?:[eE][-+]?\d+)?)")
_TABLES = {"Runoff Quantity": "runoff", "Flow Routing": "routing", "Quality Routing": "quality",
           "Groundwater": "groundwater"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Message:
    """One message of an engine.

    Parameters
    ----------
    severity : {"error", "warning"}
    number : int
        The engine's own; 0 where it gives none.
    text : str
        As the engine put it.
    name : str
        Object that it is about, empty where it names none.
    line : int
        Line of the model, from 1; 0 where it says none.
    """

    severity: str
    number: int
    text: str
    name: str = ""
    line: int = 0


def messages_of(report: Path, dialect: str, encoding: str = "utf-8") -> list[Message]:
    """Return errors and warnings of a report, each once."""
    if not report.is_file():
        return []
    pattern = _SWMM if dialect == "swmm" else _EPANET
    found: dict[Message, None] = {}
    for line, following in _with_next(report, encoding):
        match = pattern.match(line)
        if match is None:
            continue
        kind, number, text = [one for one in (*match.groups(), "") if one is not None][:3]
        if not number.isdigit():
            number, text = "0", number
        severity = "error" if "error" in kind.lower() else "warning"
        name = next((hit.group(1) for one in _NAMES if (hit := one.search(text))), "").strip("'\".,;:")
        at = _LINE.search(text)
        if following.strip() and at is not None:
            text = f"{text.rstrip(': ')}: {following.strip()[:120]}"
        if len(found) < MOST_MESSAGES:
            found[Message(severity, int(number), text.strip()[:300], name, int(at.group(1)) if at else 0)] = None
    return list(found)


def continuity_of(report: Path) -> dict[str, float]:
    """Return the continuity errors of a SWMM run in percent: ``runoff``, ``routing``, ``quality`` …"""
    found: dict[str, float] = {}
    table = ""
    for line, _ in _with_next(report, "utf-8"):
        if " Continuity " in line and "Error" not in line:
            table = next((name for title, name in _TABLES.items() if title in line), "")
        elif table and (match := _CONTINUITY.match(line)):
            found.setdefault(table, float(match.group(1)))
    return found


def _with_next(report: Path, encoding: str) -> Iterator[tuple[str, str]]:
    with report.open(encoding=encoding, errors="replace") as stream:
        before = ""
        for line in stream:
            yield before, line
            before = line
        yield before, ""

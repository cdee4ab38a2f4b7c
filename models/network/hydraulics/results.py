"""Results of a run: time × object × variable, mapped from the engine's own binary file.

Invariants
----------
1. Nothing is copied: a series or a moment is read from the disk when it is asked for, so that a run of days over a
   hundred thousand objects needs no memory. What is summed up goes through the file in pieces.
2. Numbers are those of the engine (float32 in its file), in the model's own units; SI is a factor beside them, applied
   by :meth:`Results.moment` and :meth:`Results.series`.

Sources: layout of the output files, SWMM 5.2 ``output.c`` and EPANET 2.2 ``output.c`` (both in the public domain).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.errors import UserError
from models.network.hydraulics.files import OUTPUT
from models.network.hydraulics.units import FLOW_M3_S, FOOT_M, INCH_M, KPA_M, PSI_M

#: Facts of a run, beside its files.
FACTS = "run.json"
_SWMM_MAGIC, _EPANET_MAGIC = 516114522, 516114521
_SWMM_EPOCH = datetime(1899, 12, 30)
_SWMM_FLOWS = ("CFS", "GPM", "MGD", "CMS", "LPS", "MLD")
_EPANET_FLOWS = ("CFS", "GPM", "MGD", "IMGD", "AFD", "LPS", "LPM", "MLD", "CMH", "CMD", "CMS")
_MOST_OBJECTS = 20_000_000
#: Bytes of the file that are summed up at a time.
_PIECE = 64 * 1024**2


@dataclass(frozen=True, slots=True)
class Variable:
    """One quantity of one kind of object.

    Parameters
    ----------
    element : {"nodes", "links", "subcatchments"}
    name : str
        ``"depth"``, ``"flow"``, ``"pressure"`` …; a pollutant's own name.
    at : int
        Its place among the variables of its kind.
    unit : str
        SI unit that people read: ``"m"``, ``"L/s"``.
    factor, offset : float
        From the model's unit to ``unit``.
    """

    element: str
    name: str
    at: int
    unit: str
    factor: float = 1.0
    offset: float = 0.0


@dataclass(slots=True)
class Results:
    """The results of one run.

    Parameters
    ----------
    folder : Path
    dialect : str
    names : mapping of str to list of str
        Names of the objects by element.
    variables : tuple of Variable
    times_s : ndarray (n,)
        Seconds since ``start`` of each step.
    start : datetime or None
        None in EPANET, whose clock knows no date.
    facts : mapping
        Engine, build, continuity, messages … as :func:`models.network.hydraulics.run.finish` wrote them.
    """

    folder: Path
    dialect: str
    names: Mapping[str, list[str]]
    variables: tuple[Variable, ...]
    times_s: NDArray[np.float64]
    start: datetime | None
    _steps: NDArray[Any]
    facts: Mapping[str, Any] = field(default_factory=dict)
    static: Mapping[str, Mapping[str, NDArray[np.float64]]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Return how many steps there are."""
        return len(self.times_s)

    def variable(self, element: str, name: str) -> Variable:
        """Return a variable (KeyError if there is none)."""
        for one in self.variables:
            if (one.element, one.name) == (element, name):
                return one
        raise KeyError((element, name))

    def raw(self, variable: Variable) -> NDArray[np.float32]:
        """Return steps × objects in the model's own unit, mapped from the file."""
        block = self._steps[variable.element]
        found: NDArray[np.float32] = (
            block[:, :, variable.at] if self.dialect == "swmm" else block[:, variable.at, :]
        )  # fmt: skip
        return found

    def moment(self, variable: Variable, step: int) -> NDArray[np.float64]:
        """Return the values of all objects at a step, SI."""
        return np.asarray(self.raw(variable)[step], dtype=np.float64) * variable.factor + variable.offset

    def series(self, variable: Variable, index: int) -> NDArray[np.float64]:
        """Return the values of one object over time, SI."""
        return np.asarray(self.raw(variable)[:, index], dtype=np.float64) * variable.factor + variable.offset

    def extremes(
        self, variable: Variable, *, absolute: bool = False
    ) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """Return least and greatest value of each object, SI, and the step of the greatest.

        Parameters
        ----------
        absolute : bool
            Of the amounts, without their sign: a flow against the link's direction is a flow.
        """
        raw = self.raw(variable)
        least = np.full(raw.shape[1], np.inf)
        most = np.full(raw.shape[1], -np.inf)
        at = np.zeros(raw.shape[1], dtype=np.int64)
        for first, piece in self._pieces(raw):
            values = np.abs(piece) if absolute else piece
            least = np.minimum(least, values.min(axis=0))
            top = values.max(axis=0)
            better = top > most
            at[better] = first + values.argmax(axis=0)[better]
            most = np.maximum(most, top)
        return least * variable.factor + variable.offset, most * variable.factor + variable.offset, at

    def volume_m3(self, variable: Variable) -> NDArray[np.float64]:
        """Return the volume of a flow by object: reported steps × their length, cubic metres."""
        raw = self.raw(variable)
        total = np.zeros(raw.shape[1])
        step_s = float(np.median(np.diff(self.times_s))) if self.count > 1 else 0.0
        for _, piece in self._pieces(raw):
            total += np.asarray(piece, dtype=np.float64).sum(axis=0)
        return total * variable.factor / 1000.0 * step_s

    def _pieces(self, raw: NDArray[np.float32]) -> Iterator[tuple[int, NDArray[np.float32]]]:
        rows = max(1, _PIECE // max(1, 4 * raw.shape[1]))
        for first in range(0, len(raw), rows):
            yield first, np.asarray(raw[first : first + rows])

    def clock(self, step: int) -> str:
        """Return a step as people read it: date and time, or hours and minutes since the start."""
        seconds = float(self.times_s[step])
        if self.start is not None:
            return (self.start + timedelta(seconds=round(seconds))).strftime("%Y-%m-%d %H:%M")
        return f"{int(seconds // 3600)}:{int(seconds // 60 % 60):02d}"


def open_results(folder: Path, encoding: str = "utf-8") -> Results:
    """Open the results of a run.

    Raises
    ------
    UserError
        ``network.no_results`` where the file is not there, not whole or not of an engine.
    """
    path, facts_path = Path(folder) / OUTPUT, Path(folder) / FACTS
    try:
        facts = json.loads(facts_path.read_text(encoding="utf-8")) if facts_path.is_file() else {}
        encoding = facts.get("encoding", encoding)
        head = np.fromfile(path, "<i4", 1)
        if len(head) and head[0] == _SWMM_MAGIC:
            return _open_swmm(path, facts, encoding)
        if len(head) and head[0] == _EPANET_MAGIC:
            return _open_epanet(path, facts, encoding)
    except (OSError, ValueError, IndexError, MemoryError, OverflowError) as error:
        raise UserError("network.no_results", file=path.name) from error
    raise UserError("network.no_results", file=path.name)


class _Reader:
    """Reads numbers one after another from a mapped file, and nothing beyond its end."""

    def __init__(self, path: Path) -> None:
        self.bytes: NDArray[np.uint8] = np.memmap(path, np.uint8, "r")
        self.at = 0

    def take(self, dtype: str, count: int) -> NDArray[Any]:
        if not 0 <= count <= _MOST_OBJECTS:
            raise ValueError(count)
        size = np.dtype(dtype).itemsize * count
        piece = self.bytes[self.at : self.at + size]
        if len(piece) != size:
            raise ValueError("short")
        self.at += size
        return np.frombuffer(piece.tobytes(), dtype)

    def integer(self) -> int:
        return int(self.take("<i4", 1)[0])


def _open_swmm(path: Path, facts: Mapping[str, Any], encoding: str) -> Results:
    reader = _Reader(path)
    _, _, flow, areas, nodes, links, pollutants = (int(one) for one in reader.take("<i4", 7))
    tail = _Reader(path)
    tail.at = len(tail.bytes) - 24
    ids_at, _, steps_at, _, _, magic = (int(one) for one in tail.take("<i4", 6))
    if magic != _SWMM_MAGIC:
        raise ValueError("not whole")
    reader.at = ids_at
    names = {element: [_name(reader, encoding) for _ in range(count)]
             for element, count in (("subcatchments", areas), ("nodes", nodes), ("links", links))}  # fmt: skip
    substances = [_name(reader, encoding) for _ in range(pollutants)]
    concentrations = [("mg/L", "µg/L", "#/L")[min(int(one), 2)] for one in reader.take("<i4", pollutants)]
    static = _swmm_static(reader, areas, nodes, links)
    counts = {}
    for element in ("subcatchments", "nodes", "links", "system"):
        counts[element] = reader.integer()
        reader.take("<i4", counts[element])
    shapes = {"subcatchments": (areas, counts["subcatchments"]), "nodes": (nodes, counts["nodes"]),
              "links": (links, counts["links"]), "system": (counts["system"],)}  # fmt: skip
    row = np.dtype([("date", "<f8"), *((element, "<f4", shape) for element, shape in shapes.items())])
    count = (len(reader.bytes) - 24 - steps_at) // row.itemsize
    if count < 1 or steps_at < reader.at:
        raise ValueError("no steps")
    steps = np.memmap(path, row, "r", steps_at, (count,))
    unit = _SWMM_FLOWS[flow]
    first = float(steps["date"][0])
    times_s = np.round((np.asarray(steps["date"]) - first) * 86400)
    length = FOOT_M if flow < 3 else 1.0
    static["nodes"] = {name: values * length for name, values in static["nodes"].items()}
    return Results(path.parent, "swmm", names, _swmm_variables(unit, flow < 3, substances, concentrations), times_s,
                   _SWMM_EPOCH + timedelta(seconds=round(first * 86400)), steps, facts, static)  # fmt: skip


def _swmm_static(reader: _Reader, areas: int, nodes: int, links: int) -> dict[str, dict[str, NDArray[np.float64]]]:
    """Read the properties that the file holds before its results: depths of nodes and of links."""
    found: dict[str, dict[str, NDArray[np.float64]]] = {"nodes": {}, "links": {}}
    reader.take("<i4", reader.integer())
    reader.take("<f4", areas)
    for element, count in (("nodes", nodes), ("links", links)):
        width = reader.integer()
        reader.take("<i4", width)
        table = reader.take("<i4", width * count).reshape(count, width)
        values = table.view("<f4").astype(np.float64)
        if element == "nodes":
            found[element] = {"invert": values[:, 1], "max_depth": values[:, 2]}
    return found


def _swmm_variables(
    flow: str, is_us: bool, substances: list[str], concentrations: list[str]
) -> tuple[Variable, ...]:  # fmt: skip
    litres, length = FLOW_M3_S[flow] * 1000, FOOT_M if is_us else 1.0
    rain = INCH_M * 1000 if is_us else 1.0
    volume = FOOT_M**3 if is_us else 1.0
    rows: list[tuple[str, str, str, float]] = [
        ("subcatchments", "rainfall", "mm/h", rain), ("subcatchments", "snow_depth", "mm", rain),
        ("subcatchments", "evaporation", "mm/d", rain), ("subcatchments", "infiltration", "mm/h", rain),
        ("subcatchments", "runoff", "L/s", litres), ("subcatchments", "groundwater_flow", "L/s", litres),
        ("subcatchments", "groundwater_level", "m", length), ("subcatchments", "soil_moisture", "", 1.0),
        ("nodes", "depth", "m", length), ("nodes", "head", "m", length), ("nodes", "volume", "m³", volume),
        ("nodes", "lateral_inflow", "L/s", litres), ("nodes", "inflow", "L/s", litres),
        ("nodes", "flooding", "L/s", litres),
        ("links", "flow", "L/s", litres), ("links", "depth", "m", length), ("links", "velocity", "m/s", length),
        ("links", "volume", "m³", volume), ("links", "capacity", "%", 100.0),
    ]  # fmt: skip
    made: list[Variable] = []
    for element in ("subcatchments", "nodes", "links"):
        mine = [row for row in rows if row[0] == element]
        made += [Variable(element, name, at, unit, factor) for at, (_, name, unit, factor) in enumerate(mine)]
        made += [Variable(element, name, len(mine) + at, unit)
                 for at, (name, unit) in enumerate(zip(substances, concentrations, strict=True))]  # fmt: skip
    return tuple(made)


def _name(reader: _Reader, encoding: str) -> str:
    return reader.take("<u1", reader.integer()).tobytes().decode(encoding, "replace")


def _open_epanet(path: Path, facts: Mapping[str, Any], encoding: str) -> Results:
    reader = _Reader(path)
    numbers = [int(one) for one in reader.take("<i4", 15)]
    _, _, nodes, tanks, links, pumps, _, quality, _, flow, pressure, _, start_s, step_s, _ = numbers
    reader.take("<u1", 3 * 80 + 2 * 260)
    substance, concentration = (_text(reader.take("<u1", 32), encoding) for _ in range(2))
    names: dict[str, list[str]] = {}
    for element, count in (("nodes", nodes), ("links", links)):
        names[element] = [_text(one, encoding) for one in reader.take("<u1", 32 * count).reshape(count, 32)]
    reader.take("<i4", 3 * links + tanks)
    reader.take("<f4", tanks + nodes + 2 * links)
    reader.take("<u1", 28 * pumps + 4)
    tail = _Reader(path)
    tail.at = len(tail.bytes) - 12
    count, _, magic = (int(one) for one in tail.take("<i4", 3))
    row = np.dtype([("nodes", "<f4", (4, nodes)), ("links", "<f4", (8, links))])
    count = min(count, (len(reader.bytes) - 28 - reader.at) // max(row.itemsize, 1))
    if magic != _EPANET_MAGIC or count < 1:
        raise ValueError("not whole")
    steps = np.memmap(path, row, "r", reader.at, (count,))
    unit = _EPANET_FLOWS[flow]
    times_s: NDArray[np.float64] = np.arange(count, dtype=np.float64) * step_s + start_s
    variables = _epanet_variables(unit, flow < 5, pressure, quality, substance, concentration)
    return Results(path.parent, "epanet", names, variables, times_s, None, steps, facts)


def _text(raw: NDArray[np.uint8], encoding: str) -> str:
    return raw.tobytes().split(b"\0", 1)[0].decode(encoding, "replace")


def _epanet_variables(
    flow: str, is_us: bool, pressure: int, quality: int, substance: str, concentration: str
) -> tuple[Variable, ...]:
    litres, length = FLOW_M3_S[flow] * 1000, FOOT_M if is_us else 1.0
    head = {0: PSI_M, 1: KPA_M, 2: 1.0, 3: 10.197162, 4: FOOT_M}.get(pressure, 1.0)
    made = [
        Variable("nodes", "demand", 0, "L/s", litres), Variable("nodes", "head", 1, "m", length),
        Variable("nodes", "pressure", 2, "m", head),
        Variable("links", "flow", 0, "L/s", litres), Variable("links", "velocity", 1, "m/s", length),
        Variable("links", "headloss", 2, "m/km", 1.0), Variable("links", "status", 4, ""),
    ]  # fmt: skip
    if quality:
        name = {2: "age", 3: "trace"}.get(quality, substance or "quality")
        unit = {2: "h", 3: "%"}.get(quality, concentration or "mg/L")
        made += [Variable("nodes", name, 3, unit), Variable("links", name, 3, unit)]
    return tuple(made)

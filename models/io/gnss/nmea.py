"""NMEA 0183: what a receiver says of its position, a row an epoch.

Of each epoch: place, height and quality of the fix (GGA), its standard deviations where the receiver states them (GST),
the date (RMC, ZDA). The height is that above the receiver's own geoid model, which is not that of the city.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pynmea2

from models.core.errors import Caution, UserError
from models.core.progress import Progress
from models.io.common.coordinates import stem_of
from models.io.file_info import FileInfo
from models.io.request import Opened, ReadRequest
from models.io.vector.plain_tables import inspect_table, layer_of

#: A receiver that logs ten epochs a second for two days writes less.
MOST_BYTES = 400_000_000
#: No sentence is longer than 82 characters; some receivers add fields.
_LONGEST = 400
_COLUMNS = ("time", "lon", "lat", "fix_quality", "satellites", "hdop", "height_m", "geoid_m", "sigma_e_m",
            "sigma_n_m", "sigma_h_m")  # fmt: skip


def read(path: Path, request: ReadRequest, progress: Progress) -> list[Opened]:
    """Read a log of positions as points.

    Returns
    -------
    list of Opened
        One layer with ``fix_quality`` (0 none, 1 single, 2 differential, 4 RTK fixed, 5 RTK float), ``satellites``,
        ``hdop``, ``height_m`` (antenna, above the receiver's geoid), ``geoid_m``, ``sigma_*_m`` where stated, ``time``.

    Raises
    ------
    UserError
        ``gnss.no_positions``, ``io.too_large``.
    """
    path = Path(path)
    table, damaged = epochs_of(path, progress.part(0.0, 0.7))
    cautions = [Caution("gnss.damaged_sentences", file=path.name, count=damaged)] if damaged else []
    return [layer_of(table, path, "nmea", request, stem_of(path), cautions=cautions, progress=progress.part(0.7, 1.0))]


def inspect(path: Path, info: FileInfo) -> None:
    """Complete what is known of a log."""
    info.schema = "NMEA 0183"
    inspect_table(path, info, epochs_of(path, Progress())[0], stem_of(path), "")


def epochs_of(path: Path, progress: Progress) -> tuple[pd.DataFrame, int]:
    """Return the epochs with a position as texts, and how many sentences had a wrong checksum or made no sense.

    Raises
    ------
    UserError
        ``gnss.no_positions``, ``io.too_large``.
    """
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise UserError("io.too_large", file=path.name, limit_mb=MOST_BYTES // 1_000_000)
    rows: list[dict[str, Any]] = []
    date: dt.date | None = None
    sigmas: dict[dt.time, dict[str, float | None]] = {}
    damaged = 0
    with path.open("rb") as file:
        for number, line in enumerate(_lines(file)):
            if number % 2_000 == 0:
                progress.step(min(file.tell() / max(size, 1), 1.0), "progress.io.reading")
            start = line.find(b"$")
            if start < 0:
                continue
            try:
                said = pynmea2.parse(line[start:].decode("ascii").strip(), check=True)
                kind = getattr(said, "sentence_type", "")
                if kind == "GGA" and said.timestamp is not None and said.gps_qual and said.lat and said.lon:
                    rows.append(_fix(said, date))
                elif kind == "GST" and said.timestamp is not None:
                    sigmas[said.timestamp.replace(tzinfo=None)] = _sigmas(said)
                elif kind == "RMC" and said.datestamp:
                    date = said.datestamp
                elif kind == "ZDA" and said.year and said.month and said.day:
                    date = dt.date(int(said.year), int(said.month), int(said.day))
            except (pynmea2.ParseError, ValueError, TypeError, AttributeError, OverflowError):
                damaged += 1
    if not rows:
        raise UserError("gnss.no_positions", file=path.name)
    table = pd.DataFrame(rows)
    known = table["clock"].map(sigmas)
    for name in ("sigma_e_m", "sigma_n_m", "sigma_h_m"):
        table[name] = known.map(lambda found, name=name: found[name] if isinstance(found, dict) else None)
    table = table.loc[:, [name for name in _COLUMNS if table[name].notna().any()]]
    return table.map(lambda value: None if value is None or value != value else str(value)).astype(object), damaged


def _lines(file: Any) -> Any:
    """Yield lines of bounded length; what goes on without an end is passed over piece by piece."""
    while piece := file.readline(_LONGEST):
        yield piece


def _fix(said: Any, date: dt.date | None) -> dict[str, Any]:
    clock = said.timestamp.replace(tzinfo=None)
    when = clock.isoformat() if date is None else f"{date.isoformat()}T{clock.isoformat()}Z"
    return {
        "clock": clock, "time": when, "lon": f"{said.longitude:.10f}", "lat": f"{said.latitude:.10f}",
        "fix_quality": int(said.gps_qual), "satellites": _number(said.num_sats), "hdop": _number(said.horizontal_dil),
        "height_m": _number(said.altitude), "geoid_m": _number(said.geo_sep),
    }  # fmt: skip


def _sigmas(said: Any) -> dict[str, float | None]:
    return {
        "sigma_e_m": _number(said.std_dev_longitude), "sigma_n_m": _number(said.std_dev_latitude),
        "sigma_h_m": _number(said.std_dev_altitude),
    }  # fmt: skip


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None

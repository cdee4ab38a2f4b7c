"""Charts of sensors: which channels belong to objects, their curves, the lines of rules, and tables of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.usecases.alarms.alarms import rules_of
from app.usecases.readings.readings import store_of
from app.usecases.timeline.at_hand import readings_at_hand
from app.usecases.timeline.moment import zone_of
from models.alarms.severities import severities
from models.alarms.thresholds import thresholds
from models.core.value_text import significant
from models.project.selection import ObjectKey
from models.readings.channel import Channel
from models.readings.curves import Curve, curves
from models.readings.quantities import quantity
from models.timeline.zone import local, moment_text, offset_text

if TYPE_CHECKING:
    from app.session import Session

#: More series in one chart tell nobody anything.
MOST = 60
#: To about so many readings a channel a span is thinned.
POINTS = 6000
#: More readings are not written into one table.
MOST_ROWS = 1_000_000


def channels_of(session: Session, keys: Iterable[ObjectKey]) -> list[Channel]:
    """Return the channels of devices and facilities, by id."""
    at_hand, wanted = readings_at_hand(session), set(keys)
    if at_hand is None or not wanted:
        return []
    return [
        one
        for one in at_hand.access.channels()
        if at_hand.devices.get(one.id) in wanted or at_hand.facilities.get(one.id) in wanted
    ]


def channels_named(session: Session, ids: Iterable[int]) -> list[Channel]:
    """Return channels by their ids; those that are gone are left out."""
    at_hand, wanted = readings_at_hand(session), set(ids)
    return [] if at_hand is None else [one for one in at_hand.access.channels() if one.id in wanted]


def curves_of(
    session: Session, channels: Sequence[Channel], span_us: tuple[int, int], most: int = POINTS
) -> list[Curve]:
    """Return the curves of channels in a span; for a job."""
    store = store_of(session)
    if store is None:
        return []
    first, last = span_us
    found = store.series([one.id for one in channels], first, last + 1, most)
    return curves(found, channels, span_us, most)


def channel_name(channel: Channel, lang: str) -> str:
    """Return device and quantity in words."""
    known = quantity(channel.quantity)
    return f"{channel.sensor} · {known.name(lang) if known is not None else channel.quantity}"


def digits_of(channel: Channel) -> int:
    """Return how many digits stand behind the point of its values."""
    known = quantity(channel.quantity)
    return 2 if known is None else known.digits


def value_text(value: float, channel: Channel) -> str:
    """Return a value with its unit."""
    return f"{value:,.{digits_of(channel)}f} {channel.unit}".strip()


def lines_for(session: Session, channels: Sequence[Channel]) -> list[tuple[str, float, str, int]]:
    """Return unit, value, words and level of the rules that speak of what is charted."""
    units = {one.quantity: one.unit for one in channels}
    found = []
    for line in thresholds(rules_of(session)):
        if line.quantity in units:
            severity = severities().get(line.severity)
            name = line.severity if severity is None else severity.name(session.lang)
            text = f"{name} {significant(line.value)}"
            found.append((units[line.quantity], line.value, text, 3 if severity is None else severity.grade))
    return found


def write_table(session: Session, path: Path, found: Sequence[Curve]) -> int:
    """Write readings as a table, one a row: time with its zone, device, quantity, value, unit, quality.

    Returns
    -------
    int
        How many rows were written; the latest ones where there were more than a sheet holds.
    """
    from viewers.documents.plain_sheets import PlainSheet, write_sheets

    lang, zone = session.lang, zone_of(session)
    word = session.word
    heads = [word(f"chart.head.{name}") for name in ("time", "sensor", "quantity", "value", "unit", "quality")]
    rows: list[list[object]] = []
    for curve in found:
        one = curve.channel
        known = quantity(one.quantity)
        named = known.name(lang) if known is not None else one.quantity
        for time_us, value, flags in zip(
            curve.time_us.tolist(), curve.value.tolist(), curve.quality.tolist(), strict=True
        ):
            when = local(time_us, zone).isoformat(timespec="seconds")
            rows.append([when, one.sensor, named, value, one.unit, quality_text(session, flags)])
    rows = rows[-MOST_ROWS:]
    said = [word("chart.about", zone=f"{zone} ({offset_text(0, zone)})")]
    if session.project.state.synthetic:
        said.append(word("timeline.synthetic"))
    spans = [(int(one.time_us[0]), int(one.time_us[-1])) for one in found if len(one.time_us)]
    if spans:
        ends = (min(one[0] for one in spans), max(one[1] for one in spans))
        said.append(" – ".join(moment_text(one, zone) for one in ends))
    tail = [] if path.suffix.lower() != ".csv" else [[" · ".join(said)]]
    write_sheets(path, [PlainSheet(word("chart.tab"), word("chart.title"), " · ".join(said), heads, [*rows, *tail])])
    return len(rows)


def quality_text(session: Session, flags: int) -> str:
    """Return what is said of a reading, empty for a plain good one."""
    from models.readings.batch import Quality

    comma = "、" if session.lang == "zh" else ", "
    return comma.join(
        session.word(f"chart.quality.{one.name.lower()}") for one in Quality if one and one & flags and one.name
    )

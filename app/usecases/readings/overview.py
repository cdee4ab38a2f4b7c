"""What the readings of a project are: a line a quantity with count, span, how much is flagged, how much is missing."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from app.usecases.readings.readings import store_of
from models.readings.batch import DAY_US
from models.readings.quantities import quantity_name
from models.timeline.zone import moment_text

if TYPE_CHECKING:
    from app.session import Session

#: Columns of the table, ``readings.head.<name>``.
HEADS = ("quantity", "unit", "channels", "readings", "first", "last", "days_covered", "flagged")


@dataclass(frozen=True, slots=True)
class QuantityFacts:
    """What is held of one quantity.

    Parameters
    ----------
    quantity, unit : str
    channels : int
        Channels of the quantity; ``empty`` of them have no reading.
    empty : int
    readings, flagged : int
    first_us, last_us : int
        0 where there is no reading.
    days_covered : float
        Share of the days between the first and the last reading of each channel that have one, 0…1; NaN for none.
    """

    quantity: str
    unit: str
    channels: int
    empty: int
    readings: int
    flagged: int
    first_us: int
    last_us: int
    days_covered: float


@dataclass(frozen=True, slots=True)
class Overview:
    """What a store holds, by quantity; ``thinned`` says for how many days readings are kept as they are."""

    quantities: tuple[QuantityFacts, ...] = ()
    zone: str = ""
    kept: tuple[int, int] | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-ready form."""
        rows = [asdict(one) for one in self.quantities]
        for row in rows:
            row["days_covered"] = None if np.isnan(row["days_covered"]) else round(row["days_covered"], 4)
        kept = None if self.kept is None else {"days": self.kept[0], "step_s": self.kept[1]}
        return {"zone": self.zone, "kept": kept, "quantities": rows}


def of(session: Session) -> Overview:
    """Return what the readings of the project are, of all quantities."""
    store, zone = store_of(session), session.project.state.operations.zone.name
    if store is None:
        return Overview(zone=zone)
    facts = store.facts()
    at = {int(channel): row for row, channel in enumerate(facts.channel)}
    groups: dict[tuple[str, str], list[int]] = {}
    for channel in store.channels():
        groups.setdefault((channel.quantity, channel.unit), []).append(at.get(channel.id, -1))
    found = []
    for (name, unit), all_rows in groups.items():
        rows = np.array([row for row in all_rows if row >= 0], np.intp)
        spans = facts.last_us[rows] // DAY_US - facts.first_us[rows] // DAY_US + 1
        found.append(
            QuantityFacts(
                name,
                unit,
                len(all_rows),
                len(all_rows) - len(rows),
                int(facts.count[rows].sum()),
                int(facts.flagged[rows].sum()),
                int(facts.first_us[rows].min()) if len(rows) else 0,
                int(facts.last_us[rows].max()) if len(rows) else 0,
                float(facts.days[rows].sum() / spans.sum()) if len(rows) else float("nan"),
            )
        )
    return Overview(tuple(found), zone, store.kept())


def row(one: QuantityFacts, zone: str, lang: str) -> list[str]:
    """Return a quantity as a row of a table with :data:`HEADS`."""
    known = one.readings > 0
    return [
        quantity_name(one.quantity, lang), one.unit, f"{one.channels:,}", f"{one.readings:,}",
        moment_text(one.first_us, zone) if known else "—", moment_text(one.last_us, zone) if known else "—",
        f"{one.days_covered * 100:.1f}%" if known else "—", f"{one.flagged:,}",
    ]  # fmt: skip

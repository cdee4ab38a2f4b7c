"""How far the collection is, by community: sent, back, looked at, complete, in dispute."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from models.health.collection.batches import Batch, Return
from models.health.collection.forms import Form


@dataclass(frozen=True, slots=True)
class UnitProgress:
    """How far one community is.

    Parameters
    ----------
    code, name, name_en : str
    layer, oid : str, int
        Its key.
    sent : int
        Objects on its forms.
    returns : int
        Forms that came back.
    checked, complete : int
        Objects with an answer for some, for all indicators of the form.
    found : int
        Objects at which something was found.
    last : str
        When a form came back last, ISO 8601; empty for never.
    """

    code: str
    name: str
    name_en: str
    layer: str
    oid: int
    sent: int
    returns: int
    checked: int
    complete: int
    found: int
    last: str = ""

    @property
    def state(self) -> str:
        """Return ``"not_sent"``, ``"sent"``, ``"back"`` (something is there) or ``"complete"``."""
        if not self.sent:
            return "not_sent"
        if self.complete >= self.sent:
            return "complete"
        return "back" if self.returns or self.checked else "sent"

    @property
    def share(self) -> float:
        """Return the share of objects that are complete, 0…1."""
        return min(self.complete / self.sent, 1.0) if self.sent else 0.0

    def title(self, lang: str) -> str:
        """Return its name in a language."""
        return (self.name_en if lang == "en" and self.name_en else self.name) or self.code


def progress_of(
    forms: Iterable[Form], batches: Sequence[Batch], returns: Sequence[Return], records: pd.DataFrame
) -> tuple[UnitProgress, ...]:
    """Return how far each community is.

    Parameters
    ----------
    forms : iterable of Form
        Of every community, with the indicators of all batches, as they would go out now.
    batches : sequence of Batch
    returns : sequence of Return
    records : DataFrame
        The project's table of records.
    """
    sent_to = {unit.code for batch in batches for unit in batch.units}
    back: dict[str, list[Return]] = {}
    for one in returns:
        back.setdefault(one.unit, []).append(one)
    if len(records):
        looked = records.groupby("object_code")["indicator"].agg(set).to_dict()
        bad = set(records.loc[records["found"].astype("str") == "yes", "object_code"].astype("str"))
    else:
        looked, bad = {}, set()
    found = []
    for form in forms:
        unit, mine = form.unit, back.get(form.unit.code, [])
        checked = complete = spoiled = total = 0
        for sheet in form.sheets:
            asked = {item.indicator for item in sheet.items}
            for code, value in zip(sheet.objects["object_code"], sheet.objects["kind_value"], strict=True):
                wanted = {one for one in asked if sheet.kind.concerns(one, str(value))}
                done = looked.get(code, set())
                total += 1
                checked += bool(wanted & done)
                complete += wanted <= done
                spoiled += code in bad
        if not form.sheets:  # a form of values alone is complete once it is back
            total, checked, complete = form.objects, int(bool(mine)), int(bool(mine))
        is_sent = unit.code in sent_to
        found.append(
            UnitProgress(
                unit.code, unit.name, unit.name_en, unit.layer, unit.oid, total if is_sent else 0, len(mine), checked,
                complete, spoiled, max((one.at for one in mine), default=""),
            )
        )  # fmt: skip
    return tuple(found)

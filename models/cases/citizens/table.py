"""A table of messages: which column says what, times in a zone, who wrote it taken out."""

from __future__ import annotations

from functools import lru_cache

import pandas as pd

from models.cases.citizens.personal import redacted
from models.cases.times import moments
from models.core.errors import UserError
from resources.standards import standard

#: What comes out of any table, in this order.
COLUMNS = ("number", "time_us", "subject", "text", "address", "label", "user")


@lru_cache(maxsize=1)
def _names() -> dict[str, tuple[str, ...]]:
    return {name: tuple(others) for name, others in standard("cases/message_fields")["fields"].items()}


def messages_of(table: pd.DataFrame, file: str, zone: str, *, personal: bool = False) -> tuple[pd.DataFrame, int]:
    """Return messages, and how many have a time without a zone, which then is taken to be in ``zone``.

    Parameters
    ----------
    table : DataFrame of str
    file : str
        For the words of an error.
    zone : str
    personal : bool
        Whether to keep who wrote them; otherwise ``user`` is empty and numbers and names are taken out of the texts.

    Raises
    ------
    UserError
        ``citizens.no_text`` where no column has subject or text.
    """
    held = {str(name).strip().casefold(): name for name in table.columns}
    found = {
        mine: next((held[other.casefold()] for other in others if other.casefold() in held), None)
        for mine, others in _names().items()
    }
    if found["subject"] is None and found["text"] is None:
        raise UserError("citizens.no_text", file=file, known=", ".join(map(str, table.columns))[:200])

    def column(name: str) -> pd.Series[str]:
        if found[name] is None:
            return pd.Series("", index=table.index, dtype=object)
        return table[found[name]].astype(str).str.replace(r"\s+", " ", regex=True).str.strip()

    made = pd.DataFrame({name: column(name) for name in COLUMNS if name != "time_us"})
    times, bare = moments(column("time").replace("", None), zone)
    made.insert(1, "time_us", times)
    blank = (made["subject"] == "") & (made["text"] == "")
    made = made[~blank].reset_index(drop=True)
    if not personal:
        made["user"] = ""
        for name in ("subject", "text", "address"):
            made[name] = [redacted(text) for text in made[name]]
    return made[list(COLUMNS)], bare

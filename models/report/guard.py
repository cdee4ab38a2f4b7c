"""Find the name of another city, or of another year, in the texts of a report: what a text copied from elsewhere keeps.

Names are looked for as the list (``resources/report/city_names.toml``) writes them, with their ending (``济南市``):
without it many are words of their own. What the project calls itself, and its units, may be named.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from resources import HERE

#: Signs of the text on either side that are told.
_AROUND = 12
_YEAR = re.compile(r"(?<![0-9A-Za-z./\-])((?:19|20)[0-9]{2})\s?年(?!版|以前|之前|前|以后|之后|后|底)")


@dataclass(frozen=True, slots=True)
class Foreign:
    """A name that does not belong in the report.

    Parameters
    ----------
    kind : str
        ``"city"`` or ``"year"``.
    name, context : str
        As it stands there, and the text around it.
    """

    kind: Literal["city", "year"]
    name: str
    context: str


@lru_cache(maxsize=1)
def city_names() -> tuple[str, ...]:
    """Return the names of the list, the longest first."""
    told = tomllib.loads((HERE / "report" / "city_names.toml").read_text(encoding="utf-8"))
    names = {name for row in told["province"] for name in row["names"].split()}
    return tuple(sorted(names, key=lambda name: (-len(name), name)))


@lru_cache(maxsize=1)
def _cities() -> re.Pattern[str]:
    return re.compile("|".join(re.escape(name) for name in city_names()))


def foreign_names(texts: Iterable[str], own: Iterable[str], years: Iterable[int]) -> Iterator[Foreign]:
    """Yield the names of other cities and years in texts.

    Parameters
    ----------
    texts : iterable of str
        As they are read, without marks.
    own : iterable of str
        The project's name, its units, and whatever else may be named; a name that stands in one of them is fine there.
    years : iterable of int
        Those that may be named: of the check, and the one before.
    """
    mine, known = tuple(one for one in own if one), frozenset(years)
    allowed = [name for name in city_names() if any(name in one for one in mine)]
    for text in texts:
        for found in _cities().finditer(text):
            if found[0] not in allowed:
                yield Foreign("city", found[0], _context(text, found))
        for found in _YEAR.finditer(text):
            if int(found[1]) not in known:
                yield Foreign("year", found[1], _context(text, found))


def _context(text: str, found: re.Match[str]) -> str:
    around = text[max(found.start() - _AROUND, 0) : found.end() + _AROUND]
    return " ".join(around.replace("\x00", "…").split())

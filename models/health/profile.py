"""What kind of city it is: the classes by which standards choose their benchmarks (城市概况).

The classes stand in ``resources/standards/city_profile.toml``. A field that nobody filled in is empty, and an
indicator whose benchmark it decides is then not graded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from resources.standards import standard


@dataclass(frozen=True, slots=True)
class CityProfile:
    """The classes of one city.

    Parameters
    ----------
    admin_class : str
        Administrative class (行政等级): ``"prefecture"`` …; empty where nobody said.
    size_class : str
        Size class by resident population of the urban area (城市规模等级): ``"large_1"`` …; empty where nobody said.
    rail, heating, coast : str
        Whether there is urban rail, central heating and a coast: ``"yes"``, ``"no"``; empty where nobody said.
    """

    admin_class: str = ""
    size_class: str = ""
    rail: str = ""
    heating: str = ""
    coast: str = ""

    def of(self, field: str) -> str:
        """Return the class in a field, empty for one that is not known here."""
        return str(getattr(self, field, ""))


@dataclass(frozen=True, slots=True)
class CityClass:
    """One class that a field of the profile can take."""

    id: str
    name: str
    name_en: str

    def title(self, lang: str) -> str:
        """Return its name in a language."""
        return self.name_en if lang == "en" else self.name


@lru_cache(maxsize=1)
def profile_classes() -> Mapping[str, tuple[CityClass, ...]]:
    """Return the classes of each field of the profile, in the order in which they are offered."""
    table = standard("city_profile")
    return {
        name: tuple(CityClass(row["id"], row["zh"], row["en"]) for row in table[name])
        for name in CityProfile.__dataclass_fields__
    }


def class_title(field: str, class_id: str, lang: str) -> str:
    """Return the name of a class in a language; the id where it is not in the table, empty for none."""
    return next((row.title(lang) for row in profile_classes().get(field, ()) if row.id == class_id), class_id)

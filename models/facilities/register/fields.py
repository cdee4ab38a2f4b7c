"""The fields of a register as data: what components, pipes and pipe nodes are known by, and what others call it.

The tables stand in ``resources/standards/register_fields.toml``. Everybody who reads a register reads the canonical
names of this table only; :mod:`models.facilities.register.mapping` brings the tables of others to them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from models.core.errors import UserError
from models.roles import Role, role_named
from resources.standards import standard

#: The schemas, as the command line names them.
KINDS = ("components", "pipes", "nodes")

_SEPARATORS = re.compile(r"[\s_\-.:/\\#()（）\[\]【】]+")
_UNIT_AT_END = re.compile(r"(?:[(（\[]\s*([^)）\]]+?)\s*[)）\]]|[_\s.](us[-_]ft|[A-Za-z]+))\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a domain.

    Parameters
    ----------
    id : str
        What is kept.
    zh, en : str
    words : tuple of str
        What others write for it, folded (:func:`folded`).
    """

    id: str
    zh: str
    en: str
    words: tuple[str, ...]

    def title(self, lang: str) -> str:
        """Return what it is called."""
        return self.en if lang == "en" else self.zh


@dataclass(frozen=True, slots=True)
class Domain:
    """The values that a field may have.

    Parameters
    ----------
    id : str
    choices : tuple of Choice
    open : bool
        Whether a value that is not among them is kept.
    names : tuple of (str, tuple of str)
        Value → parts of a table's name that say it of all rows.
    """

    id: str
    choices: tuple[Choice, ...]
    open: bool
    names: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def of(self, text: str) -> str:
        """Return the value that a text of others means, empty where it means none.

        A word counts as a whole; one of four letters or two characters and more also inside a longer text, the longest
        first.
        """
        told = folded(text)
        words = _words_of(self.id)
        if told in words:
            return words[told]
        return next((value for word, value in _inside(self.id) if word in told), "")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a register.

    Parameters
    ----------
    name : str
        Canonical name.
    zh, en : str
    type : str
        ``"text"``, ``"number"``, ``"choice"``, ``"date"`` (ISO day as text) or ``"year"`` (whole number).
    unit : str
        Of numbers; empty for none.
    group : str
        Under which head a form shows it.
    required : bool
    domain : str
        Id of the domain of a choice.
    aliases : tuple of str
        Folded names of others, the surest first.
    patterns : tuple of str
        Regular expressions over folded names.
    zero : str
        ``"missing"``: nothing is 0; ``"judged"``: 0 is no data where it stands apart; empty: 0 is a value.
    least, most : float or None
        What a value can be, in ``unit``.
    no_data : tuple of str
        Further texts that mean no data, in lower case.
    lowest_of : tuple of str
        Patterns of columns of which the lowest value is meant.
    below_ground : tuple of str
        Folded names of depths below the ground level.
    """

    name: str
    zh: str
    en: str
    type: str
    unit: str = ""
    group: str = ""
    required: bool = False
    domain: str = ""
    aliases: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    zero: str = ""
    least: float | None = None
    most: float | None = None
    no_data: tuple[str, ...] = ()
    lowest_of: tuple[str, ...] = ()
    below_ground: tuple[str, ...] = ()

    def title(self, lang: str) -> str:
        """Return what the field is called."""
        return self.en if lang == "en" else self.zh


@dataclass(frozen=True, slots=True)
class Schema:
    """The fields of one kind of things.

    Parameters
    ----------
    id : str
        One of :data:`KINDS`.
    zh, en : str
    role : Role
        Role of a layer of such things.
    key : str
        Field that tells things apart for good.
    fields : tuple of Field
    """

    id: str
    zh: str
    en: str
    role: Role
    key: str
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field | None:
        """Return a field by its canonical name, None where there is none."""
        return next((field for field in self.fields if field.name == name), None)

    def title(self, lang: str) -> str:
        """Return what such things are called."""
        return self.en if lang == "en" else self.zh


def folded(name: object) -> str:
    """Return a name or a word as it is compared: narrow, without case, blanks, signs and brackets.

    Examples
    --------
    >>> folded("UPSTREAM_ELEVATION"), folded("起点 管底高程（m）")
    ('upstreamelevation', '起点管底高程m')
    """
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", str(name)).casefold())


def name_and_unit(name: str) -> tuple[str, str]:
    """Return a column's folded name without its unit, and the unit that it states, empty where it states none.

    Examples
    --------
    >>> name_and_unit("管径（mm）"), name_and_unit("DIAM_IN"), name_and_unit("RIM_ELEV_FT")
    (('管径', 'mm'), ('diam', 'in'), ('rimelev', 'ft'))
    """
    text = unicodedata.normalize("NFKC", name).strip()
    found = _UNIT_AT_END.search(text)
    if found is not None and text[: found.start()].strip():
        unit = unit_of(found[1] or found[2])
        if unit:
            return folded(text[: found.start()]), unit
    return folded(text), ""


def unit_of(word: str) -> str:
    """Return the unit that a word means, empty where it means none."""
    return _unit_words().get(unicodedata.normalize("NFKC", word).strip().strip(".").casefold(), "")


@lru_cache(maxsize=1)
def _unit_words() -> Mapping[str, str]:
    words: Mapping[str, list[str]] = standard("register_fields")["unit_words"]
    return {word.casefold(): unit for unit, listed in words.items() for word in listed}


def metres(unit: str) -> float:
    """Return how many metres a unit is (KeyError for one that is not listed)."""
    return float(standard("register_fields")["units"][unit])


def units() -> tuple[str, ...]:
    """Return the units that a source may be in."""
    return tuple(standard("register_fields")["units"])


@lru_cache(maxsize=8)
def schema(kind: str) -> Schema:
    """Return the fields of one of :data:`KINDS`.

    Raises
    ------
    UserError
        ``register.no_schema``.
    """
    row = next((row for row in standard("register_fields")["schema"] if row["id"] == kind), None)
    role = None if row is None else role_named(row["role"])
    if row is None or role is None:
        raise UserError("register.no_schema", kind=kind, known=", ".join(KINDS))
    return Schema(row["id"], row["zh"], row["en"], role, row["key"], tuple(_field(one) for one in row["field"]))


def schema_of_role(role: str) -> Schema | None:
    """Return the fields of the layers of a role, None where a register knows none."""
    return next((one for one in map(schema, KINDS) if one.role == role), None)


def _field(row: Mapping[str, Any]) -> Field:
    lists: dict[str, Any] = {name: tuple(row.get(name, ())) for name in ("patterns", "lowest_of", "no_data")}
    lists |= {name: tuple(folded(one) for one in row.get(name, ())) for name in ("aliases", "below_ground")}
    return Field(**{**row, **lists})


@lru_cache(maxsize=32)
def domain(name: str) -> Domain:
    """Return a domain by its id (KeyError if there is none)."""
    row = standard("register_fields")["domain"][name]
    listed = {value: tuple(words) for value, words in row.get("words", {}).items()}
    origin = row.get("from")
    if origin == "facility_states":
        choices = [
            (one["zh"], one["zh"], one["en"], (one["id"], one["en"], *one["words"]))
            for one in standard(origin)["state"] if one["id"] != "unknown"
        ]  # fmt: skip
    elif origin == "pipes_cjj61":
        choices = [
            (one["code"], one["zh"], one["en"], (one["zh"], one["en"], *listed.get(one["code"], ())))
            for one in standard(origin)["kind"]
        ]  # fmt: skip
    else:
        choices = [(one["id"], one["zh"], one["en"], (one["zh"], *one["words"])) for one in row["value"]]
    made = tuple(
        Choice(key, zh, en, tuple(dict.fromkeys(folded(word) for word in (key, *words))))
        for key, zh, en, words in choices
    )  # fmt: skip
    names = tuple((value, tuple(folded(part) for part in parts)) for value, parts in row.get("names", {}).items())
    return Domain(name, made, bool(row["open"]), names)


@lru_cache(maxsize=32)
def _words_of(name: str) -> Mapping[str, str]:
    """Return word → value; a word that two values have belongs to the first."""
    words: dict[str, str] = {}
    for choice in domain(name).choices:
        for word in choice.words:
            words.setdefault(word, choice.id)
    return words


@lru_cache(maxsize=32)
def _inside(name: str) -> tuple[tuple[str, str], ...]:
    """Return the words that also count inside a longer text, the longest first."""
    telling = [(word, value) for word, value in _words_of(name).items() if len(word) >= (4 if word.isascii() else 2)]
    return tuple(sorted(telling, key=lambda pair: -len(pair[0])))

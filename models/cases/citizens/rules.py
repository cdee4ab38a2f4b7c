"""Which class a message belongs to, told by words: an editable table, no model."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from models.core.errors import UserError, first_line
from resources.standards import standard

#: Class of what no row knows.
UNKNOWN = ""
#: A table with more is no table that a person keeps.
_MOST_ROWS, _MOST_WORDS = 500, 20_000


@dataclass(frozen=True, slots=True)
class MessageRule:
    """A class and the words that speak for it.

    Parameters
    ----------
    name : str
        Id of the class.
    zh, en : str
    words : tuple of str
        Plain text; one that stands in the message counts once.
    weight : float
        What a word is worth.
    without : tuple of str
        Words that take the class out.
    codes : tuple of str
        Classes of cases that are about the same; empty where nobody said.
    """

    name: str
    zh: str
    en: str
    words: tuple[str, ...]
    weight: float = 1.0
    without: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()

    def title(self, lang: str) -> str:
        """Return what the class is called."""
        return self.en if lang == "en" else self.zh


@dataclass(frozen=True, slots=True)
class MessageRules:
    """A set of classes.

    Parameters
    ----------
    name : str
    rows : tuple of MessageRule
        The first of several with as many points counts.
    subject : float
        What a word in the subject counts, against one in the text.
    """

    name: str
    rows: tuple[MessageRule, ...]
    subject: float = 3.0

    def classes(self, subjects: Sequence[str], texts: Sequence[str]) -> NDArray[np.object_]:
        """Return the class of each message, :data:`UNKNOWN` where no word is in it."""
        heads, bodies = pa.array(subjects, pa.large_string()), pa.array(texts, pa.large_string())
        points = np.zeros((len(self.rows), len(subjects)))
        for at, row in enumerate(self.rows):
            for word in row.words:
                points[at] += row.weight * (self.subject * _has(heads, word) + _has(bodies, word))
            for word in row.without:
                points[at, (_has(heads, word) | _has(bodies, word)).astype(bool)] = 0
        if not len(subjects):
            return np.zeros(0, object)
        names = np.array([row.name for row in self.rows], dtype=object)
        return np.where(points.max(axis=0) > 0, names[points.argmax(axis=0)], UNKNOWN)

    def row(self, name: str) -> MessageRule | None:
        """Return a class by name."""
        return next((row for row in self.rows if row.name == name), None)


def _has(texts: Any, word: str) -> NDArray[np.int8]:
    return np.asarray(pc.match_substring(texts, word).fill_null(False), dtype=np.int8)


@lru_cache(maxsize=8)
def message_rules(name: str = "matters") -> MessageRules:
    """Return a set of the program.

    Raises
    ------
    UserError
        ``citizens.no_set``.
    """
    return _of_table(standard("cases/message_rules"), name, "message_rules.toml")


def rules_of_file(path: Path, name: str = "matters") -> MessageRules:
    """Return a set of a person's own file, which is of the same form.

    Raises
    ------
    UserError
        ``citizens.bad_rules``, ``citizens.no_set``.
    """
    try:
        table = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UserError("citizens.bad_rules", file=Path(path).name, reason=first_line(error)) from error
    return _of_table(table, name, Path(path).name)


def _of_table(table: dict[str, Any], name: str, file: str) -> MessageRules:
    try:
        sets = {str(one["id"]): one["row"] for one in table["set"]}
        if name not in sets:
            raise UserError("citizens.no_set", file=file, name=name, known=", ".join(sets))
        rows = tuple(
            MessageRule(
                str(row["class"]), str(row.get("zh", row["class"])), str(row.get("en", row["class"])),
                _words(row["words"]), float(row.get("weight", 1.0)), _words(row.get("not", [])),
                _words(row.get("codes", [])),
            )
            for row in sets[name]
        )  # fmt: skip
        if not 0 < len(rows) <= _MOST_ROWS or sum(len(row.words) for row in rows) > _MOST_WORDS:
            raise ValueError(f"{len(rows)} classes")
        return MessageRules(name, rows, float(table.get("meta", {}).get("subject", 3.0)))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UserError("citizens.bad_rules", file=file, reason=f"{type(error).__name__} {error}") from error


def _words(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
        raise ValueError("words")
    return tuple(value)

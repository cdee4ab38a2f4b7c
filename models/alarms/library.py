"""The alarm rules of the program, and rules of a file: TOML, checked as they are read."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import cattrs
from cattrs.errors import BaseValidationError

from models.alarms.checked import checked
from models.alarms.rule import AlarmRule
from models.core.errors import UserError
from resources.standards import standard, standards_in

#: What a file says once for all of its rules.
_SHARED = ("scene", "edition", "source", "certainty")
_LARGEST_BYTES = 1_000_000


@lru_cache(maxsize=1)
def program_rules() -> tuple[AlarmRule, ...]:
    """Return the rules of the program, by scene."""
    return tuple(
        rule
        for name in standards_in("alarms")
        if name != "severities"
        for rule in rules_from(standard(f"alarms/{name}"))
    )


def rules_from(table: Mapping[str, Any]) -> list[AlarmRule]:
    """Return the rules of a table that was read.

    Raises
    ------
    UserError, BaseValidationError
    """
    shared = {name: table[name] for name in _SHARED if name in table}
    found = [checked(_converter().structure({**shared, **row}, AlarmRule)) for row in table.get("rule", ())]
    seen: set[str] = set()
    for rule in found:
        if rule.id in seen:
            raise UserError("alarms.rule.id", rule=rule.id)
        seen.add(rule.id)
    return found


def rules_of_file(path: Path) -> list[AlarmRule]:
    """Return the rules of a TOML file: ``[[rule]]`` tables as the program's own files have them.

    Raises
    ------
    UserError
        ``alarms.rules_file`` for what is no such file, ``alarms.rule.*`` for a rule that makes no sense.
    """
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise ValueError(f"> {_LARGEST_BYTES} B")
        found = rules_from(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError, BaseValidationError) as error:
        raise UserError("alarms.rules_file", file=path.name, why=_why(error)) from error
    if not found:
        raise UserError("alarms.rules_file", file=path.name, why="[[rule]]?")
    return found


def _why(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__


@lru_cache(maxsize=1)
def _converter() -> cattrs.Converter:
    # A field that is misspelt is told, not passed over.
    return cattrs.Converter(forbid_extra_keys=True)

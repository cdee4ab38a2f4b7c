"""Rules of the quality gate: read from a file, checked against what each kind of check may be told, written again.

Invariants
----------
1. A file is data. No part of it is run: expressions are those of :mod:`models.query`, patterns are matched by RE2,
   which takes no longer than the text is long.
2. A file that is too large, or says what no kind of check understands, is refused by name before anything is judged.
3. What is written reads back as the same book.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

from models.core.errors import UserError
from models.facilities.quality.parameters import KINDS, Parameter
from models.query.expression import compile_expression
from models.roles import Role
from resources.standards import standard

#: Worst first.
SEVERITIES = ("error", "warning", "hint")
#: How sure a rule's source is, see ``certainty`` in the rule files.
CERTAINTIES = ("A", "B", "C", "D")
#: The rule files of the program, in the order in which their rules are listed.
STANDARD_FILES = ("components", "pipes", "drainage")
#: Version of the format.
FORMAT = 1
_MOST_BYTES, _MOST_RULES, _MOST_TEXT, _MOST_ITEMS = 1_000_000, 500, 2_000, 5_000


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a rule comes from.

    Parameters
    ----------
    standard, clause : str
        ``"GB 50014-2021"``, ``"5.2.10"``; a rule of good practice says so in ``standard``.
    certainty : str
        ``"A"`` the text itself was read … ``"D"`` from memory or inferred.
    """

    standard: str = ""
    clause: str = ""
    certainty: str = "D"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Parameters
    ----------
    id : str
        Unique in a book; ``"pipe.slope"``.
    zh, en : str
        Title.
    severity : str
        One of :data:`SEVERITIES`.
    role : str
        Role of the layers that it judges.
    check : str
        One of :data:`models.facilities.quality.parameters.KINDS`.
    parameters : mapping
    symbols : tuple of str
        Components of classes drawn by these signs only (``"lamp"``, ``"tree"``, ``"cover"`` …); empty for all. Signs
        hold in every edition of the code tables.
    kinds : tuple of str
        Pipes and nodes of these kinds (CJJ 61) only; ``"gravity"`` stands for all that drain by slope.
    where : str
        Expression that an object must satisfy to be judged; empty for all.
    origin : Origin
    enabled : bool
    note : str
        Why somebody changed it.
    repair : str
        Id of the repair that it knows, see :mod:`models.facilities.quality.repairs`; empty for none.
    """

    id: str
    zh: str
    en: str
    severity: str
    role: str
    check: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    symbols: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    where: str = ""
    origin: Origin = field(default_factory=Origin)
    enabled: bool = True
    note: str = ""
    repair: str = ""

    def title(self, lang: str) -> str:
        """Return its title in a language."""
        return self.en if lang == "en" and self.en else self.zh or self.en

    def of(self, name: str) -> Any:
        """Return a parameter, its default where the rule does not say it."""
        if name in self.parameters:
            return self.parameters[name]
        return next(one.default for one in KINDS[self.check].parameters if one.name == name)


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Rules in their order, and what a failure of each severity weighs in the score.

    Parameters
    ----------
    rules : tuple of Rule
    weights : mapping of str to float
        0…1 by severity.
    name : str
        Of the file that it came from; empty for the program's own.
    """

    rules: tuple[Rule, ...] = ()
    weights: Mapping[str, float] = field(default_factory=lambda: {"error": 1.0, "warning": 0.3, "hint": 0.0})
    name: str = ""

    def rule(self, rule_id: str) -> Rule:
        """Return a rule by its id.

        Raises
        ------
        UserError
            ``gate.no_rule``.
        """
        for one in self.rules:
            if one.id == rule_id:
                return one
        raise UserError("gate.no_rule", rule=rule_id)

    def with_rule(self, rule: Rule) -> RuleBook:
        """Return a book with a rule in the place of the one with its id."""
        return replace(self, rules=tuple(rule if one.id == rule.id else one for one in self.rules))


@lru_cache(maxsize=1)
def standard_book() -> RuleBook:
    """Return the rules of the program."""
    documents = [standard(f"quality/{name}") for name in STANDARD_FILES]
    return _book([row for one in documents for row in one["rule"]], documents[0]["score"], "")


def read_book(path: Path) -> RuleBook:
    """Read a rule file.

    Raises
    ------
    UserError
        ``gate.bad_file`` with file and reason: too large, no TOML, another format, a rule that is not understood.
    """
    path = Path(path)
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UserError("gate.file_too_large", file=path.name)
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UserError("io.missing", file=str(path)) from error
    except UnicodeDecodeError as error:
        raise UserError("gate.bad_file", file=path.name, why="UTF-8", place=str(error.start)) from error
    return parse_book(text, path.name)


def parse_book(text: str, name: str) -> RuleBook:
    """Understand the text of a rule file; see :func:`read_book`."""
    try:
        if len(text) > _MOST_BYTES:
            raise UserError("gate.file_too_large", file=name)
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise UserError("gate.bad_file", file=name, why="TOML", place=str(error)[:200]) from error
    meta = document.get("meta")
    if not isinstance(meta, dict) or meta.get("format") != FORMAT:
        raise UserError("gate.bad_file", file=name, why="meta.format", place=str(FORMAT))
    rows = document.get("rule")
    if not isinstance(rows, list) or not 0 < len(rows) <= _MOST_RULES:
        raise UserError("gate.bad_file", file=name, why="rule", place=f"1…{_MOST_RULES}")
    return _book(rows, document.get("score", {}), name)


def book_text(book: RuleBook) -> str:
    """Return a book as the text of a rule file."""
    import tomli_w

    rows = [_as_row(rule) for rule in book.rules]
    return tomli_w.dumps({"meta": {"format": FORMAT}, "score": dict(book.weights), "rule": rows})


def _as_row(rule: Rule) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": rule.id, "zh": rule.zh, "en": rule.en, "severity": rule.severity, "role": rule.role, "check": rule.check,
        "symbols": list(rule.symbols), "kinds": list(rule.kinds), "where": rule.where, "enabled": rule.enabled,
        "note": rule.note, "repair": rule.repair, "standard": rule.origin.standard, "clause": rule.origin.clause,
        "certainty": rule.origin.certainty,
    }  # fmt: skip
    kept = {name: value for name, value in row.items() if value not in ("", []) and (name, value) != ("enabled", True)}
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in rule.parameters.items()}
    return kept | ({"parameters": plain} if plain else {})


def _book(rows: Iterable[Any], weights: Any, name: str) -> RuleBook:
    rules = tuple(_rule(row, number, name) for number, row in enumerate(rows, 1))
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise UserError("gate.bad_file", file=name, why="id", place=rule.id)
        seen.add(rule.id)
    given = weights if isinstance(weights, dict) else {}
    said = {one: given.get(one, default) for one, default in RuleBook().weights.items()}
    for severity, weight in said.items():
        if not _is_number(weight) or not 0 <= weight <= 1:
            raise UserError("gate.bad_file", file=name, why=f"score.{severity}", place=str(weight)[:80])
    return RuleBook(rules, {one: float(weight) for one, weight in said.items()}, name)


def _rule(row: Any, number: int, name: str) -> Rule:
    place = str(row.get("id", number))[:80] if isinstance(row, dict) else str(number)

    def refuse(why: str) -> UserError:
        return UserError("gate.bad_file", file=name, why=why, place=place)

    if not isinstance(row, dict):
        raise refuse("rule")
    known = {"id", "zh", "en", "severity", "role", "check", "parameters", "symbols", "kinds", "where", "enabled",
             "note", "repair", "standard", "clause", "certainty"}  # fmt: skip
    for key in row:
        if key not in known:
            raise refuse(str(key)[:80])

    def text(key: str, default: str | None = "") -> str:
        value = row.get(key, default)
        if not isinstance(value, str) or len(value) > _MOST_TEXT or (default is None and not value.strip()):
            raise refuse(key)
        return value

    check, role = text("check", None), text("role", None)
    if check not in KINDS:
        raise refuse(f"check = {check[:40]}")
    if role not in get_args(Role) or (KINDS[check].roles and role not in KINDS[check].roles):
        raise refuse(f"role = {role[:40]}")
    severity, certainty = text("severity", "warning"), text("certainty", "D")
    if severity not in SEVERITIES:
        raise refuse("severity")
    if certainty not in CERTAINTIES:
        raise refuse("certainty")
    enabled = row.get("enabled", True)
    if not isinstance(enabled, bool):
        raise refuse("enabled")
    try:
        parameters = checked_parameters(check, row.get("parameters", {}))
        where = text("where")
        if where.strip():
            compile_expression(where)
    except UserError as error:
        reason = error.facts.get("parameter") or f"where / {error.code}"
        raise refuse(str(reason)) from error
    return Rule(
        text("id", None), text("zh"), text("en"), severity, role, check, parameters, _texts(row, "symbols", refuse),
        _texts(row, "kinds", refuse), where, Origin(text("standard"), text("clause"), certainty), enabled, text("note"),
        text("repair"),
    )  # fmt: skip


def _texts(row: Mapping[str, Any], key: str, refuse: Any) -> tuple[str, ...]:
    value = row.get(key, [])
    if not isinstance(value, list) or len(value) > _MOST_ITEMS or not all(isinstance(one, str) for one in value):
        raise refuse(key)
    return tuple(value)


def checked_parameters(check: str, given: Any) -> dict[str, Any]:
    """Return the parameters of a kind of check, each of its type and within its bounds.

    Raises
    ------
    UserError
        ``gate.bad_parameter`` with ``parameter``.
    """
    if not isinstance(given, dict):
        raise UserError("gate.bad_parameter", parameter="parameters")
    specs = {one.name: one for one in KINDS[check].parameters}
    for name in given:
        if name not in specs:
            raise UserError("gate.bad_parameter", parameter=str(name)[:80])
    made: dict[str, Any] = {}
    for name, spec in specs.items():
        if name in given:
            made[name] = _checked(spec, given[name])
        elif spec.default is None:
            raise UserError("gate.bad_parameter", parameter=name)
    return made


def _checked(spec: Parameter, value: Any) -> Any:
    bad = UserError("gate.bad_parameter", parameter=spec.name)
    if spec.type == "number":
        if not _is_number(value) or not spec.least <= value <= spec.most:
            raise bad
        return value
    if spec.type == "flag":
        if not isinstance(value, bool):
            raise bad
        return value
    if spec.type in ("texts", "rows"):
        value = list(value) if isinstance(value, tuple) else value
        if not isinstance(value, list) or len(value) > _MOST_ITEMS:
            raise bad
        is_sound = _is_text if spec.type == "texts" else _is_row
        if not all(is_sound(one) for one in value):
            raise bad
        return tuple(value)
    if not isinstance(value, str) or len(value) > _MOST_TEXT or not value.strip():
        raise bad
    if spec.type == "role" and value not in get_args(Role):
        raise bad
    if spec.type == "expression":
        try:
            compile_expression(value)
        except UserError as error:
            raise bad from error
    if spec.type == "pattern":
        try:
            matches([""], value)
        except ValueError as error:
            raise bad from error
    return value


def matches(texts: Any, pattern: str) -> Any:
    """Return which texts a pattern fits as a whole, by RE2: time grows with the text alone.

    Raises
    ------
    ValueError
        The pattern is none.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pc.call_function(
        "match_substring_regex", [pa.array(texts, pa.string())], pc.MatchSubstringOptions(f"^(?:{pattern})$")
    )
    return found.to_numpy(zero_copy_only=False)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e15


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _MOST_TEXT


def _is_row(value: Any) -> bool:
    """Whether a value is a row of a table of limits: a number, or a mapping of a few numbers and texts."""
    if _is_number(value):
        return True
    return isinstance(value, dict) and len(value) <= 12 and all(
        _is_number(one) or (isinstance(one, str) and len(one) <= _MOST_TEXT) for one in value.values()
    )  # fmt: skip

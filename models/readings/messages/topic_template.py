"""Templates of MQTT topics: ``city/{sensor}/{quantity}`` says what to subscribe to and what a topic tells.

Invariants
----------
1. A field ``{name}`` is one whole level; it becomes ``+`` in what is subscribed to. ``+`` stands for a level that tells
   nothing, ``#`` at the end for any number of them.
2. What a topic says is text of a stranger: with a control character, a wildcard or more than :data:`MOST_LETTERS`
   letters in a level it tells nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from models.core.errors import UserError

MOST_LETTERS = 200
FIELDS = ("sensor", "quantity", "unit")
_FIELD = re.compile(r"\{([a-z_]+)\}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def is_plain_name(text: str) -> bool:
    """Whether a name of a stranger can be one: short, without control characters and wildcards."""
    return 0 < len(text) <= MOST_LETTERS and not _CONTROL.search(text) and not any(sign in text for sign in "+#")


@lru_cache(maxsize=256)
def topic_filter(template: str) -> str:
    """Return what is subscribed to for a template.

    Examples
    --------
    >>> topic_filter("city/{sensor}/{quantity}")
    'city/+/+'

    Raises
    ------
    UserError
        ``live.topic`` for a template that is none.
    """
    levels = template.split("/")
    seen: set[str] = set()
    out = []
    for number, level in enumerate(levels):
        if found := _FIELD.fullmatch(level):
            if found[1] not in FIELDS or found[1] in seen:
                raise UserError("live.topic", topic=template[:MOST_LETTERS])
            seen.add(found[1])
            out.append("+")
        elif level == "+" or (level == "#" and number == len(levels) - 1):
            out.append(level)
        elif (level and not is_plain_name(level)) or "{" in level or "}" in level:
            raise UserError("live.topic", topic=template[:MOST_LETTERS])
        else:
            out.append(level)
    if not template or len(template.encode()) > 60_000:
        raise UserError("live.topic", topic=template[:MOST_LETTERS])
    return "/".join(out)


def reader_of(templates: tuple[str, ...]) -> Callable[[str], dict[str, str] | None]:
    """Return a function from a topic to what it tells; None where no template allows it or its names are no names."""
    patterns = [_pattern(template) for template in templates]

    def read(topic: str) -> dict[str, str] | None:
        for pattern in patterns:
            if found := pattern.fullmatch(topic):
                told = found.groupdict()
                return told if all(is_plain_name(name) for name in told.values()) else None
        return None

    return read


def _pattern(template: str) -> re.Pattern[str]:
    parts = []
    for level in template.split("/"):
        if found := _FIELD.fullmatch(level):
            parts.append(f"(?P<{found[1]}>[^/]*)")
        elif level == "+":
            parts.append("[^/]*")
        elif level == "#":
            parts.append(".*")
        else:
            parts.append(re.escape(level))
    pattern = "/".join(parts)
    return re.compile(pattern.removesuffix("/.*") + "(?:/.*)?" if pattern.endswith("/.*") else pattern, re.DOTALL)

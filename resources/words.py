"""Every word a person sees, in Chinese and English side by side.

``resources/words/*.toml`` holds tables ``["key"] zh = "…" en = "…"``, one file a topic. Keys are dotted and unique over
all files; fields stand in braces: ``"{count} 栋建筑"``. A test finds a missing half, a field that only one language
has, and a key that nobody or nothing defines.
"""

from __future__ import annotations

import json
import locale
import logging
import os
import re
import tomllib
from functools import lru_cache

from resources import HERE
from resources.standards import standard, standards_in
from resources.visible_text import visible_lines

LANGUAGES = ("zh", "en")
#: Beginning of the word keys that come from the edition of the health check.
INDICATOR_MENU = "action.health.show."
log = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def table() -> dict[str, dict[str, str]]:
    """Return ``{key: {"zh": …, "en": …}}`` of all files."""
    words: dict[str, dict[str, str]] = {}
    for path in sorted((HERE / "words").glob("*.toml")):
        for key, pair in _parsed(path.read_text(encoding="utf-8")).items():
            if key in words:
                raise ValueError(f"{path.name}: {key} is defined twice")
            words[key] = pair
    return words


#: A table as nearly all of ours stand there: key, zh and en, each a basic string in a line of its own.
_PLAIN = re.compile(r'\["([^"\\]+)"\]\nzh = ("(?:[^"\\\n]|\\.)*")\nen = ("(?:[^"\\\n]|\\.)*")\n')


def _parsed(text: str) -> dict[str, dict[str, str]]:
    """Return the tables of a file of words, as ``tomllib`` would: it takes ten times as long, at every start."""
    plain: dict[str, dict[str, str]] = {}

    def take(found: re.Match[str]) -> str:
        key, zh, en = found.groups()
        plain[key] = {"zh": _unquoted(zh), "en": _unquoted(en)}
        return ""

    rest, count = _PLAIN.subn(take, text)
    if len(plain) < count or any(line and not line.startswith("#") for line in map(str.strip, rest.splitlines())):
        return tomllib.loads(text)  # something is written in another way, or twice
    return plain


def _unquoted(quoted: str) -> str:
    # What stands after a backslash means the same in JSON.
    return str(json.loads(quoted)) if "\\" in quoted else quoted[1:-1]


@lru_cache(maxsize=1)
def indicator_words() -> dict[str, dict[str, str]]:
    """Return the words that an edition of the health check brings itself: a menu entry for each computed indicator."""
    tables = [standard(f"health/2025/{name}") for name in standards_in("health/2025")]
    shown = {code: row for table in tables for code, row in table.get("method", {}).items()}
    rows = {row["code"]: row for table in tables for row in table.get("indicator", ())}
    return {
        f"{INDICATOR_MENU}{code}": {
            "zh": row.get("show") or f"按{rows[code]['name']}着色",
            "en": row.get("show_en") or f"Colour by {rows[code]['name_en'].lower()}",
        }
        for code, row in shown.items()
        if code in rows
    }


def _pair(key: str) -> dict[str, str] | None:
    return table().get(key) or (indicator_words().get(key) if key.startswith(INDICATOR_MENU) else None)


def word(key: str, lang: str, **fields: object) -> str:
    """Return a word in a language with its fields filled in.

    A key that does not exist gives itself, so that nothing is ever shown empty; the words test fails for it.
    """
    pair = _pair(key)
    if pair is None:
        log.warning("no word for %s", key)
        return key
    text = pair.get(lang) or pair.get("zh") or key
    if not fields and "{" not in text:
        return text
    try:
        return text.format(**{name: visible_lines(f) if isinstance(f, str) else f for name, f in fields.items()})
    except (KeyError, IndexError, ValueError):
        log.warning("word %s lacks a field, has %s", key, sorted(fields))
        return text


def has(key: str) -> bool:
    """Whether a word exists."""
    return _pair(key) is not None


def system_language() -> str:
    """Return ``"zh"`` on a Chinese system, ``"en"`` on an English one, ``"zh"`` where nothing is known."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANGUAGE", "LANG"):
        value = os.environ.get(name, "")
        if value and value not in ("C", "POSIX", "C.UTF-8"):
            return "zh" if value.startswith("zh") else "en"
    code = locale.getlocale()[0] or ""
    return "en" if code.startswith(("en", "English")) else "zh"

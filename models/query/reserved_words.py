"""Reserved words of the expression language: a field's name that holds one must be quoted."""

from __future__ import annotations

import re

#: Chinese words that act; a name that holds one is put in double quotes.
ACTS = (
    "不等于|不大于|不小于|不包含|不属于|不为空|大于等于|小于等于|等于|大于|小于|包含|含有|属于|为空|介于|形如|开头为|结尾为"
    "|且|或"
)
END = r"(?![A-Za-z0-9_.])"
WORD = rf"(?!\d)(?:(?!{ACTS})\w)(?:(?!{ACTS})[\w.])*"
_KEYWORDS = re.compile(
    r"(?i)(?:and|or|not|in|between|is|null|empty|like|ilike|contains|startswith|endswith|case|when|then|else|end|true|"
    r"false|to|至|到|和|与|非|非空|真|假|空值|并且|或者)$"
)


def is_plain_name(name: str) -> bool:
    """Whether a field's name can stand in an expression without quotes."""
    return re.fullmatch(WORD, name) is not None and not _KEYWORDS.match(name) and not name.startswith("非")

"""No text of a file steers a terminal or turns the direction of writing where it is shown."""

from __future__ import annotations

import json

import pytest

from resources.visible_text import visible_json, visible_lines, visible_text
from resources.words import word


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("建筑 A&B <b>", "建筑 A&B <b>"),
        ("\u202egpj.exe", "gpj.exe"),
        ("a\u2066b\u2069c\u200f", "abc"),
        ("\x1b[31mred\x07", "\N{REPLACEMENT CHARACTER}[31mred\N{REPLACEMENT CHARACTER}"),
        ("\x9b2J", "\N{REPLACEMENT CHARACTER}2J"),
        ("one\r\ntwo\u2028three\tfour", "one  two three four"),
        ("a\x00b", "a\N{REPLACEMENT CHARACTER}b"),
        ("lone \ud800", "lone \N{REPLACEMENT CHARACTER}"),
        ("👩\u200d🏫 नि\u200dर", "👩\u200d🏫 नि\u200dर"),  # joiners belong to the writing
    ],
)
def test_a_text_of_one_line_is_neutralised(text: str, shown: str) -> None:
    assert visible_text(text) == shown


def test_lines_and_tabs_of_a_longer_text_stay() -> None:
    assert visible_lines("a\tb\r\nc\x1b") == "a\tb\nc\N{REPLACEMENT CHARACTER}"


def test_json_says_the_same_and_steers_nothing() -> None:
    value = {"a": "\u202e\x9b\x1b\U000e0041\n", "b": ["\u2028"]}
    text = visible_json(json.dumps(value, ensure_ascii=False, indent=2))
    assert json.loads(text) == value
    assert not {"\u202e", "\x9b", "\U000e0041", "\u2028"} & set(text)


def test_what_is_put_into_a_sentence_is_neutralised() -> None:
    assert "\u202e" not in word("error.io.missing", "zh", file="\u202egpj.exe")

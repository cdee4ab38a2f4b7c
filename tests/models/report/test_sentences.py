"""Templates of strangers: a small language, and nothing else runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.core.errors import UserError
from models.report.text.marked import figures_in, marked, plain, renewed
from models.report.text.sentences import sentence
from models.report.text.sentences_book import own_book, read_templates

_FUNCTIONS = {"f": lambda name: marked(name, "7栋"), "n": lambda _: 7, "has": lambda _: True, "ref": str}


def _said(source: str, **context: object) -> str:
    return sentence("test", source, context, _FUNCTIONS)


def test_a_sentence_keeps_the_id_of_each_number() -> None:
    said = _said('共{{ f("HC25-01/city/value") }}{% if n("x") > 3 %}，较多{% endif %}。')
    assert plain(said) == "共7栋，较多。"
    assert figures_in(said) == (("HC25-01/city/value", "7栋"),)
    assert plain(renewed(said, lambda _: "8栋")) == "共8栋，较多。"


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__ }}", "{{ a['__class__'] }}", "{{ a|attr('__class__') }}", "{% set x = 1 %}",
        "{{ f.__globals__ }}",
        "{% for i in range(10) %}{% endfor %}", "{{ 9 ** 9 ** 9 }}", "{{ 'a' * 10000000 }}", "{% include 'x' %}",
        "{% import 'os' as os %}", "{% macro m() %}{% endmacro %}", "{{ a.upper() }}", "{{ cycler }}", "{{ lipsum() }}",
        "{% for a in l %}{% for b in l %}{% for c in l %}x{% endfor %}{% endfor %}{% endfor %}", "{{ unclosed",
    ],
)  # fmt: skip
def test_what_is_not_of_the_small_language_is_refused(source: str) -> None:
    with pytest.raises(UserError) as raised:
        _said(source, a={"b": 1}, l=["x"] * 3)
    assert raised.value.code in ("report.template_refused", "report.template_failed")


def test_every_sentence_of_the_program_is_of_that_language_and_stands_in_both() -> None:
    book = own_book()
    for name in book.names():
        for lang in ("zh", "en"):
            assert book.source(name, lang).strip(), (name, lang)


@pytest.mark.parametrize("text", ["[scope]\nzh = '{{ x.__y__ }}'", "[nothing]\nzh = 'a'", "not toml [", "scope = 1"])
def test_a_broken_file_of_templates_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError):
        read_templates(path)

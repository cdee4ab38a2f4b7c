"""Rule files: what is read and written, and what a damaged or hostile one is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from models.core.errors import UserError
from models.facilities.quality.gate import CHECKS
from models.facilities.quality.parameters import KINDS
from models.facilities.quality.rules import STANDARD_FILES, book_text, parse_book, read_book, standard_book
from resources.standards import standards_in

RULE = '[meta]\nformat = 1\n[[rule]]\nid = "a"\nzh = "甲"\nen = "A"\nrole = "facilities"\n'


def test_every_rule_file_of_the_program_is_in_the_book() -> None:
    assert set(standards_in("quality")) == set(STANDARD_FILES)
    assert len({rule.id for rule in standard_book().rules}) == len(standard_book().rules) > 30


def test_every_kind_of_check_has_a_function_and_a_rule() -> None:
    assert set(CHECKS) == set(KINDS) == {rule.check for rule in standard_book().rules}


def test_a_book_that_is_written_reads_back_as_the_same() -> None:
    book = standard_book()
    changed = book.with_rule(replace(book.rules[0], enabled=False, note='因 "试点" 暂停\n=1+1', severity="hint"))
    assert parse_book(book_text(changed), "x").rules == changed.rules


@pytest.mark.parametrize(("text", "why"), [
    ("", "meta.format"),
    ("[meta]\nformat = 9\n", "meta.format"),
    ("[meta]\nformat = 1\n", "rule"),
    ("[[[", "TOML"),
    ("a = " + "[" * 5_000, "TOML"),
    ("rule = 1\n[meta]\nformat = 1\n", "rule"),
    (RULE + 'check = "os.system"\n', "check = os.system"),
    (RULE + 'check = "unique"\n', "fields"),
    (RULE + 'check = "unique"\nrun = "rm"\nparameters = {fields = ["a"]}\n', "run"),
    (RULE + 'check = "unique"\nparameters = {fields = [1]}\n', "fields"),
    (RULE + 'check = "duplicate"\nparameters = {within_m = nan}\n', "within_m"),
    (RULE + 'check = "duplicate"\nparameters = {within_m = -1}\n', "within_m"),
    (RULE + 'check = "duplicate"\nparameters = {within_m = 1e999}\n', "within_m"),
    (RULE + 'check = "length"\n', "role = facilities"),
    (RULE + 'check = "pattern"\nparameters = {field = "a", pattern = "(("}\n', "pattern"),
    (RULE + 'check = "expression"\nparameters = {expression = "__import__(\'os\')"}\n', "expression"),
    (RULE + 'check = "unique"\nseverity = "fatal"\nparameters = {fields = ["a"]}\n', "severity"),
    (RULE + 'check = "unique"\nenabled = "yes"\nparameters = {fields = ["a"]}\n', "enabled"),
    (RULE + 'check = "unique"\nwhere = "a = "\nparameters = {fields = ["a"]}\n', "where"),
    (RULE + 'check = "unique"\nparameters = {fields = ["a"]}\n' + RULE.split("\n", 2)[2] +
     'check = "unique"\nparameters = {fields = ["a"]}\n', "id"),
    (RULE + 'check = "unique"\nparameters = {fields = ["a"]}\n[score]\nerror = 7\n', "score.error"),
])  # fmt: skip
def test_a_damaged_or_hostile_file_is_refused_by_name(text: str, why: str) -> None:
    with pytest.raises(UserError) as refused:
        parse_book(text, "regeln.toml")
    assert refused.value.code == "gate.bad_file"
    assert refused.value.facts["file"] == "regeln.toml"
    assert str(refused.value.facts["why"]).startswith(why)


def test_a_file_beyond_all_rules_is_refused_before_it_is_read(tmp_path: Path) -> None:
    big = tmp_path / "big.toml"
    big.write_bytes(b"#" * 1_000_001)
    with pytest.raises(UserError, match="file_too_large"):
        read_book(big)
    (tmp_path / "gbk.toml").write_bytes("名 = '甲'".encode("gbk"))
    with pytest.raises(UserError, match="bad_file"):
        read_book(tmp_path / "gbk.toml")
    with pytest.raises(UserError, match=r"io\."):
        read_book(tmp_path / "none.toml")

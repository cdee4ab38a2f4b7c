"""Every word a person sees stands in resources/words, whole in both languages."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from string import Formatter

import pytest

from resources.words import LANGUAGES, _parsed, system_language, table, word
from tests.support.paths import ROOT

CJK = re.compile(r"[㐀-鿿豈-﫿]")
ENGLISH = re.compile(r"[A-Za-z]{2,}")

#: Calls that put their text arguments before a person's eyes.
SINKS = {
    "QLabel", "QAction", "QPushButton", "QToolButton", "QCheckBox", "QRadioButton", "QGroupBox", "QMenu", "QDockWidget",
    "QMessageBox", "setText", "setToolTip", "setStatusTip", "setWhatsThis", "setWindowTitle", "setPlaceholderText",
    "setTitle", "addMenu", "addAction", "addTab", "setTabText", "addItem", "addItems", "setHeaderLabels",
    "setHorizontalHeaderLabels", "showMessage", "setInformativeText", "setDetailedText", "addRow", "setLabelText",
    "setAccessibleName", "setSpecialValueText", "setPrefix", "setApplicationDisplayName",
}  # fmt: skip

#: Rooms that talk to people.
SPEAKING = ("app/", "viewers/sheets/", "viewers/documents/", "viewers/widgets/")

#: First parts of keys that are nothing but words; a literal of this shape anywhere must exist.
WORDS_ONLY = re.compile(
    r"^(cli|job|history|notice|progress|section|sheet|error|caution|menu|panel|welcome)\.[a-z0-9_.]+$"
)


@lru_cache(maxsize=1)
def modules() -> dict[Path, ast.Module]:
    folders = ("app", "models", "viewers", "resources")
    return {
        path: ast.parse(path.read_text(encoding="utf-8"))
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
    }


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    """Yield (where, name, call) of every call in the program."""
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                yield f"{path.relative_to(ROOT)}:{node.lineno}", name, node


def literal(node: ast.Call, position: int) -> str | None:
    if len(node.args) > position and isinstance(node.args[position], ast.Constant):
        value = node.args[position].value  # type: ignore[attr-defined]
        return value if isinstance(value, str) else None
    return None


def fields_of(text: str) -> set[str]:
    return {re.split(r"[.\[]", name)[0] for _, name, _, _ in Formatter().parse(text) if name}


def used_keys() -> Iterator[tuple[str, str, set[str] | None]]:
    """Yield (where, key, fields given or None when they cannot be told) of every key that the program names."""
    for where, name, node in calls():
        given = None if any(k.arg is None for k in node.keywords) else {k.arg for k in node.keywords if k.arg}
        first, second = literal(node, 0), literal(node, 1)
        if name == "UserError" and first:
            yield where, f"error.{first}", given
            yield where, f"error.{first}.cure", given
        elif name == "Caution" and first:
            yield where, f"caution.{first}", given
        elif name == "word" and first:
            yield where, first, None if given is None else given - {"lang"}
        elif name in ("tell", "_tell") and second:
            yield where, second, given
        elif name == "info" and first and "." in first and " " not in first:
            yield where, first, given
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and WORDS_ONLY.match(node.value):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node.value, None


def test_every_key_stands_in_one_file_only() -> None:
    seen: dict[str, str] = {}
    twice = []
    for path in sorted((ROOT / "resources" / "words").glob("*.toml")):
        for key in tomllib.loads(path.read_text(encoding="utf-8")):
            if key in seen:
                twice.append(f"{key}: {seen[key]} and {path.name}")
            seen[key] = path.name
    assert not twice, "\n".join(map(str, twice))


@pytest.mark.parametrize("path", sorted((ROOT / "resources" / "words").glob("*.toml")), ids=lambda path: path.stem)
def test_the_quick_reader_of_words_reads_what_toml_says(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert _parsed(text) == tomllib.loads(text)


def test_words_written_in_another_way_are_read_as_toml_says() -> None:
    plain = '["a.b"]\nzh = "甲 \\"乙\\"\\n"\nen = "x"\n'
    turned, long, noted = '["c"]\nen = "y"\nzh = "丙"\n', '["d"]\nzh = """\n丁"""\nen = "z"\n', "# 注\n"
    for text in (plain, plain + turned, plain + long, noted + plain):
        assert _parsed(text) == tomllib.loads(text)
    with pytest.raises(tomllib.TOMLDecodeError):
        _parsed(plain + plain)


def test_every_word_has_both_halves() -> None:
    lacking = [key for key, pair in table().items() if not all(pair.get(lang, "").strip() for lang in LANGUAGES)]
    assert not lacking, "\n".join(map(str, lacking))
    odd = {key: set(pair) for key, pair in table().items() if set(pair) != set(LANGUAGES)}
    assert not odd, "\n".join(map(str, odd))


def test_both_halves_have_the_same_fields() -> None:
    own = set(LANGUAGES)  # fields named after a language hold that language's half
    differing = {
        key: pair for key, pair in table().items() if fields_of(pair["zh"]) - own != fields_of(pair["en"]) - own
    }
    assert not differing, "\n".join(map(str, differing))


def test_the_english_half_holds_no_chinese() -> None:
    """Names of Chinese standards and examples of Chinese values are written in Latin letters or left out."""
    allowed = re.compile(r"《[^》]*》|“[^”]*”|[(（][^)）]*[)）]")
    mixed = {key: pair["en"] for key, pair in table().items() if CJK.search(allowed.sub("", pair["en"]))}
    mixed = {key: text for key, text in mixed.items() if "lang" not in key}  # 中文 names itself
    assert not mixed, "\n".join(map(str, mixed))


def test_every_key_that_the_program_names_exists() -> None:
    missing = sorted(
        {f"{key} ({where})" for where, key, _ in used_keys() if key not in table() and not key.endswith(".")}
    )
    assert not missing, "\n".join(map(str, missing))


def test_every_error_has_a_sentence_and_a_cure() -> None:
    errors = {key for key in table() if key.startswith("error.") and not key.endswith(".cure")}
    assert errors
    without = sorted(key for key in errors if f"{key}.cure" not in table())
    assert not without, "\n".join(map(str, without))


def test_every_field_of_a_word_is_given_where_it_is_said() -> None:
    wrong = []
    for where, key, given in used_keys():
        if given is None or key not in table():
            continue
        needed = fields_of(table()[key]["zh"])
        if needed - given:
            wrong.append(f"{where}: {key} needs {sorted(needed - given)}")
    assert not wrong, "\n".join(map(str, wrong))


def test_no_word_is_left_that_nobody_says() -> None:
    literals: set[str] = set()
    starts: set[str] = set()
    for tree in modules().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                literals.add(node.value)
            elif isinstance(node, ast.JoinedStr) and node.values and isinstance(node.values[0], ast.Constant):
                starts.add(str(node.values[0].value))
    starts = {start for start in starts if re.fullmatch(r"[a-z_]+\.[a-z_.]*", start)}

    def is_said(key: str) -> bool:
        core = key
        for ending in (".cure", ".tip"):
            core = core.removesuffix(ending)
        codes = {key, core, core.removeprefix("error."), core.removeprefix("caution.")}
        return bool(codes & literals) or any(start for start in starts if key.startswith(start))

    unsaid = sorted(key for key in table() if not is_said(key))
    assert not unsaid, "\n".join(map(str, unsaid))


def _texts(node: ast.AST) -> Iterator[str]:
    """Yield the literal text of one argument, also inside lists and f-strings, but not inside calls."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, (ast.List, ast.Tuple)):
        for item in node.elts:
            yield from _texts(item)
    elif isinstance(node, ast.JoinedStr):
        for value in node.values:
            if isinstance(value, ast.Constant):
                yield str(value.value)
    elif isinstance(node, ast.BinOp):
        yield from _texts(node.left)
        yield from _texts(node.right)


def literals_shown(tree: ast.Module) -> list[tuple[int, str]]:
    """Return (line, text) of literals that are handed to a widget as words."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name not in SINKS:
            continue
        shown = [text for argument in node.args for text in _texts(argument)]
        found += [
            (node.lineno, text)
            for text in shown
            if CJK.search(text) or ENGLISH.search(re.sub(r"<[^>]*>|&\w+;", "", text))
        ]
    return found


def test_no_literal_is_handed_to_a_widget() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text!r}"
        for path, tree in modules().items()
        if path.is_relative_to(ROOT / "viewers") or path.is_relative_to(ROOT / "app")
        for line, text in literals_shown(tree)
    ]
    assert not found, "\n".join(map(str, found))


def test_a_literal_handed_to_a_widget_is_caught() -> None:
    bad = "a.setText('打开')\nQLabel('Open file')\nmenu.addMenu(f'Files of {name}')\ntable.setHeaderLabels(['Name'])\n"
    good = "label.setText(word('file.open', lang))\nQLabel('')\nlabel.setText('—')\nbutton.setObjectName('primary')\n"
    assert len(literals_shown(ast.parse(bad))) == 4
    assert literals_shown(ast.parse(good)) == []


def test_the_program_itself_says_nothing_in_chinese() -> None:
    """Chinese stands in docstrings and comments only; rooms that read data may name its columns and values."""
    found = []
    for path, tree in modules().items():
        if not path.relative_to(ROOT).as_posix().startswith(SPEAKING):
            continue
        docs = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
            and node.body and isinstance(node.body[0], ast.Expr)
        }  # fmt: skip
        docs |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        found += [
            f"{path.relative_to(ROOT)}:{node.lineno}: {node.value!r}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and CJK.search(node.value)
            and id(node) not in docs
        ]
    assert not found, "\n".join(map(str, found))


def test_a_word_that_does_not_exist_gives_its_key() -> None:
    assert word("no.such.word", "zh") == "no.such.word"


def test_a_word_that_lacks_a_field_is_shown_rather_than_raised() -> None:
    assert "{file}" in word("notice.saved", "en")


@pytest.mark.parametrize(
    ("value", "lang"),
    [
        ("zh_CN.UTF-8", "zh"),
        ("zh_TW", "zh"),
        ("en_GB.UTF-8", "en"),
        ("de_DE.UTF-8", "en"),
        ("C.UTF-8", "zh"),
        ("", "zh"),
    ],
)
def test_the_language_follows_the_system(monkeypatch: pytest.MonkeyPatch, value: str, lang: str) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", value)
    monkeypatch.setattr("locale.getlocale", lambda: (None, None))
    assert system_language() == lang

"""What the program can do stands in its documentation."""

from __future__ import annotations

import argparse
import re
import tomllib
from pathlib import Path

import pytest

from app.command_line.main import build_parser
from tests.support.paths import ROOT

DOCS = ROOT / "docs"


def verbs() -> dict[str, argparse.ArgumentParser]:
    parser, _ = build_parser("en")
    action = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return dict(action.choices)


def test_every_verb_and_option_of_the_command_line_is_documented() -> None:
    text = (DOCS / "cli.md").read_text(encoding="utf-8")
    missing = []
    for name, parser in verbs().items():
        section = re.search(rf"^## `{name}`$(.*?)(?=^## |\Z)", text, re.M | re.S)
        if section is None:
            missing.append(name)
            continue
        for action in parser._actions:
            options = [option for option in action.option_strings if option.startswith("--")]
            if options and options[0] not in ("--help", "--lang") and options[0] not in section.group(1):
                missing.append(f"{name} {options[0]}")
    assert not missing, "\n".join(map(str, missing))


def test_the_command_line_documents_no_verb_that_is_not_there() -> None:
    text = (DOCS / "cli.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^## `([a-z-]+)`$", text, re.M)) == set(verbs())


def test_every_action_is_documented() -> None:
    import importlib.util

    spec = importlib.util.spec_from_file_location("make_action_page", ROOT / "tools" / "make_action_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    text = (DOCS / "actions.md").read_text(encoding="utf-8")
    assert text == module.page(), "run tools/make_action_page.py"


def test_every_dependency_has_its_reason() -> None:
    text = (DOCS / "dependencies.md").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    names = [re.split(r"[<>=\[ ;]", line)[0] for line in wanted]
    missing = [name for name in names if not re.search(rf"^\| `{re.escape(name)}` \|", text, re.M)]
    assert not missing, "\n".join(map(str, missing))


def test_dependencies_lists_nothing_that_is_not_used() -> None:
    text = (DOCS / "dependencies.md").read_text(encoding="utf-8")
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([A-Za-z0-9_.-]+)` \|", text, re.M)
    assert listed
    assert not [name for name in listed if f'"{name}' not in project]


@pytest.mark.parametrize("page", sorted([*DOCS.glob("*.md"), ROOT / "README.md"]), ids=lambda path: path.name)
def test_links_and_pictures_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S)
    broken = [
        target
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
        if "://" not in target and not target.startswith("mailto:") and not (page.parent / target).exists()
    ]
    assert not broken, "\n".join(map(str, broken))


def test_the_fonts_come_with_their_licence() -> None:
    text = (ROOT / "resources" / "fonts" / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in text
    assert "Adobe" in text
    for path in (ROOT / "resources" / "fonts").glob("*.otf"):
        assert path.name in text


#: A path of ours in running text or code: ``app/window/main_window.py``, ``models/io/``, ``tests/models/<topic>``.
OUR_PATH = re.compile(r"(?<![\w/.-])((?:app|models|viewers|resources|tests|tools|benchmarks|docs)/[\w./-]*\w/?)")


@pytest.mark.parametrize(
    "page", sorted([*DOCS.glob("*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md"]), ids=lambda path: path.name
)
def test_files_and_folders_of_ours_that_a_page_names_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    lost = [found for found in OUR_PATH.findall(text) if not _is_there(found)]
    assert not lost, "\n".join(lost)


def test_a_path_that_is_not_there_is_caught() -> None:
    text = "See `models/nowhere.py`, `app/jobs`, https://example.org/docs/x and models/core/errors.py, models/io."
    assert [found for found in OUR_PATH.findall(text) if not _is_there(found)] == ["models/nowhere.py", "app/jobs"]


def _is_there(name: str) -> bool:
    """Tell whether a path names a file or folder; the ending of a Python file may be left out."""
    path = ROOT / name.rstrip("/")
    return path.exists() or path.with_name(path.name + ".py").exists()

"""The layout: no circles of imports, small folders, the same topics on every floor, no test imported from another."""

from __future__ import annotations

import ast
import importlib.util
from collections import Counter
from pathlib import Path

import pytest

from tests.support.imports import PACKAGES, circles, import_graph, module_of, origin
from tests.support.paths import ROOT

MOST_FILES_BESIDE_EACH_OTHER = 25
MOST_IMPORTERS_OF_THE_WINDOW = 3

TOPICS = (
    "project", "layers", "query", "style", "crs", "bim", "checks", "views", "review", "facilities", "network",
    "scenes", "health", "sheets", "delivery", "report", "readings", "alarms", "timeline", "cases", "exchange", "trends",
)  # fmt: skip
FLOORS = ("models", "app/usecases", "app/window/features", "viewers/widgets", "tests/models")

#: Topics that have no folder on a floor, and why.
WITHOUT_A_FOLDER = {
    "viewers/widgets/project": "its widgets are the frame of the window itself: shell (welcome, recovery question)",
}


def code(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def test_no_files_import_each_other_in_a_circle() -> None:
    found = circles(import_graph())
    assert not found, "\n".join(" ↔ ".join(group) for group in found)


@pytest.mark.parametrize(
    "back", ["import models.a\n", "def f():\n    from models import a\n", "if TYPE_CHECKING:\n    from .a import A\n"]
)
def test_a_circle_is_caught_at_the_top_in_functions_and_under_type_checking(tmp_path: Path, back: str) -> None:
    (tmp_path / "models").mkdir()
    for name, text in {"__init__": "", "a": "from models.b import x\n", "b": "import models.c\n", "c": back}.items():
        (tmp_path / "models" / f"{name}.py").write_text(text, encoding="utf-8")
    assert circles(import_graph(tmp_path)) == [["models/a.py", "models/b.py", "models/c.py"]]
    (tmp_path / "models" / "c.py").write_text("", encoding="utf-8")
    assert circles(import_graph(tmp_path)) == []


def test_no_folder_holds_more_files_than_one_looks_through() -> None:
    folders = Counter(path.parent for path in code(*PACKAGES, "tests", "tools", "benchmarks"))
    full = [f"{folder.relative_to(ROOT)}: {n}" for folder, n in folders.items() if n > MOST_FILES_BESIDE_EACH_OTHER]
    assert not full, "\n".join(full)


def test_hardly_anything_imports_the_main_window() -> None:
    importers = [file for file, imported in import_graph().items() if "app/window/main_window.py" in imported]
    assert len(importers) <= MOST_IMPORTERS_OF_THE_WINDOW, "\n".join(importers)


@pytest.mark.parametrize("floor", FLOORS)
def test_every_topic_has_its_folder_on_every_floor(floor: str) -> None:
    held = {topic for topic in TOPICS if any((ROOT / floor / topic).glob("*.py"))}
    excused = {topic for topic in TOPICS if f"{floor}/{topic}" in WITHOUT_A_FOLDER}
    assert held | excused == set(TOPICS), f"{floor} lacks {set(TOPICS) - held - excused}"
    assert not held & excused, "a topic that has its folder needs no excuse"


def modules_imported_by(path: Path) -> list[tuple[str, str]]:
    """Return (module, name) of every import of a file, wherever in it; the name is empty for ``import module``."""
    parent = module_of(path.relative_to(ROOT)).rpartition(".")[0]
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [(origin(node, parent), alias.name) for alias in node.names]
    return found


def test_no_test_is_imported_from_another() -> None:
    """What tests share stands in a ``conftest.py`` or in ``tests/support``."""
    found = [
        f"{path.relative_to(ROOT)}: {module} {name}"
        for path in code("tests", "tools", "benchmarks")
        for module, name in modules_imported_by(path)
        if module.split(".")[0] == "tests" and any(part.startswith("test_") for part in (*module.split("."), name))
    ]
    assert not found, "\n".join(found)


def test_fixtures_stand_in_conftest_files_or_beside_their_tests() -> None:
    """A fixture in ``tests/support`` would have to be imported, and hide which tests use it."""
    found = [
        str(path.relative_to(ROOT)) for path in code("tests/support") if "pytest.fixture" in path.read_text("utf-8")
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", code("tools", "benchmarks", "tests/support"), ids=lambda path: path.stem)
def test_what_tools_benchmarks_and_support_import_of_ours_is_there(path: Path) -> None:
    """They are run by hand or late: what moves must not be missed there."""
    lost = []
    for module, name in modules_imported_by(path):
        if module.split(".")[0] not in (*PACKAGES, "tests"):
            continue
        if not _has(module, name):
            lost.append(f"{module} {name}".strip())
    assert not lost, "\n".join(lost)


def _has(module: str, name: str) -> bool:
    """Tell whether a module of ours, and a name in it, exist; the name may be a module itself. Nothing is run."""
    found = importlib.util.find_spec(module) if _parents_exist(module) else None
    if found is None or not name:
        return found is not None
    if _parents_exist(f"{module}.{name}") and importlib.util.find_spec(f"{module}.{name}"):
        return True
    if found.origin is None:
        return False
    return name in _names_of(ast.parse(Path(found.origin).read_text(encoding="utf-8")).body)


def _parents_exist(module: str) -> bool:
    base = ROOT.joinpath(*module.split("."))
    return base.is_dir() or base.with_suffix(".py").is_file()


def _names_of(body: list[ast.stmt]) -> set[str]:
    """Return what the statements of a module bind, those under ``if`` and ``try`` included."""
    names = set[str]()
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, (ast.If, ast.Try)):
            names |= _names_of([*node.body, *node.orelse])
        else:
            names |= {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
            names |= {str(one.name.id) for one in ast.walk(node) if isinstance(one, getattr(ast, "TypeAlias", ()))}
    return names

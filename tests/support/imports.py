"""Which file imports which, read from the syntax tree: at the top of a module, in functions and under TYPE_CHECKING."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tests.support.paths import ROOT

PACKAGES = ("app", "models", "viewers", "resources")

Graph = dict[str, set[str]]


def import_graph(root: Path = ROOT, packages: Iterable[str] = PACKAGES) -> Graph:
    """Return, of every file of the packages, the files of the packages that it imports (paths from ``root``)."""
    paths = [path for package in packages for path in sorted((root / package).rglob("*.py"))]
    files = {module_of(path.relative_to(root)): path.relative_to(root).as_posix() for path in paths}
    graph: Graph = {}
    for module, file in files.items():
        parent = module if file.endswith("__init__.py") else module.rpartition(".")[0]
        tree = ast.parse((root / file).read_text(encoding="utf-8"))
        graph[file] = {files[name] for name in _imported(tree, parent, files)} - {file}
    return graph


def module_of(path: Path) -> str:
    """Return the dotted name under which a file is imported."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(tree: ast.Module, parent: str, known: Mapping[str, str]) -> Iterator[str]:
    """Yield the known modules that a syntax tree imports, wherever in it; a name from a package may be a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom):
            source = origin(node, parent)
            for alias in node.names:
                full = f"{source}.{alias.name}"
                if full in known or source in known:
                    yield full if full in known else source


def origin(node: ast.ImportFrom, parent: str) -> str:
    """Return the full name of the module that a ``from … import`` takes from; ``parent`` is the importer's package."""
    if not node.level:
        return node.module or ""
    base = ".".join(parent.split(".")[: len(parent.split(".")) - node.level + 1])
    return f"{base}.{node.module}" if node.module else base


def reached(graph: Mapping[str, set[str]], starts: Iterable[str]) -> set[str]:
    """Return the starts and every file that they import, directly or through others."""
    found, todo = set[str](), list(starts)
    while todo:
        file = todo.pop()
        if file not in found:
            found.add(file)
            todo += graph[file]
    return found


def circles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """Return the sets of files that all reach each other (strongly connected components of two files and more).

    Kosaraju's algorithm: files in the reverse order in which a depth-first walk leaves them,
    gathered along the reversed imports. Without recursion, as chains of imports are long.
    """
    order: list[str] = []
    seen = set[str]()
    for start in graph:
        if start in seen:
            continue
        seen.add(start)
        stack = [(start, iter(sorted(graph[start])))]
        while stack:
            file, following = stack[-1]
            step = next((one for one in following if one not in seen), None)
            if step is None:
                order.append(file)
                stack.pop()
            else:
                seen.add(step)
                stack.append((step, iter(sorted(graph[step]))))
    importers: Graph = {file: set() for file in graph}
    for file, imported in graph.items():
        for one in imported:
            importers[one].add(file)
    found, taken = [], set[str]()
    for start in reversed(order):
        if start in taken:
            continue
        group, todo = set[str](), [start]
        while todo:
            file = todo.pop()
            if file not in taken:
                taken.add(file)
                group.add(file)
                todo += importers[file]
        if len(group) > 1:
            found.append(sorted(group))
    return sorted(found)

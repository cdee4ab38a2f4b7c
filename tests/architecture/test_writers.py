"""What a person keeps is written through ``models.store.atomic``; only what goes away is written otherwise."""

from __future__ import annotations

import ast

import pytest

from tests.support.paths import ROOT

#: Files that write without it, and why they may.
MAY = {
    "models/store/atomic.py": "is it",
    "models/store/cache.py": "an entry appears by renaming its folder",
    "models/store/project_contents.py": "a temporary folder between two processes",
    "models/store/held.py": "a lock",
    "models/store/project_lock.py": "a lock",
    "models/core/array_file.py": "part of an entry of the cache",
    "models/core/derived_cache.py": "part of an entry of the cache",
    "models/geometry/feature_table.py": "part of an entry of the cache",
    "models/sample/generate.py": "the sample, made in a folder of its own",
    "models/sample/rasters.py": "the sample, made in a folder of its own",
    "app/settings.py": "written beside and renamed",
    "app/usecases/readings/commands.py": "a log: a line is added and synced before a command goes out",
    "app/trusted.py": "a copy of a damaged file, beside it",
    "app/command_line/main.py": "the null device",
    "app/usecases/report/office.py": "into a temporary folder of its own, for LibreOffice",
    "viewers/documents/report/deck_file.py": "into a temporary folder of its own: the workbook of a chart",
    "app/usecases/delivery/handover.py": "into the folder that replacing_together gives",
    "app/usecases/delivery/packages.py": "a temporary folder, packed as a whole",
    "app/usecases/delivery/paper_set.py": "a mark in the folder of unfinished work",
    "models/delivery/archive.py": "into the folder that replacing_together gives",
    "models/delivery/ifc_people.py": "a copy in a temporary folder, packed as a whole",
    "models/io/mesh/write_gltf.py": "into the folder that replacing_together gives",
    "models/io/tiles3d/write_city.py": "into the folder that replacing_together gives",
    "viewers/documents/video_file.py": "the list of parts, in the folder of unfinished work",
}
WITHIN = {"fresh", "temporary"}
#: Readers unpack and copy into temporary folders; of the formats only the writers count.
FILES = sorted(
    path for room in ("models", "viewers", "app") for path in (ROOT / room).rglob("*.py")
    if not path.is_relative_to(ROOT / "models" / "io") or path.name.startswith("write")
)  # fmt: skip


def writes(tree: ast.AST) -> list[int]:
    """Return the lines on which a file is written that ``replacing`` did not give."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        modes = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        is_write = node.func.attr in ("write_text", "write_bytes") or (
            node.func.attr == "open" and any(set(mode) <= set("wbxat+") and set(mode) & set("wxa") for mode in modes)
        )
        owner = node.func.value
        if is_write and not (isinstance(owner, ast.Name) and owner.id in {*WITHIN, "archive", "atomic"}):
            found.append(node.lineno)
    return found


def test_nothing_that_a_person_keeps_is_written_in_place() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): lines
        for path in FILES
        if (lines := writes(ast.parse(path.read_text(encoding="utf-8"))))
    }
    assert {name: lines for name, lines in found.items() if name not in MAY} == {}


@pytest.mark.parametrize(
    ("text", "count"),
    [("path.write_text(a)", 1), ("fresh.write_text(a)", 0), ("path.open('wb')", 1), ("path.open('rb')", 0),
     ("with replacing(p, c) as fresh, fresh.open('w') as f: pass", 0)],
)  # fmt: skip
def test_a_write_is_known_when_it_is_seen(text: str, count: int) -> None:
    assert len(writes(ast.parse(text))) == count

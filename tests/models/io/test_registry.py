"""The rows of formats: what they name exists, and an export that is offered has its words."""

import subprocess
import sys

import pytest

from models.io.format import function_of
from models.io.registry import FORMATS, WRITERS, writer_of, writers_for
from resources.words import table


@pytest.mark.parametrize("row", FORMATS, ids=lambda row: row.id)
def test_a_format_names_functions_that_exist(row) -> None:  # type: ignore[no-untyped-def]
    for target in filter(None, (row.target, row.inspect, row.first_rows)):
        assert callable(function_of(target))


@pytest.mark.parametrize("row", WRITERS, ids=lambda row: row.suffix)
def test_a_format_to_write_names_a_function_and_has_its_words(row) -> None:  # type: ignore[no-untyped-def]
    assert callable(function_of(row.target))
    assert row.content in ("features", "solids")
    assert {f"export.format{row.suffix}", f"export.note{row.suffix}"} <= set(table())


def test_the_usual_format_of_each_content_is_offered_first() -> None:
    first = {content: writers_for(content)[0].suffix for content in ("vector", "table", "model", "footprints")}
    assert first == {"vector": ".gpkg", "table": ".csv", "model": ".city.json", "footprints": ".gpkg"}
    for content in first:
        places = [row.offered[content] for row in writers_for(content)]
        assert len(set(places)) == len(places)


def test_the_longest_ending_names_the_format_to_write() -> None:
    assert [getattr(writer_of(name), "suffix", None) for name in ("a.tileset.json", "A.GLB", "a.json")] == [
        ".tileset.json", ".glb", None
    ]  # fmt: skip


def test_asking_for_a_format_imports_no_format_library() -> None:
    code = (
        "import sys, models.io.registry; "
        "print([n for n in ('numpy', 'pandas', 'rasterio', 'pyogrio', 'lxml', 'sqlite3') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

"""The city model formats: CityJSON and CityGML."""

from __future__ import annotations

import re
from pathlib import Path

from models.io.common.dependent_files import PICTURES
from models.io.common.file_head import text_of
from models.io.format import Format, Writer


def is_cityjson(head: bytes, path: Path) -> bool:
    """Whether it is a CityJSON document or a sequence of its features."""
    if not _bare(head).startswith(b"{"):
        return False
    typed = re.search(rb'"type"\s*:\s*"(CityJSON|CityJSONFeature)"', head)
    # The type may stand behind two megabytes of vertices; then the other names that only CityJSON has must do.
    return typed is not None or (b'"CityObjects"' in head and b'"FeatureCollection"' not in head)


def is_citygml(head: bytes, path: Path) -> bool:
    """Whether it is XML with a city model in it."""
    text = text_of(head)
    return text[:1] == b"<" and (
        re.search(rb"<(\w+:)?CityModel\b|opengis\.net/citygml/|citygml\.org/citygml/", text) is not None
    )


def _bare(head: bytes) -> bytes:
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()


FORMATS = (
    Format(
        "cityjson",
        (".city.json", ".json", ".jsonl"),
        ("model",),
        "models.io.city.cityjson:read",
        is_cityjson,
        version=3,
        inspect="models.io.city.inspect:inspect_cityjson",
        dependents=PICTURES,
    ),
    Format(
        "citygml",
        (".gml", ".xml", ".citygml"),
        ("model",),
        "models.io.city.citygml:read",
        is_citygml,
        version=2,
        dependents=(*PICTURES, ".xml"),
        dependent_folders=("../codelists", "../../codelists", "../../../codelists"),
    ),
)
WRITERS = (
    Writer(".city.json", "solids", {"model": 1, "footprints": 7}, "models.io.city.write_cityjson:write_cityjson"),
)

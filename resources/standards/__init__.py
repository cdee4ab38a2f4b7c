"""Standards as data: TOML tables with edition and source, read once. Nothing here computes."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from typing import Any

from resources import HERE


@lru_cache(maxsize=64)
def standard(name: str) -> dict[str, Any]:
    """Return the table ``resources/standards/<name>.toml``; ``name`` may lead into a folder."""
    return tomllib.loads((HERE / "standards" / f"{name}.toml").read_text(encoding="utf-8"))


def standards_in(folder: str) -> list[str]:
    """Return the names of the tables in ``resources/standards/<folder>``, without the folder, sorted."""
    return sorted(file.stem for file in (HERE / "standards" / folder).glob("*.toml"))


def folders_in(folder: str) -> list[str]:
    """Return the names of the folders of tables in ``resources/standards/<folder>``, sorted."""
    return sorted({file.parent.name for file in (HERE / "standards" / folder).glob("*/*.toml")})

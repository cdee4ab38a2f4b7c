"""Standards as data: TOML tables with edition and source, read once. Nothing here computes."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from typing import Any

from resources import HERE


@lru_cache(maxsize=32)
def standard(name: str) -> dict[str, Any]:
    """Return the table ``resources/standards/<name>.toml``."""
    return tomllib.loads((HERE / "standards" / f"{name}.toml").read_text(encoding="utf-8"))

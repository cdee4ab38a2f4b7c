"""How much of a table is taken at all: what a project file cannot hold is refused before it takes minutes."""

from __future__ import annotations

from models.core.errors import UserError

#: A table of SQLite, and so of a GeoPackage, has 2,000 columns (its default limit); a key and shapes are among them.
MOST_FIELDS = 1_990


def require_fields(count: int, file: str) -> None:
    """Refuse a table with more fields than any project can keep.

    Raises
    ------
    UserError
        ``vector.too_many_fields``.
    """
    if count > MOST_FIELDS:
        raise UserError("vector.too_many_fields", file=file, count=count, limit=MOST_FIELDS)

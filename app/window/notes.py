"""Words, arrows and shapes that people write into the city."""

from __future__ import annotations

from app.window.part import Part


class Notes(Part):
    """Words, arrows and shapes that people write into the city."""

"""Two pictures of the city side by side or under a curtain, their cameras linked."""

from __future__ import annotations

from app.window.part import Part


class Compare(Part):
    """Two pictures of the city side by side or under a curtain, their cameras linked."""

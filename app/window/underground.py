"""What lies below: ground to see through, pits to look into."""

from __future__ import annotations

from app.window.part import Part


class Underground(Part):
    """What lies below: ground to see through, pits to look into."""

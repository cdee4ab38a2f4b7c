"""Questions to the city: filters, selections by shape, place and expression, statistics, search, export."""

from __future__ import annotations

from app.window.part import Part


class Ask(Part):
    """Questions to the city: filters, selections by shape, place and expression, statistics, search, export."""

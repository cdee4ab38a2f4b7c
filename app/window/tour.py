"""Flights along a path, and the viewpoints on it."""

from __future__ import annotations

from app.window.part import Part


class Tour(Part):
    """Flights along a path, and the viewpoints on it."""

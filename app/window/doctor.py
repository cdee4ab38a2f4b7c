"""Where layers stand and why: what the CRS doctor found, and what a person makes of it."""

from __future__ import annotations

from app.window.part import Part


class Doctor(Part):
    """Where layers stand and why: what the CRS doctor found, and what a person makes of it."""

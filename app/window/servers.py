"""Layers that a server holds: PostGIS, OGC API Features, WFS, base maps."""

from __future__ import annotations

from app.window.part import Part


class Servers(Part):
    """Layers that a server holds: PostGIS, OGC API Features, WFS, base maps."""

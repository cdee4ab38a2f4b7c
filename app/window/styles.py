"""How layers are drawn: the style panel, its previews, and what is taken over from QML and SLD."""

from __future__ import annotations

from app.window.part import Part


class Styles(Part):
    """How layers are drawn: the style panel, its previews, and what is taken over from QML and SLD."""

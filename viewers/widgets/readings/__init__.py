"""Widgets of readings: import, sources, charts."""

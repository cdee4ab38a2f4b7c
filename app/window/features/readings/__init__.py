"""The window's part of readings: import, sources, charts."""

"""Layers and their data, base maps and joins."""

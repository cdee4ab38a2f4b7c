"""Widgets of the time line."""

"""Widgets of the report of a health check."""

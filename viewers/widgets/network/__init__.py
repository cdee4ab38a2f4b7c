"""Widgets of pipe networks."""

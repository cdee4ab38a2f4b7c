"""Widgets of what leaves the house."""

"""Widgets of cases."""

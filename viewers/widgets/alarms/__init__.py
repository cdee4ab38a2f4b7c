"""Widgets of alarms: list, rule form."""

"""Widgets of trends and patterns."""

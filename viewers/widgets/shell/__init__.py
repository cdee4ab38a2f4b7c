"""Palette, messages, status bar, welcome page."""

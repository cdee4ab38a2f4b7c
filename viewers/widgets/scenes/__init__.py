"""Widgets of scene presets."""

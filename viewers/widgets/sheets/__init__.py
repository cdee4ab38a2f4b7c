"""Widgets of map sheets and atlases."""

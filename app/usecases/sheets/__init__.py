"""Verbs of map sheets and atlases."""

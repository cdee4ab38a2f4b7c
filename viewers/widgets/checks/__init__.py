"""Panels of checks."""

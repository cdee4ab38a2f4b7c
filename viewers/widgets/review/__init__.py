"""Panels of the review."""

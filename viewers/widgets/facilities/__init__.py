"""Panels of the facilities."""

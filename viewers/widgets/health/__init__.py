"""Panels of the health check."""

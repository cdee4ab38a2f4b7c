"""Panels of building models."""

"""Bars and panels of views."""

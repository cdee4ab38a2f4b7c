"""Styles of layers."""

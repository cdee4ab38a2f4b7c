"""Widgets of the exchange between levels."""

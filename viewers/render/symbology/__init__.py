"""Colours, shapes and legends by value."""

"""Symbology: colours, shapes and legends by value."""

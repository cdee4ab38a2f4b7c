"""Colours, light and what a maker of actors is told."""

"""Colours, light, painted textures, and what a maker of parts is told."""

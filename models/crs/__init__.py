"""Coordinate reference systems: the project's frame, their names and the doctor."""

"""Viewpoints, flights, annotations, comparison and snapshots."""

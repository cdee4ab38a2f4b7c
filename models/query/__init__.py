"""Queries over layers: expressions, spatial relations, statistics and names. Plain arrays, no Qt, no words."""

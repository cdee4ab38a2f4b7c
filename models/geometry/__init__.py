"""Meshes, tables of features, well-known binary and the quadtree over them."""

"""Layers of very many objects: drawn in chunks, coarser from afar, loaded as the eye comes near."""

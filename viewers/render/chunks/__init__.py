"""Level of detail for very large layers: a quadtree of chunks, coarser with distance, loaded on demand."""

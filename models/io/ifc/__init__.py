"""IFC in all its encodings, and what is written back to it."""

"""Check models: quality, IDS, clashes, versions."""

"""Draw layers by their data."""

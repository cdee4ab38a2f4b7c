"""Municipal components."""

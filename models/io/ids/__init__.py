"""IDS 1.0: information delivery specifications, read, judged and checked against IFC models."""

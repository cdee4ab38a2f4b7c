"""Where problems gather, which come together, and where renewal should begin."""

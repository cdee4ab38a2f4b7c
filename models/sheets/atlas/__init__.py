"""An atlas: which pages there are, in which order and under which numbers, and what its index says."""

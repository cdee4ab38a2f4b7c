"""Pipe networks: what hangs together, which way it flows, and what is in the way."""

"""Pipe networks in the window."""

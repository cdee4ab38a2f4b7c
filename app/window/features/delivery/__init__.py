"""The window's part of what leaves the house."""

"""The window's part of the time line."""

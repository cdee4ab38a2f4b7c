"""The window's part of cases."""

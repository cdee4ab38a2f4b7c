"""The window's part of the report of a health check."""

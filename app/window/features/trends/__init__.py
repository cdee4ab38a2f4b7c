"""The window's part of trends and patterns."""

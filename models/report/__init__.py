"""The report of a health check: its outline, blocks and their states, and the one table of results it states."""

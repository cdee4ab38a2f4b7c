"""The urban health check."""

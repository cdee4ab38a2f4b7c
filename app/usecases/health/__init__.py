"""The indicators of the city health check."""

"""Filters, table, statistics and search."""

"""Queries: filters, selection, tables, statistics, search."""

"""Findings of checks: quality, clashes, comparison of versions."""

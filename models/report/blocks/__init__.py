"""Blocks of the report: what became of each, what people wrote, and what must not stand in it."""

"""Judging: what the program proposes, what a named person decides, and grades put together (评定)."""

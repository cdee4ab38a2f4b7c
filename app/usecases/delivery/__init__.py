"""Verbs of what leaves the house."""

"""Bring layers in, change them, join tables to them and hand them out."""

"""Seeing and digging below the ground."""

"""Profiles of the sample city: what of it is made for a purpose of its own."""

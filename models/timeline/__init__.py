"""The moment that the whole program shows, and what happened along time."""

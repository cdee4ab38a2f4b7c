"""Camera, saved views, flights, annotations, comparison, underground, pictures."""

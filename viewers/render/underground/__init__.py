"""Ground transparency and excavation pits."""

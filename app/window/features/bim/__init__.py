"""The model browser and what belongs to it."""

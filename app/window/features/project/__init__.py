"""Recovery of unsaved work."""

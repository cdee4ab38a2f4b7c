"""The project file, and recovery of unsaved work."""

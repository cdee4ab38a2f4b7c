"""The project, its history and the selection."""

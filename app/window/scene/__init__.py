"""Keep the scene in step with the project."""

"""The topics panel."""

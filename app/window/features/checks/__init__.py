"""The checks panel."""

"""Atlases: what gets a page, its sheet, and the run that has all of them drawn and joined."""

"""Dialogs of the CRS doctor and the placement bar."""

"""Longitudinal profiles along pipes and cross-sections of streets."""

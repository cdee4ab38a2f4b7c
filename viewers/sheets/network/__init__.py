"""Longitudinal profiles and cross-sections as drawings: one code for the screen and for print."""

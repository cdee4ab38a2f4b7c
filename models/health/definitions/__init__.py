"""Definitions as people change them: editions as templates, local indicators, stars, the log, the freeze."""

"""Facilities of the sample city in time: what its further sensors measure in July 2025."""

"""The window's part of the exchange between levels."""

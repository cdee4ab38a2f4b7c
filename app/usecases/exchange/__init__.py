"""What is exchanged between levels."""

"""What is found along time and over space."""

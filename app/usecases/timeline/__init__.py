"""What is shown at a moment."""

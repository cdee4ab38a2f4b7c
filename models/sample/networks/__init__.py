"""What the networks of the sample city hold beyond their pipes."""

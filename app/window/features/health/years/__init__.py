"""Year on year in the window."""

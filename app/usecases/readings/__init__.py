"""What is done with readings: imported, asked, kept."""

"""Cases, files and mistakes for the CRS doctor."""

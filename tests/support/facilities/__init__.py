"""Small tables of facilities."""

"""PostGIS and OGC services."""

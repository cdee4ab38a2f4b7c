"""Files in which packages of records go from one level to another: JSON, GeoJSON, XLSX."""

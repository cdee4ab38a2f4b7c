"""Files that go into the field and come back: GeoPackages that QField opens."""

"""Import layers, change them, join tables to them and export them."""

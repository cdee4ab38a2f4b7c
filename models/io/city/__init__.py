"""CityJSON and CityGML."""

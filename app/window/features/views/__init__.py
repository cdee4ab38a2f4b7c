"""Flights, annotations, comparison and the underground."""

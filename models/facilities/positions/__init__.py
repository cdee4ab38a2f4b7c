"""Positions of components as satellite receivers measured them."""

"""Codes of components and grids: editions, building, checking, repair and migration."""

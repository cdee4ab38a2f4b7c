"""LAS, LAZ and COPC."""

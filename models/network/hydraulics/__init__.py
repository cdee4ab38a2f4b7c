"""Models of SWMM and EPANET: their text kept whole, their tables, checks, runs and results."""

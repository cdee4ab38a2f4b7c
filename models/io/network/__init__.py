"""Models of pipe networks: SWMM and EPANET."""

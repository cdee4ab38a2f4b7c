"""Check and correct the coordinate systems, heights and placement of layers."""

"""Drafts of SWMM models from a register of drains, a terrain and a design storm."""

"""Where an IFC model stands: what its file states, what is believed of it, and what an address says to it."""

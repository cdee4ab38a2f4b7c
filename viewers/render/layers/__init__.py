"""One maker a role: from layer data to parts."""

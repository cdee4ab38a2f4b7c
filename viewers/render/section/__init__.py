"""Section planes and the faces that they cut."""

"""glTF and OBJ."""

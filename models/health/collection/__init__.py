"""Collection in the field: forms out by unit, returns back, what two people saw differently, and how far it is."""

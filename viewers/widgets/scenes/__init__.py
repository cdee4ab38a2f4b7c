"""The gallery of scenes and the panel of the one that is on."""

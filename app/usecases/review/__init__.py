"""Topics of a review and their exchange as BCF."""

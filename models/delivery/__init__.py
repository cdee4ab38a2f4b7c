"""What leaves the house: review packages with their manifest, hand-over folders, the paper set."""

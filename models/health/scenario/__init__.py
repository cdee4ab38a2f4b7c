"""What if: facilities moved, added or closed and rules changed, beside the base and without touching it."""

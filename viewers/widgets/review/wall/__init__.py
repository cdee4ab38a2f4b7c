"""What stands on the wall of a review beside the city: few words, large, read at six metres."""

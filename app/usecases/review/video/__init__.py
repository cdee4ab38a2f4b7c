"""Videos: along the agenda of the review, or along a flight path."""

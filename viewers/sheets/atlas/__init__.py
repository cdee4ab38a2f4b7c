"""The index of an atlas, and its pages joined into one file."""

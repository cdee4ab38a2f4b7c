"""Words and marks over the picture: labels, measurements, annotations."""

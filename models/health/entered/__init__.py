"""Values of indicators that people enter or import: kept beside the layers, graded like computed ones."""

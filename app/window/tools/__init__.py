"""Tools on the canvas: select, measure, cut, place."""

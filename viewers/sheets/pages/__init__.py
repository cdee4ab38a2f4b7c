"""Pages: what stands on a map sheet, ready to be drawn, and the one code that draws it on a picture and on paper."""

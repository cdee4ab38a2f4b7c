"""Messages of citizens (12345): classed by words, placed by names, grouped, held against cases."""

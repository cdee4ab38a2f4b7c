"""One layer on the plotter: its actors, how its elements look, what shows that an object is selected."""

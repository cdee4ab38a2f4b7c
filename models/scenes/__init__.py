"""Scene presets: what of a city is shown for one purpose, as data."""

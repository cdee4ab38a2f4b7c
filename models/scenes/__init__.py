"""Scene presets: what is shown of a city for one trade."""

"""Scene presets in the window."""

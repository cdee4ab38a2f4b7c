"""The frame of the window: layout, docks, commands, messages."""

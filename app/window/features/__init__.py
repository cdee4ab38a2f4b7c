"""What the window can do, one folder a topic: docks, tools and actions that plug into the window."""

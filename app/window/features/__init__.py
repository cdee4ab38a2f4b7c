"""The features of the window, one folder a topic: panels, actions and menus."""

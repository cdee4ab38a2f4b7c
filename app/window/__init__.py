"""The main window: frame, features, tools and scene."""

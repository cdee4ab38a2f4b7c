"""Layer list, properties, import and export dialogs."""

"""What sensors measured: channels, readings and the store beside the project."""

"""Presenting an agenda: the picture alone, keys and remote control, what fails, pen and pointer, the second screen."""

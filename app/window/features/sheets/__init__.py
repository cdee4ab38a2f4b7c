"""The window's part of map sheets and atlases."""

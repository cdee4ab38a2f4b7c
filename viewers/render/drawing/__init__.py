"""One layer in a scene: its actors, the appearance of its elements, the highlight of the selection."""

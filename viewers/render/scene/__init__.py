"""The scene: the sole owner of actors, camera and picking."""

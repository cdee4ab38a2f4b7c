"""Many pictures of one scene: built once, drawn often, and asked what is really seen."""

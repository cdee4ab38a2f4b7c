"""How layers are drawn: what a style says, how values fall into classes, which colours they take."""

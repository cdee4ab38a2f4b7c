"""What can be asked of layers: expressions, places, figures and names. Plain arrays, no Qt, no words."""

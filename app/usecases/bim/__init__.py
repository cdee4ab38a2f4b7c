"""Look into building models and take facts from them."""

"""Positions as receivers of BeiDou, GPS and other satellites give them."""

"""Arrays and parts from which actors are made."""

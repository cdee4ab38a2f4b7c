"""The state of the municipal facilities."""

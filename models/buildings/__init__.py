"""What buildings tell of themselves: heights and storeys."""

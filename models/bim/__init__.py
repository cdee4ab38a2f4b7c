"""Building models: trees, columns of values, selection rules, measures, placement, and facts for city records."""

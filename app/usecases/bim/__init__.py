"""Building models: visibility of elements, selection sets, levels of detail, facts."""

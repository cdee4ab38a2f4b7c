"""City health check: editions of the indicator set, and the indicators that layers can answer."""

"""Open, save, recover and make projects."""

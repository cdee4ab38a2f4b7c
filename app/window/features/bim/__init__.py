"""Building models: browser, sections, measuring, facts, levels of detail."""

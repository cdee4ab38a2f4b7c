"""The quality gate of facilities: rules as data, judged over whole tables, with what could not be judged."""

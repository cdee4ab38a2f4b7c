"""Judge where layers stand and set it right."""

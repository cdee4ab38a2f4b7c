"""What a message of a source means: topics, fields, times, and what is wrong with it."""

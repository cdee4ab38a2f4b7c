"""Table, statistics and query dialogs."""

"""Ask the city: filters, tables, statistics, search."""

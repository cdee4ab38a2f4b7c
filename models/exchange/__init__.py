"""Exchange between county, city and province: records, merging by business key, roll-up."""

"""What a review keeps: topics, what was said of them and how they were looked at."""

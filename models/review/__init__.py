"""What a review keeps: topics, with their comments and views."""

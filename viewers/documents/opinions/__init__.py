"""What was said in a review, on paper: the table of decisions (意见采纳表) and the minutes (评审会纪要)."""

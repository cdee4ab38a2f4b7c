"""What is drawn of the city, as files of other programs are told it."""

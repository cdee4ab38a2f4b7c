"""Controls that many panels share."""

"""What tests of pipe networks share."""

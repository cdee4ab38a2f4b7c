"""Clear distances between pipes, against the tables of GB 50289."""

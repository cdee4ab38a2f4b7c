"""The text of a report: sentences of templates, numbers that keep their ids, and names that do not belong there."""

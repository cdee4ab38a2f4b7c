"""The window's part of alarms: list, rules, dry run."""

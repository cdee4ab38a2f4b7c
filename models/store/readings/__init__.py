"""What lies beside a project: readings, the journal of messages, the log of alarms."""

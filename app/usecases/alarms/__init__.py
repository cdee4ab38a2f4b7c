"""What is done with alarms: judged, replayed, acknowledged."""

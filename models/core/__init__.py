"""What everything else rests on: errors, progress, signals, files of arrays."""

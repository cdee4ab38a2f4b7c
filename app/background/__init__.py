"""Work off the UI thread: jobs, child processes, reading in stages."""

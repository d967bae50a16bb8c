"""The archive on the command line: where it is, its records as text, and replays of it."""

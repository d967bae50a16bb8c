"""An application tried out on a file of records: no stream, no clock, the same rows every time."""

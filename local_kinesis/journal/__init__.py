"""What keeps the streams beyond the life of the process."""

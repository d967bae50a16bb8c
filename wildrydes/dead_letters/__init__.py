"""What operators do with dead letters: choose, count, look at, put back."""

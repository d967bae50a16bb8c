"""A plan in words: what it reads, keeps, waits for and puts out, and what can fail in it."""

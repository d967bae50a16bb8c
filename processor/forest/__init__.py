"""A random cut forest over a stream of points: NumPy, seeded, the same whatever the batches are."""

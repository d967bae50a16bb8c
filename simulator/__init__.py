"""Unicorns in, sensor readings out."""

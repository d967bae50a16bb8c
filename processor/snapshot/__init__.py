"""Positions and state in one write: what a restart goes on from."""

"""Typed expressions compiled to closures over columns, once a plan."""

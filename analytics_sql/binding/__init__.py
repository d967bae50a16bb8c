"""Statements in, a typed plan out: names, types and the rules of the dialect."""

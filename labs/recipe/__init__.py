"""Amazon ML's recipes: a text that says which transformations of which attributes a model learns
from. Parsed, checked against the schema, learned from the training rows, applied to any.
"""

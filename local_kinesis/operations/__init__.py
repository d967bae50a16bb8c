"""What the service can do: one function for each operation, from a checked request to its result.
No I/O.
"""

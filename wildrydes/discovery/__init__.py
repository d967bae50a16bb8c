"""The schema of an input, discovered from a sample of its records, as the service's console did."""

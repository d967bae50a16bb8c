"""A file of rows with a schema, in Amazon ML's terms: attributes of kinds, one the target."""

"""SQL over the archive, as Athena has it: the table, and its dialect in DuckDB's."""

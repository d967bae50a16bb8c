"""A page to ask a DuckDB file, for those without psql."""

"""`wildrydes query`: SQL over the archive, here with DuckDB or on Athena."""

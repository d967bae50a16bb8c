"""Redshift's COPY, its load errors and its SQL, on DuckDB or PostgreSQL."""

"""Reference tables: rows from files and from objects on S3 that streams are joined with."""

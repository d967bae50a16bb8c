"""The text of a Hive script: its variables, statements, tables and queries."""

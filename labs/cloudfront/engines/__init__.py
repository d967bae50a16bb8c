"""What runs the queries of a Hive script over files of lines."""
